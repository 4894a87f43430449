import type { Finding } from '../../validator/finding.ts';
import { createContentFinding } from '../content-error.ts';

/**
 * Redirect URIs are compared as texts, so each must be written as browsers write it: absolute, https (http on a loopback
 * address, for development and native applications), without fragment (RFC 6749, section 3.1.2) and without credentials.
 */
export function checkRedirectUris(
  uris: readonly string[],
  field: 'redirectUris' | 'postLogoutRedirectUris',
): Finding[] {
  return uris.flatMap((uri, i) => {
    const fault = findFault(uri);
    return fault === null ? [] : createContentFinding('REDIRECT_URI_INVALID', `/${field}/${i}`, fault);
  });
}

/** The same for where an application is told of logouts (OpenID Connect Back-Channel Logout 1.0, section 2.2). */
export function checkLogoutUri(uri: string | null): Finding[] {
  const fault = uri === null ? null : findFault(uri, 'A logout URI');
  return fault === null ? [] : [createContentFinding('LOGOUT_URI_INVALID', '/backchannelLogoutUri', fault)];
}

function findFault(uri: string, what = 'A redirect URI'): string | null {
  const url = URL.parse(uri);
  if (!url) return `${what} must be absolute, such as https://app.example.com/callback.`;
  if (uri.includes('#')) return `${what} must have no fragment (#…).`;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return `${what} must be https, or http on a loopback address.`;
  }
  if (url.username || url.password) return `${what} must have no user name or password.`;
  if (url.hostname.includes('*')) return `${what} must be exact: «*» stands for nothing else.`;
  if (url.href !== uri && url.href !== `${uri}/`) return `${what} must be written as browsers write it: ${url.href}`;
  return null;
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}
