import { defineFunction } from '../definition.ts';
import { changeRoles } from '../role-changes.ts';
import type { ScriptWorld } from '../world.ts';

export const assignUserRoles = defineFunction({
  name: 'assignUserRoles',
  group: 'roles and groups',
  summary:
    'Gives roles of the organisation to the person, who may have them already. A role that does not exist ends the sign-in as a script error, and so does an administration role (owner, admin, author, auditor).',
  parameters: [
    { name: 'user', type: 'user', summary: 'The person.' },
    { name: 'roles', type: 'texts', names: 'role to give', summary: 'Names of roles.' },
  ],
  result: { typescript: 'boolean', summary: 'False when the person has no account, and this sign-in makes none.' },
  effect: 'changes',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    assignUserRoles(context.currentKnownSubject, ['payroll-reader']);
  } });
};`,
  async run(world: ScriptWorld, ref: string, roles: string[]) {
    return changeRoles(world, 'assignUserRoles', ref, roles);
  },
});
