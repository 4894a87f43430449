import { defineFunction, type ScriptWorld } from '../definition.ts';

export const isMemberOfAnyOfGroups = defineFunction({
  name: 'isMemberOfAnyOfGroups',
  summary:
    'Is the person in at least one of these groups? For people from a connection, the provider’s groups count too.',
  parameters: [
    { name: 'user', type: 'user', summary: 'The person.' },
    { name: 'groups', type: 'texts', summary: 'Names of groups.' },
  ],
  result: 'boolean',
  kind: 'read',
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (isMemberOfAnyOfGroups(context.currentKnownSubject, ['staff', 'contractors'])) { executeStep(2); }
  } });
};`,
  async run(world: ScriptWorld, ref: string, groups: string[]) {
    const own = new Set((await world.getPerson(ref)).groups);
    return groups.some((group) => own.has(group));
  },
});
