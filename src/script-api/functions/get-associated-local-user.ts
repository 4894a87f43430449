import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const getAssociatedLocalUser = defineFunction({
  name: 'getAssociatedLocalUser',
  group: 'linked accounts and search',
  summary: 'The account here that is linked to a person from a connection.',
  parameters: [{ name: 'fedUser', type: 'user', summary: 'Somebody who came from a connection.' }],
  result: {
    typescript: 'User | null',
    summary: 'Null when no account is linked to the person, and for people who signed in here.',
    holds: 'user',
  },
  effect: 'reads',
  domain: { open: [null, 'somebody'] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var account = getAssociatedLocalUser(context.currentKnownSubject);
    Log.info(account == null ? 'no account is linked' : 'linked to ' + account.username);
  } });
};`,
  async run(world: ScriptWorld, ref: string) {
    return world.links.find(ref);
  },
});
