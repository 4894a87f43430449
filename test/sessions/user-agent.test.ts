import { expect, test } from 'vitest';
import { parseUserAgent } from '../../src/sessions/user-agent.ts';

const mozilla = 'Mozilla/5.0';
const apple = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const phone = `${mozilla} (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)`;

test.each([
  ['Chrome', 'Windows', 'Desktop', `${mozilla} (Windows NT 10.0; Win64; x64) ${apple} Chrome/144.0.0.0 Safari/537.36`],
  ['Chrome', 'Android', 'Mobile', `${mozilla} (Linux; Android 10; K) ${apple} Chrome/144.0.0.0 Mobile Safari/537.36`],
  ['Chrome', 'Android', 'Tablet', `${mozilla} (Linux; Android 10; K) ${apple} Chrome/144.0.0.0 Safari/537.36`],
  ['Chrome', 'ChromeOS', 'Desktop', `${mozilla} (X11; CrOS x86_64 14541.0.0) ${apple} Chrome/144.0.0.0 Safari/537.36`],
  ['Chrome', 'iOS', 'Mobile', `${phone} CriOS/144.0.7559.5 Mobile/15E148 Safari/604.1`],
  [
    'Edge',
    'Windows',
    'Desktop',
    `${mozilla} (Windows NT 10.0; Win64; x64) ${apple} Chrome/144.0.0.0 Safari/537.36 Edg/144.0.0.0`,
  ],
  ['Opera', 'Linux', 'Desktop', `${mozilla} (X11; Linux x86_64) ${apple} Chrome/143.0.0.0 Safari/537.36 OPR/127.0.0.0`],
  [
    'Samsung Internet',
    'Android',
    'Mobile',
    `${mozilla} (Linux; Android 10; K) ${apple} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
  ],
  ['Firefox', 'Linux', 'Desktop', `${mozilla} (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0`],
  ['Firefox', 'iOS', 'Mobile', `${phone} FxiOS/146.0 Mobile/15E148 Safari/605.1.15`],
  [
    'Safari',
    'macOS',
    'Desktop',
    `${mozilla} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15`,
  ],
  ['Safari', 'iOS', 'Mobile', `${phone} Version/26.1 Mobile/15E148 Safari/604.1`],
  [
    'Safari',
    'iPadOS',
    'Tablet',
    `${mozilla} (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1`,
  ],
  ['Internet Explorer', 'Windows', 'Desktop', `${mozilla} (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko`],
  ['Unknown', 'Unknown', 'Unknown', ''],
  ['Unknown', 'Unknown', 'Unknown', 'curl/8.17.0'],
  ['Unknown', 'Unknown', 'Unknown', '<script>alert(1)</script>'],
  ['Unknown', 'Linux', 'Desktop', `${mozilla} (X11; Linux x86_64)`],
])('%s on %s (%s)', (browser, platform, device, rawString) => {
  expect(parseUserAgent(rawString)).toEqual({ rawString, browser, platform, device });
});

test('a header made to be slow is parsed at once', () => {
  const before = performance.now();
  parseUserAgent(`Version/${'1.'.repeat(200_000)} ${'Mac OS '.repeat(50_000)}`);
  expect(performance.now() - before).toBeLessThan(1000);
});
