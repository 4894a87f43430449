import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const hasAnyOfTheRolesV2 = defineFunction({
  name: 'hasAnyOfTheRolesV2',
  group: 'roles and groups',
  summary: 'Does the person who signs in have at least one of these roles of the application?',
  parameters: [
    { name: 'context', type: 'context', summary: 'The context: it knows the person and the application.' },
    { name: 'roles', type: 'texts', names: 'application role', summary: 'Names of roles.' },
  ],
  result: {
    typescript: 'boolean',
    summary: 'True when the person has one of them; false also before anybody has signed in.',
  },
  effect: 'reads',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (hasAnyOfTheRolesV2(context, ['approver', 'payroll-admin'])) { executeStep(2); }
  } });
};`,
  async run({ people }: ScriptWorld, _context: true, roles: string[]) {
    if (people.subject === null) return false;
    const own = new Set((await people.get(people.subject)).applicationRoles);
    return roles.some((role) => own.has(role));
  },
});
