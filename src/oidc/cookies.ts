/**
 * The names of our cookies; all begin with `sg_` (or `__Host-sg_`), which is how a script's view of the browser's cookies
 * leaves them out.
 * @param secure the server is reached over https. The `__Host-` prefix (RFC 6265bis section 4.1.3.2) needs that.
 */
export function cookieNames({ secure }: { secure: boolean }): { session: string; interaction: string; resume: string } {
  return {
    session: secure ? '__Host-sg_session' : 'sg_session',
    interaction: 'sg_interaction',
    resume: 'sg_resume',
  };
}

/** @param header a Cookie header (RFC 6265 section 4.2). Of a name that comes twice the first counts. */
export function parseCookies(header: string | undefined): Record<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals > 0 && name && !cookies.has(name)) cookies.set(name, decode(pair.slice(equals + 1).trim()));
  }
  return Object.fromEntries(cookies);
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
