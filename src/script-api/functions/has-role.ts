import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const hasRole = defineFunction({
  name: 'hasRole',
  group: 'roles and groups',
  summary: 'Does the person have this role? People without an account have none.',
  parameters: [
    { name: 'user', type: 'user', summary: 'The person.' },
    { name: 'role', type: 'text', names: 'role', summary: 'The name of the role.' },
  ],
  result: { typescript: 'boolean', summary: 'True when the person has the role.' },
  effect: 'reads',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (hasRole(context.currentKnownSubject, 'admin')) { executeStep(2); }
  } });
};`,
  async run(world: ScriptWorld, ref: string, role: string) {
    return (await world.people.get(ref)).roles.includes(role);
  },
});
