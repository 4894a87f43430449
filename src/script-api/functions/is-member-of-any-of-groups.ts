import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const isMemberOfAnyOfGroups = defineFunction({
  name: 'isMemberOfAnyOfGroups',
  group: 'roles and groups',
  summary:
    'Is the person in at least one of these groups? For people from a connection, the provider’s groups count too.',
  parameters: [
    { name: 'user', type: 'user', summary: 'The person.' },
    { name: 'groups', type: 'texts', names: 'group', summary: 'Names of groups.' },
  ],
  result: { typescript: 'boolean', summary: 'True when the person is in one of them.' },
  effect: 'reads',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    if (isMemberOfAnyOfGroups(context.currentKnownSubject, ['staff', 'contractors'])) { executeStep(2); }
  } });
};`,
  async run(world: ScriptWorld, ref: string, groups: string[]) {
    const own = new Set((await world.people.get(ref)).groups);
    return groups.some((group) => own.has(group));
  },
});
