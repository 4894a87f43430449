import { isAdministrationRole } from '../directory/role.ts';
import type { User } from '../directory/user.ts';
import type { ApplicationId } from '../kernel/ids.ts';

/** Claims by the scope that asks for them (OpenID Connect Core 1.0 section 5.4; `groups` and `roles` are our own). */
export const claimsByScope = {
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  groups: ['groups'],
  roles: ['roles'],
} as const;

const prefix = 'http://wso2.org/claims/';

/** Our claim URIs, without their prefix, and what applications call them. Where two mean the same, the first that is set counts. */
const textClaims: readonly (readonly [uri: string, claim: string])[] = [
  ['fullname', 'name'],
  ['displayName', 'name'],
  ['givenname', 'given_name'],
  ['lastname', 'family_name'],
  ['middleName', 'middle_name'],
  ['nickname', 'nickname'],
  ['username', 'preferred_username'],
  ['preferredUsername', 'preferred_username'],
  ['profile', 'profile'],
  ['photourl', 'picture'],
  ['url', 'website'],
  ['gender', 'gender'],
  ['dob', 'birthdate'],
  ['timeZone', 'zoneinfo'],
  ['local', 'locale'],
  ['emailaddress', 'email'],
  ['mobile', 'phone_number'],
  ['telephone', 'phone_number'],
];

/** Members of the claim `address` (section 5.1.1). */
const addressClaims: readonly (readonly [uri: string, member: string])[] = [
  ['addresses', 'formatted'],
  ['streetaddress', 'street_address'],
  ['locality', 'locality'],
  ['region', 'region'],
  ['postalcode', 'postal_code'],
  ['country', 'country'],
];

/** What the provider itself says about a sign-in. Nobody else may. */
const reserved = new Set(
  'sub iss aud exp iat nbf jti nonce acr amr auth_time sid azp at_hash c_hash s_hash cnf events active client_id scope constructor'.split(
    ' ',
  ),
);

const standard: ReadonlySet<string> = new Set(Object.values(claimsByScope).flat());
const mapped = new Set([...textClaims, ...addressClaims].map(([uri]) => uri).concat('groups', 'role', 'roles'));

/**
 * Attributes by claim URI as OpenID Connect claims. An attribute of our own naming, `http://wso2.org/claims/costCentre`,
 * becomes the claim `costCentre`, unless that is the name of another claim; attributes under other URIs stay inside.
 * @param verified the URIs of those that are proven to be the person's.
 */
export function toOidcClaims(
  attributes: Iterable<{ uri: string; value: string }>,
  verified: Iterable<string> = [],
): Record<string, unknown> {
  const values = new Map<string, string>();
  for (const { uri, value } of attributes) {
    if (uri.startsWith(prefix) && value !== '') values.set(uri.slice(prefix.length), value);
  }
  const proven = new Set(verified);
  const claims = new Map<string, unknown>();
  for (const [uri, claim] of textClaims) {
    const value = values.get(uri);
    if (value === undefined || claims.has(claim)) continue;
    claims.set(claim, value);
    if (claim === 'email' || claim === 'phone_number') claims.set(`${claim}_verified`, proven.has(prefix + uri));
  }
  const address = addressClaims.flatMap(([uri, member]) => (values.has(uri) ? [[member, values.get(uri)]] : []));
  if (address.length > 0) claims.set('address', Object.fromEntries(address));
  for (const [name, value] of values) {
    if (!mapped.has(name) && isCustomClaim(name) && /^[\w.-]+$/.test(name)) claims.set(name, value);
  }
  return Object.fromEntries(claims);
}

/**
 * What an application may get to know of an account, in full; scopes decide which of it it does. Roles are the organisation's
 * and the application's own; none of the latter passes for one that rules this server.
 */
export function toAccountClaims(user: User, application: ApplicationId | null): Record<string, unknown> {
  const own = user.applicationRoles.filter(
    ({ applicationId, name }) => applicationId === application && !isAdministrationRole(name),
  );
  return {
    ...toOidcClaims(user.attributes, user.verified),
    preferred_username: user.username,
    updated_at: Math.floor(user.updatedAt / 1000),
    groups: user.groups.map(({ name }) => name),
    roles: [...new Set([...user.roles, ...own].map(({ name }) => name))],
  };
}

/** Has the claim a meaning of its own, that neither the standard nor the provider gives it? */
export function isCustomClaim(name: string): boolean {
  return !standard.has(name) && !reserved.has(name) && !name.startsWith('_') && name.length <= 200;
}

/** Drops what a sign-in may not say of itself. */
export function withoutReserved(claims: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => standard.has(name) || isCustomClaim(name)));
}
