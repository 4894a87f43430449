import type { SamlConnection } from '../../connections/connection.ts';
import type { AssertionFacts } from './assertion.ts';

const soap = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

/** The names that providers use for what OpenID Connect has a name for: LDAP's by OID, those of Microsoft, plain ones. */
const knownNames: Readonly<Record<string, readonly string[]>> = {
  email: ['urn:oid:0.9.2342.19200300.100.1.3', `${soap}/emailaddress`, 'mail', 'email'],
  given_name: ['urn:oid:2.5.4.42', `${soap}/givenname`, 'givenName', 'firstName'],
  family_name: ['urn:oid:2.5.4.4', `${soap}/surname`, 'sn', 'lastName'],
  name: ['urn:oid:2.16.840.1.113730.3.1.241', `${soap}/name`, 'displayName', 'cn'],
  preferred_username: ['urn:oid:0.9.2342.19200300.100.1.1', 'uid', 'username'],
  groups: [
    'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups',
    'urn:oid:1.3.6.1.4.1.5923.1.5.1.1',
    'memberOf',
  ],
};

/** Names that tell of the sign-in itself: no attribute speaks for them. */
const reserved = new Set(['sub', 'iss', 'aud', 'amr', 'acr', 'auth_time', 'email_verified']);

/**
 * An assertion's attributes as claims: each under its own name, and those that are known under the OpenID Connect one too.
 * SAML has no word for a verified address, so the admin's trust in the provider is that word.
 */
export function toClaims(
  { attributes, acr, authTime }: Pick<AssertionFacts, 'attributes' | 'acr' | 'authTime'>,
  { trustsVerifiedEmail }: Pick<SamlConnection, 'trustsVerifiedEmail'>,
): Record<string, unknown> {
  const claims = new Map<string, unknown>();
  for (const [name, values] of attributes) {
    if (!reserved.has(name) && values.length > 0) claims.set(name, values.length === 1 ? values[0] : values);
  }
  for (const [claim, names] of Object.entries(knownNames)) {
    const name = names.find((one) => claims.has(one));
    if (name !== undefined && !claims.has(claim)) claims.set(claim, claims.get(name));
  }
  if (typeof claims.get('email') === 'string' && trustsVerifiedEmail) claims.set('email_verified', true);
  if (acr !== null) claims.set('acr', acr);
  if (authTime !== null) claims.set('auth_time', authTime);
  return Object.fromEntries(claims);
}
