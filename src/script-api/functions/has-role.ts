import { defineFunction, type ScriptWorld } from '../definition.ts';

export const hasRole = defineFunction({
  name: 'hasRole',
  summary: 'Does the person have this role? People without an account have none.',
  parameters: [
    { name: 'user', type: 'user', summary: 'The person.' },
    { name: 'role', type: 'text', summary: 'The name of the role.' },
  ],
  result: 'boolean',
  kind: 'read',
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (hasRole(context.currentKnownSubject, 'admin')) { executeStep(2); }
  } });
};`,
  async run(world: ScriptWorld, ref: string, role: string) {
    return (await world.getPerson(ref)).roles.includes(role);
  },
});
