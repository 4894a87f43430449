import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const hasAnyOfTheRoles = defineFunction({
  name: 'hasAnyOfTheRoles',
  group: 'roles and groups',
  summary: 'Does the person have at least one of these roles of the organisation? People without an account have none.',
  parameters: [
    { name: 'user', type: 'user', summary: 'The person.' },
    { name: 'roles', type: 'texts', names: 'role', summary: 'Names of roles.' },
  ],
  result: { typescript: 'boolean', summary: 'True when the person has one of them.' },
  effect: 'reads',
  domain: [true, false],
  example: `var rolesToStepUp = ['admin', 'manager'];
var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (hasAnyOfTheRoles(context.currentKnownSubject, rolesToStepUp)) { executeStep(2); }
  } });
};`,
  async run(world: ScriptWorld, ref: string, roles: string[]) {
    const own = new Set((await world.people.get(ref)).roles);
    return roles.some((role) => own.has(role));
  },
});
