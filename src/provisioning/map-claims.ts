import { type ClaimTarget, targetUri, transformClaim } from '../connections/claim-mapping.ts';
import type { Connection } from '../connections/connection.ts';
import { isAttributeClaim, claims as ours, standardClaims } from '../directory/claims.ts';
import { mailKey } from '../directory/verified-address.ts';
import { isMailAddress } from '../mail/address.ts';
import { claimText } from './claim-text.ts';

type Mapping = Pick<Connection, 'claimMapping'>;

/** What an identity provider said of a person, as attributes by claim URI. */
export function mapClaims(connection: Mapping, claims: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(traceClaims(connection, claims).map(({ uri, value }) => [uri, value]));
}

/** The same, with the claim that each attribute is from. Later entries never overwrite earlier ones. */
export function traceClaims(
  connection: Mapping,
  claims: Record<string, unknown>,
): { claim: string; uri: string; value: string }[] {
  const traced: { claim: string; uri: string; value: string }[] = [];
  for (const [claim, target] of listMapping(connection)) {
    const uri = targetUri(target);
    const value = Object.hasOwn(claims, claim) ? claimText(transformClaim(target, claims[claim])) : null;
    if (value !== null && !traced.some((other) => other.uri === uri)) traced.push({ claim, uri, value });
  }
  return traced;
}

/**
 * The pairs of the provider's claim and ours that hold for a connection: its own mapping, then the standard claims. Where its own names a
 * claim or a URI, the standard pair of that claim or URI is void.
 */
function listMapping({ claimMapping }: Mapping): [claim: string, target: ClaimTarget][] {
  const own = Object.entries(claimMapping);
  const taken = new Set(own.map(([, target]) => targetUri(target)));
  const standard = Object.entries(standardClaims).filter(
    ([claim, uri]) => !Object.hasOwn(claimMapping, claim) && !taken.has(uri),
  );
  return [...own.filter(([, target]) => isAttributeClaim(targetUri(target))), ...standard];
}

/**
 * Which of the mapped attributes are proven to be the person's: the mail address, if the provider says so of the address
 * that was mapped (case may differ, as by a transform), and this connection is trusted to know.
 */
export function listProven(
  connection: Mapping & Pick<Connection, 'trustsVerifiedEmail'>,
  claims: Record<string, unknown>,
): string[] {
  const mapped = mapClaims(connection, claims)[ours.email];
  return hasVerifiedMail(connection, claims) && mapped !== undefined && isSameMail(mapped, claims['email'])
    ? [ours.email]
    : [];
}

export function isSameMail(one: unknown, other: unknown): boolean {
  return typeof one === 'string' && typeof other === 'string' && mailKey(one) === mailKey(other);
}

/** Some providers send the flag as text. */
export function hasVerifiedMail(
  connection: Pick<Connection, 'trustsVerifiedEmail'>,
  claims: Record<string, unknown>,
): boolean {
  const { email, email_verified: flag } = claims;
  return (
    connection.trustsVerifiedEmail &&
    (flag === true || flag === 'true') &&
    typeof email === 'string' &&
    isMailAddress(email)
  );
}
