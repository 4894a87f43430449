import { claims as ours } from '../directory/claims.ts';
import { type AccountContent, noContent } from './changes.ts';
import { listProven, mapClaims } from './map-claims.ts';
import { mapGroups } from './map-groups.ts';
import type { ProvisioningInput } from './provision.ts';
import { syncAttributes, syncMemberships } from './sync.ts';

type Said = Pick<ProvisioningInput, 'connection' | 'person'>;

/** A new account with everything that came along, whatever later sign-ins may change, and what the person entered. */
export function writeNewAccount(said: Said, entered: Record<string, string>): AccountContent {
  const content = writeAccount(noContent, said, 'PRESERVE_LOCAL');
  const known = new Set(content.attributes.map(({ uri }) => uri));
  const added = Object.entries(entered).filter(([uri]) => !known.has(uri));
  return {
    ...content,
    attributes: [...content.attributes, ...added.map(([uri, value]) => ({ uri, value, origin: 'person' as const }))],
  };
}

/** An account as it is after a sign-in through its connection. */
export function writeAccount(
  before: AccountContent,
  { connection, person }: Said,
  mode: 'OVERRIDE_ALL' | 'PRESERVE_LOCAL',
): AccountContent {
  const origin = `connection:${connection.id}` as const;
  const attributes = syncAttributes(before.attributes, mapClaims(connection, person.claims), { origin, mode });
  const { groups, roles } = mapGroups(connection, person.claims);
  const membershipMode = { origin, mode: connection.jit.groupSync };
  return {
    username: before.username,
    attributes,
    verified: listVerified(before, attributes, { connection, person }),
    roles: syncMemberships(before.roles, roles, membershipMode),
    groups: syncMemberships(before.groups, groups, membershipMode),
  };
}

/** A value stays proven as long as it stays; a mail address that the provider itself gave must not be denied by it now. */
function listVerified(
  before: AccountContent,
  attributes: AccountContent['attributes'],
  { connection, person }: Said,
): string[] {
  const proven = new Set(listProven(connection, person.claims));
  const flag = person.claims['email_verified'];
  const denied = flag === false || flag === 'false';
  return attributes
    .filter(({ uri, value, origin }) => {
      if (proven.has(uri)) return true;
      if (uri === ours.email && denied && origin === `connection:${connection.id}`) return false;
      const same = before.attributes.some((attribute) => attribute.uri === uri && attribute.value === value);
      return same && before.verified.includes(uri);
    })
    .map(({ uri }) => uri);
}
