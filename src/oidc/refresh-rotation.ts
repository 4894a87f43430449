import { errors } from '../kernel/oidc-provider.ts';

/**
 * Every refresh answers a new refresh token. An old one that comes back is taken for stolen and ends the whole sign-in
 * (RFC 9700 section 4.14.2), but not when it was used a moment ago: two tabs of an application often refresh at the same
 * time. The second is refused then, and nothing else happens; it finds the new token where the first has put it. Nobody
 * ever gets a second token for the same old one.
 */
const graceMs = 10_000;

/** @throws InvalidGrant when the token is a refresh token that was used a moment ago. */
export function refuseJustUsed(token: { kind: string; consumed?: unknown } | undefined, now: number): void {
  if (token?.kind !== 'RefreshToken' || typeof token.consumed !== 'number') return;
  if (now - token.consumed < graceMs) throw new errors.InvalidGrant('refresh token was used a moment ago');
}
