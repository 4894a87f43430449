import { defineFunction, type ScriptWorld } from '../definition.ts';

const example = `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var user = context.currentKnownSubject;
    user.localClaims['http://wso2.org/claims/nickname'] = user.username;
  } });
};`;

/** A user object's first touch in a turn: one question for the whole person. */
export const loadUser = defineFunction({
  name: 'user.load',
  summary: 'Reads a person for a user object.',
  parameters: [{ name: 'ref', type: 'text', summary: 'The person.' }],
  result: 'object',
  kind: 'read',
  internal: true,
  example,
  async run(world: ScriptWorld, ref: string) {
    const { groups: _, ref: __, ...person } = await world.getPerson(ref);
    return person;
  },
});

/** A write to `user.localClaims[uri]`. */
export const writeUser = defineFunction({
  name: 'user.write',
  summary: 'Writes a local claim of a user object.',
  parameters: [
    { name: 'ref', type: 'text', summary: 'The person.' },
    { name: 'uri', type: 'text', summary: 'The claim.' },
    { name: 'value', type: 'text or null', summary: 'Null removes the claim.' },
  ],
  result: 'null',
  kind: 'effect',
  internal: true,
  example,
  async run(world: ScriptWorld, ref: string, uri: string, value: string | null) {
    await world.writeClaim(ref, uri, value);
    return null;
  },
});
