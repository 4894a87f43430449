import type { Connection } from '../connections/connection.ts';
import { claimUri, isAttributeClaim, claims as ours, standardClaims } from '../directory/claims.ts';
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
  for (const [claim, uri] of listMapping(connection)) {
    const value = Object.hasOwn(claims, claim) ? claimText(claims[claim]) : null;
    if (value !== null && !traced.some((other) => other.uri === uri)) traced.push({ claim, uri, value });
  }
  return traced;
}

/**
 * The pairs of claim and URI that hold for a connection: its own mapping, then the standard claims. Where its own names a
 * claim or a URI, the standard pair of that claim or URI is void.
 */
function listMapping({ claimMapping }: Mapping): [claim: string, uri: string][] {
  const own = Object.entries(claimMapping).map(([claim, uri]): [string, string] => [claim, claimUri(uri)]);
  const taken = new Set(own.map(([, uri]) => uri));
  const standard = Object.entries(standardClaims).filter(
    ([claim, uri]) => !Object.hasOwn(claimMapping, claim) && !taken.has(uri),
  );
  return [...own.filter(([, uri]) => isAttributeClaim(uri)), ...standard];
}

/**
 * Which of the mapped attributes are proven to be the person's: the mail address, if the provider says so of exactly the
 * address that was mapped, and this connection is trusted to know.
 */
export function listProven(
  connection: Mapping & Pick<Connection, 'trustsVerifiedEmail'>,
  claims: Record<string, unknown>,
): string[] {
  return hasVerifiedMail(connection, claims) && mapClaims(connection, claims)[ours.email] === claims['email']
    ? [ours.email]
    : [];
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
