import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const removeAssociatedLocalUser = defineFunction({
  name: 'removeAssociatedLocalUser',
  group: 'linked accounts and search',
  summary:
    'Unlinks a person from a connection from their account here. The account stays, and so do its sessions; the person is new to the server from then on. Only somebody who has just come from the connection, before a later step needed the account.',
  parameters: [{ name: 'fedUser', type: 'user', summary: 'Somebody who came from a connection in this sign-in.' }],
  result: {
    typescript: 'boolean',
    summary: 'False when nothing was unlinked; the audit log has the reason.',
  },
  effect: 'changes',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var unlinked = removeAssociatedLocalUser(context.currentKnownSubject);
    if (!unlinked) { Log.info('There was nothing to unlink.'); }
  } });
};`,
  async run(world: ScriptWorld, ref: string) {
    return world.links.remove(ref);
  },
});
