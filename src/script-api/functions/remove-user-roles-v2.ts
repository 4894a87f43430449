import { defineFunction } from '../definition.ts';
import { changeRoles } from '../role-changes.ts';
import type { ScriptWorld } from '../world.ts';

export const removeUserRolesV2 = defineFunction({
  name: 'removeUserRolesV2',
  group: 'roles and groups',
  summary:
    'Takes roles of the application from the person who signs in. A role that the application does not have ends the sign-in as a script error.',
  parameters: [
    { name: 'context', type: 'context', summary: 'The context: it knows the person and the application.' },
    { name: 'roles', type: 'texts', names: 'application role', summary: 'Names of roles.' },
  ],
  result: { typescript: 'boolean', summary: 'False when the person has no account, and this sign-in makes none.' },
  effect: 'changes',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    removeUserRolesV2(context, ['trainee']);
  } });
};`,
  async run(world: ScriptWorld, _context: true, roles: string[]) {
    return changeRoles(world, 'removeUserRolesV2', world.people.subject, roles);
  },
});
