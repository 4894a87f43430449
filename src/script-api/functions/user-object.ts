import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

const example = `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var user = context.currentKnownSubject;
    user.localClaims['http://wso2.org/claims/nickname'] = user.username;
  } });
};`;

/** A user object's first touch in a turn: one question for the whole person. */
export const loadUser = defineFunction({
  name: 'user.load',
  group: 'helpers',
  summary: 'Reads a person for a user object.',
  parameters: [{ name: 'ref', type: 'text', summary: 'The person.' }],
  result: { typescript: 'object', summary: 'The person, as user objects show them.' },
  effect: 'reads',
  domain: { open: [] },
  internal: true,
  example,
  async run(world: ScriptWorld, ref: string) {
    const { groups: _, applicationRoles: __, ref: ___, ...person } = await world.people.get(ref);
    return person;
  },
});

/** A write to `user.localClaims[uri]`. */
export const writeUser = defineFunction({
  name: 'user.write',
  group: 'helpers',
  summary: 'Writes a local claim of a user object.',
  parameters: [
    { name: 'ref', type: 'text', summary: 'The person.' },
    { name: 'uri', type: 'text', summary: 'The claim.' },
    { name: 'value', type: 'text or null', summary: 'Null removes the claim.' },
  ],
  result: { typescript: 'null', summary: 'Nothing.' },
  effect: 'changes',
  domain: [null],
  internal: true,
  example,
  async run(world: ScriptWorld, ref: string, uri: string, value: string | null) {
    await world.people.writeClaim(ref, uri, value);
    return null;
  },
});
