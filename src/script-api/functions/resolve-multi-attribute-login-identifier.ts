import { defineFunction } from '../definition.ts';
import type { ScriptWorld } from '../world.ts';

export const resolveMultiAttributeLoginIdentifier = defineFunction({
  name: 'resolveMultiAttributeLoginIdentifier',
  group: 'helpers',
  summary:
    'The user name of the account that somebody means who typed this: a user name, or a verified mail address that one account alone has.',
  parameters: [
    { name: 'loginIdentifier', type: 'text', summary: 'What was typed.' },
    { name: 'tenantDomain', type: 'text', optional: true, summary: 'As in `context.tenantDomain`: there is one.' },
  ],
  result: { typescript: 'string | null', summary: 'Null when it means nobody, or more than one.' },
  effect: 'reads',
  domain: { open: [null, 'somebody'] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var name = resolveMultiAttributeLoginIdentifier('ann@example.com', context.tenantDomain);
    Log.info(name === context.currentKnownSubject.username);
  } });
};`,
  async run(world: ScriptWorld, loginIdentifier: string) {
    return world.people.findUsername(loginIdentifier);
  },
});
