import { targetUri } from '../connections/claim-mapping.ts';
import type { Connection } from '../connections/connection.ts';
import { claimName, standardClaims } from '../directory/claims.ts';
import { hasVerifiedMail, isSameMail, mapClaims } from './map-claims.ts';
import { mapGroups } from './map-groups.ts';

/**
 * What an application gets to know of a person without an account (JIT provisioning off), by the names of OpenID Connect
 * claims: the mapped attributes, an address and other standard claims in the form the provider gave them, `email_verified`
 * only as far as the connection is trusted, and the groups that have a mapping.
 */
export function passThroughClaims(connection: Connection, claims: Record<string, unknown>): Record<string, unknown> {
  const passed: Record<string, unknown> = {};
  for (const [uri, text] of Object.entries(mapClaims(connection, claims))) {
    const name = standardNames.get(uri) ?? claimName(uri);
    // Attributes under other URIs stay inside, and names that belong to the token itself are not the person's to fill.
    if (uri !== claimName(uri) && !reserved.has(name))
      passed[name] = isUnchanged(connection, name, uri) ? (claims[name] ?? text) : text;
  }
  if (passed['email'] !== undefined) {
    passed['email_verified'] = hasVerifiedMail(connection, claims) && isSameMail(passed['email'], claims['email']);
  }
  const { groups } = mapGroups(connection, claims);
  if (groups.length > 0) passed['groups'] = groups;
  return passed;
}

const standardNames = new Map(Object.entries(standardClaims).map(([name, uri]) => [uri, name]));

const reserved = new Set(
  'iss sub aud exp nbf iat jti azp nonce acr amr auth_time sid at_hash c_hash s_hash cnf email_verified phone_number_verified groups role roles'.split(
    ' ',
  ),
);

/** Did the value come by the standard way, from the claim of the same name? */
function isUnchanged({ claimMapping }: Connection, name: string, uri: string): boolean {
  const ownPairs = Object.entries(claimMapping);
  return (
    standardClaims[name] === uri && !ownPairs.some(([claim, target]) => claim === name || targetUri(target) === uri)
  );
}
