import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const doAssociationWithLocalUser = defineFunction({
  name: 'doAssociationWithLocalUser',
  group: 'linked accounts and search',
  summary:
    'Links a person from a connection to an account here: from then on they sign in to it. The account’s owner must have passed a step of this sign-in (not one that a session spared them), with the account’s authenticator app if it has one; or the connection’s `jit.linking.proof` is TRUST_CONNECTION.',
  parameters: [
    {
      name: 'fedUser',
      type: 'user',
      summary: 'Somebody who came from a connection in this sign-in, and is not linked.',
    },
    { name: 'username', type: 'text', summary: 'The user name of the account.' },
    { name: 'tenantDomain', type: 'text', optional: true, summary: 'That of the account.' },
    { name: 'userStoreDomain', type: 'text', optional: true, summary: 'That of the account.' },
  ],
  result: {
    typescript: 'boolean',
    summary:
      'False when nothing was linked: there is no such account, it is locked or disabled or not proven, or one of the two is linked otherwise. The audit log has the reason.',
  },
  effect: 'changes',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var federated = context.currentKnownSubject;
    var account = getUniqueUserWithClaimValues({ 'http://wso2.org/claims/username': 'ann' }, context);
    var linked = account != null && doAssociationWithLocalUser(federated, account.username, account.tenantDomain, account.userStoreDomain);
    if (!linked) { doAssociationWithLocalUser(federated, 'ann'); }
  } });
};`,
  async run(world: ScriptWorld, ref: string, username: string, tenantDomain?: string, userStoreDomain?: string) {
    return world.links.make(ref, { username, tenantDomain, userStoreDomain });
  },
});
