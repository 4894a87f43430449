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

/** The same for the validator: names, and how many arguments they take. */
export function describeFunctions(): {
  name: string;
  aliases?: readonly string[];
  minArguments: number;
  maxArguments: number;
}[] {
  return [...scriptFunctions.values()]
    .filter(({ internal }) => !internal)
    .map(({ name, aliases, parameters }) => ({
      name,
      ...(aliases ? { aliases } : {}),
      minArguments: parameters.filter(({ optional }) => !optional).length,
      maxArguments: parameters.length,
    }));
}
