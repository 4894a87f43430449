import { defineFunction } from '../definition.ts';
import { changeRoles } from '../role-changes.ts';
import type { ScriptWorld } from '../world.ts';

export const removeUserRoles = defineFunction({
  name: 'removeUserRoles',
  group: 'roles and groups',
  summary:
    'Takes roles of the organisation from the person, who may not have them. A role that does not exist ends the sign-in as a script error, and so does an administration role (owner, admin, author, auditor).',
  parameters: [
    { name: 'user', type: 'user', summary: 'The person.' },
    { name: 'roles', type: 'texts', names: 'role to give', summary: 'Names of roles.' },
  ],
  result: { typescript: 'boolean', summary: 'False when the person has no account, and this sign-in makes none.' },
  effect: 'changes',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    removeUserRoles(context.currentKnownSubject, ['trainee']);
  } });
};`,
  async run(world: ScriptWorld, ref: string, roles: string[]) {
    return changeRoles(world, 'removeUserRoles', ref, roles);
  },
});
