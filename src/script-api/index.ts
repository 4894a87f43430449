import type { GuestFunction } from '../../sandbox/protocol.ts';
import type { ScriptFunction } from './definition.ts';
import { hasRole } from './functions/has-role.ts';
import { isMemberOfAnyOfGroups } from './functions/is-member-of-any-of-groups.ts';
import { loadUser, writeUser } from './functions/user-object.ts';

/** Every function that scripts may call. Adding one is one file and one line here. */
export const scriptFunctions: ReadonlyMap<string, ScriptFunction> = new Map(
  ([hasRole, isMemberOfAnyOfGroups, loadUser, writeUser] as ScriptFunction[]).map((fn) => [fn.name, fn]),
);

/** The same as far as the sandbox must know. */
export const guestFunctions: readonly GuestFunction[] = [...scriptFunctions.values()].map(
  ({ name, kind, internal, aliases }) => ({
    name,
    kind,
    ...(internal ? { internal } : {}),
    ...(aliases ? { aliases } : {}),
  }),
);
