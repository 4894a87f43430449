import { ScriptCallError } from './read-arguments.ts';
import type { RoleChange, ScriptWorld } from './world.ts';

/** The functions that give and take roles, and what each does. A login's journal is read by it, too. */
export const roleChanges = {
  assignUserRoles: { verb: 'give', audience: 'organisation' },
  removeUserRoles: { verb: 'take', audience: 'organisation' },
  assignUserRolesV2: { verb: 'give', audience: 'application' },
  removeUserRolesV2: { verb: 'take', audience: 'application' },
} as const satisfies Record<string, Omit<RoleChange, 'roles'>>;

/**
 * Gives or takes roles, all or none of them.
 * @throws ScriptCallError when a role does not exist or is an administration role.
 */
export async function changeRoles(
  { people, roles }: ScriptWorld,
  name: keyof typeof roleChanges,
  ref: string | null,
  names: readonly string[],
): Promise<boolean> {
  if (ref === null) throw new ScriptCallError(`${name}: nobody has proven who they are in this sign-in yet.`);
  const { verb, audience } = roleChanges[name];
  for (const role of names) {
    if (audience === 'organisation' && roles.isAdministration(role)) {
      throw new ScriptCallError(`${name}: «${role}» is an administration role, which no script gives or takes.`);
    }
    if (!(await roles.exists(role, audience))) {
      const whose = audience === 'application' ? 'The application' : 'The organisation';
      throw new ScriptCallError(`${name}: ${whose} has no role «${role}».`);
    }
  }
  return people.changeRoles(ref, { verb, audience, roles: [...new Set(names)] });
}

/** What a journal's entry changed, and for whom; null for other entries. */
export function readRoleChange(
  op: string,
  args: string,
  subject: string | null,
): { ref: string; change: RoleChange } | null {
  if (!Object.hasOwn(roleChanges, op)) return null;
  const kind = roleChanges[op as keyof typeof roleChanges];
  const [whom, roles] = JSON.parse(args) as [{ $user?: string }, unknown[]];
  const ref = whom.$user ?? subject;
  return ref === null ? null : { ref, change: { ...kind, roles: [...new Set(roles.map(String))] } };
}
