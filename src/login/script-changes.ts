import { writeClaim } from '../directory/claims.ts';
import type { User } from '../directory/user.ts';
import { type ApplicationId, type LoginId, newId } from '../kernel/ids.ts';
import { listChanges } from '../provisioning/changes.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import type { RoleChange } from '../script-api/world.ts';
import type { Stores } from '../stores.ts';

export interface ClaimWrite {
  uri: string;
  value: string | null;
}

/** Where and when a script changes an account. */
export interface ScriptChange {
  loginId: LoginId;
  applicationId: ApplicationId;
  now: number;
}

/** Changes an account on behalf of a script, with an event. Must be called in the unit of the journal entry. */
export async function changeAccount(
  { users, audit }: Pick<Stores, 'users' | 'audit'>,
  user: User,
  { writes = [], roles = [] }: { writes?: readonly ClaimWrite[]; roles?: readonly RoleChange[] },
  { loginId, applicationId, now }: ScriptChange,
): Promise<void> {
  const written = writes.reduce((account, { uri, value }) => writeClaim(account, uri, value, 'script'), user);
  const after = roles.reduce((account, change) => changeRoles(account, change, applicationId), written);
  const changes = listChanges(user, after);
  if (changes.length === 0) return;
  if (!(await users.update({ ...after, updatedAt: now }))) {
    throw new ScriptCallError('The account was changed by somebody else at the same moment.');
  }
  await audit.append({
    id: newId('event'),
    at: now,
    type: 'user.updated',
    actor: 'script',
    target: user.id,
    loginId,
    reference: null,
    code: null,
    details: { changes },
  });
}

function changeRoles(user: User, { verb, audience, roles }: RoleChange, applicationId: ApplicationId): User {
  if (audience === 'organisation') {
    const others = user.roles.filter(({ name }) => !roles.includes(name));
    if (verb === 'take') return { ...user, roles: others };
    const missing = roles.filter((name) => !user.roles.some((one) => one.name === name));
    return { ...user, roles: [...user.roles, ...missing.map((name) => ({ name, origin: 'script' as const }))] };
  }
  const isNamed = (one: User['applicationRoles'][number], name: string) =>
    one.applicationId === applicationId && one.name === name;
  const own = user.applicationRoles;
  if (verb === 'take') {
    return { ...user, applicationRoles: own.filter((one) => !roles.some((name) => isNamed(one, name))) };
  }
  const missing = roles.filter((name) => !own.some((one) => isNamed(one, name)));
  const given = missing.map((name) => ({ name, applicationId, origin: 'script' as const }));
  return { ...user, applicationRoles: [...own, ...given] };
}
