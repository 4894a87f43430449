/** A browser as people would name it. What the header does not tell is `Unknown`. */
export interface UserAgent {
  rawString: string;
  browser: string;
  platform: string;
  device: 'Desktop' | 'Mobile' | 'Tablet' | 'Unknown';
}

/*
 * In the order of their tests: most browsers also claim to be those that stand below them. It tells people their browsers
 * apart and is never believed for more, since anybody can send any header.
 */
const browsers: readonly (readonly [name: string, sign: RegExp])[] = [
  ['Edge', /\bEdgA?\/|\bEdgiOS\/|\bEdge\//],
  ['Opera', /\bOPR\/|\bOPT\/|\bOpera\b/],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Vivaldi', /\bVivaldi\//],
  ['DuckDuckGo', /\bDuckDuckGo\/|\bDdg\//],
  ['Firefox', /\bFirefox\/|\bFxiOS\//],
  ['Chromium', /\bChromium\//],
  ['Chrome', /\bChrome\/|\bCriOS\/|\bHeadlessChrome\//],
  ['Safari', /\bVersion\/[\d.]+ .*\bSafari\//],
  ['Internet Explorer', /\bMSIE \d|\bTrident\//],
];

const platforms: readonly (readonly [name: string, sign: RegExp])[] = [
  ['Android', /\bAndroid\b/],
  ['iPadOS', /\biPad\b/],
  ['iOS', /\biPhone\b|\biPod\b/],
  ['Windows', /\bWindows\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMac OS X\b|\bMacintosh\b/],
  ['Linux', /\bLinux\b|\bX11\b/],
];

/** @param rawString a User-Agent header (RFC 9110 section 10.1.5); may be empty or anything else. */
export function parseUserAgent(rawString: string): UserAgent {
  const find = (table: typeof browsers) => table.find(([, sign]) => sign.test(rawString))?.[0] ?? 'Unknown';
  const platform = find(platforms);
  return { rawString, browser: find(browsers), platform, device: deviceOf(platform, rawString) };
}

function deviceOf(platform: string, rawString: string): UserAgent['device'] {
  switch (platform) {
    case 'Unknown':
      return 'Unknown';
    case 'iOS':
      return 'Mobile';
    case 'iPadOS':
      return 'Tablet';
    // On Android, phones say «Mobile» and tablets do not.
    case 'Android':
      return /\bMobile\b/.test(rawString) ? 'Mobile' : 'Tablet';
    default:
      return 'Desktop';
  }
}
