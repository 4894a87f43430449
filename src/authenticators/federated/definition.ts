import { authenticatorName } from '../../connections/presets.ts';
import { olderNamesOf } from '../../kernel/authenticator-names.ts';
import { defineAuthenticatorData } from '../authenticator.ts';

export const federatedDefinition = defineAuthenticatorData({
  name: authenticatorName(null),
  aliases: olderNamesOf(authenticatorName(null)),
  label: 'identity provider',
  proves: true,
  amr: [],
  needsAccount: false,
  // Any other may be set too, for the connection's own query parameters.
  parameters: ['login_hint'],
  attempts: 5,
});
