import type { User } from '../directory/user.ts';
import type { ProvisioningResult } from './provision.ts';

/** The part of an account that provisioning writes. */
export type AccountContent = Pick<User, 'username' | 'attributes' | 'verified' | 'roles' | 'groups'>;

type Compared = AccountContent & Partial<Pick<User, 'applicationRoles'>>;

export const noContent: AccountContent = { username: '', attributes: [], verified: [], roles: [], groups: [] };

/**
 * What is different, one line each: `username`, an attribute's URI, `verified:<uri>`, `role:<name>`, `group:<name>`, and
 * `role:<application>:<name>`. Where
 * there is only yes and no, yes is `true`.
 */
export function listChanges(before: Compared, after: Compared): ProvisioningResult['changes'] {
  const [old, now] = [toLines(before), toLines(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((what) => ({ what, before: old.get(what) ?? null, after: now.get(what) ?? null }))
    .filter((change) => change.before !== change.after);
}

function toLines({
  username,
  attributes,
  verified,
  roles,
  applicationRoles = [],
  groups,
}: Compared): Map<string, string> {
  return new Map([
    ...(username === '' ? [] : [['username', username] as const]),
    ...attributes.map(({ uri, value }) => [uri, value] as const),
    ...verified.map((uri) => [`verified:${uri}`, 'true'] as const),
    ...roles.map(({ name }) => [`role:${name}`, 'true'] as const),
    ...applicationRoles.map(({ applicationId, name }) => [`role:${applicationId}:${name}`, 'true'] as const),
    ...groups.map(({ name }) => [`group:${name}`, 'true'] as const),
  ]);
}
