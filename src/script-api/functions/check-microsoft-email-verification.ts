import { defineFunction } from '../definition.ts';
import { getSubject } from '../session-arguments.ts';
import type { ScriptWorld } from '../world.ts';

export const checkMicrosoftEmailVerification = defineFunction({
  name: 'checkMicrosoftEmailVerification',
  group: 'helpers',
  summary:
    'May the mail address be believed that Microsoft named for this person? In an organisation’s directory its admin can write any address, and only the claim `verified_primary_email` says that it is theirs; addresses of personal Microsoft accounts are always verified.',
  parameters: [{ name: 'context', type: 'context', summary: 'The context.' }],
  result: {
    typescript: 'boolean',
    summary: 'False for an address that nobody has verified, and for people who did not come from a connection.',
  },
  effect: 'reads',
  domain: [true, false],
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var verified = checkMicrosoftEmailVerification(context);
    if (context.steps[1].idp !== 'LOCAL' && !verified) {
      fail({ errorCode: 'access_denied', errorMessage: 'The mail address is not verified.' });
    }
  } });
};`,
  async run(world: ScriptWorld) {
    const { remoteClaims } = await world.people.get(getSubject(world, 'checkMicrosoftEmailVerification'));
    if (remoteClaims === null) return false;
    const { iss, email, verified_primary_email: verified } = remoteClaims;
    return iss === personalAccounts || email === undefined || (Array.isArray(verified) && verified.includes(email));
  },
});

/** The issuer of Microsoft accounts that belong to no organisation. */
const personalAccounts = 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0';
