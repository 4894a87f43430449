import { AppError } from '../kernel/errors.ts';
import type { Origin, User } from './user.ts';
import { mailClaim } from './verified-address.ts';

const dialect = 'http://wso2.org/claims/';

/** The URI of a claim that may be given by its plain name: `givenname` and `http://wso2.org/claims/givenname` are one. */
export function claimUri(nameOrUri: string): string {
  return nameOrUri.includes(':') ? nameOrUri : dialect + nameOrUri;
}

/** The plain name of a claim of our dialect; other URIs stay as they are. */
export function claimName(uri: string): string {
  return uri.startsWith(dialect) && uri.length > dialect.length ? uri.slice(dialect.length) : uri;
}

/** The claims that script authors and OpenID Connect know by name. */
export const claims = {
  email: mailClaim,
  givenName: `${dialect}givenname`,
  lastName: `${dialect}lastname`,
  fullName: `${dialect}fullname`,
  middleName: `${dialect}middleName`,
  nickname: `${dialect}nickname`,
  preferredUsername: `${dialect}preferredUsername`,
  profile: `${dialect}profile`,
  picture: `${dialect}photourl`,
  website: `${dialect}url`,
  gender: `${dialect}gender`,
  birthDate: `${dialect}dob`,
  timeZone: `${dialect}timeZone`,
  locale: `${dialect}local`,
  mobile: `${dialect}mobile`,
  address: `${dialect}addresses`,
  /** Read from the account itself; not an attribute. */
  username: `${dialect}username`,
  userId: `${dialect}userid`,
} as const;

/** The standard claims (OpenID Connect Core 1.0, section 5.1) and the attributes that hold them: used in both directions. */
export const standardClaims: Readonly<Record<string, string>> = {
  email: claims.email,
  given_name: claims.givenName,
  family_name: claims.lastName,
  name: claims.fullName,
  middle_name: claims.middleName,
  nickname: claims.nickname,
  preferred_username: claims.preferredUsername,
  profile: claims.profile,
  picture: claims.picture,
  website: claims.website,
  gender: claims.gender,
  birthdate: claims.birthDate,
  zoneinfo: claims.timeZone,
  locale: claims.locale,
  phone_number: claims.mobile,
  address: claims.address,
};

/** Claims that tell of the account and cannot be written as attributes. */
const ownClaims: Readonly<Record<string, (user: User) => string>> = {
  [claims.username]: (user) => user.username,
  [claims.userId]: (user) => user.id,
};

/** Can the claim be kept as an attribute? `username` and `userid` tell of the account itself. */
export function isAttributeClaim(uri: string): boolean {
  return !Object.hasOwn(ownClaims, uri);
}

/** What an account's claims say, by URI: its attributes, its user name and its id. */
export function readClaims(user: User): Record<string, string> {
  return Object.fromEntries([
    ...user.attributes.map(({ uri, value }) => [uri, value]),
    ...Object.entries(ownClaims).map(([uri, read]) => [uri, read(user)]),
  ]);
}

/**
 * The account with one claim changed; null (or no text) removes it. A value that changes is no longer proven. Writing
 * what is there already changes nothing, its origin neither.
 *
 * @param claim its URI or plain name
 * @throws AppError VALIDATION_FAILED for claims that are not attributes (`username`, `userid`)
 */
export function writeClaim(user: User, claim: string, value: string | null, origin: Origin): User {
  const uri = claimUri(claim);
  if (!isAttributeClaim(uri)) {
    throw new AppError('VALIDATION_FAILED', { detail: `${claimName(uri)} cannot be written as a claim.` });
  }
  const before = user.attributes.find((attribute) => attribute.uri === uri);
  if ((before?.value ?? '') === (value ?? '')) return user;
  const changed = value ? { uri, value, origin } : null;
  return {
    ...user,
    attributes: before
      ? user.attributes.flatMap((attribute) => (attribute !== before ? attribute : (changed ?? [])))
      : [...user.attributes, ...(changed ? [changed] : [])],
    verified: user.verified.filter((proven) => proven !== uri),
  };
}
