import { olderNamesOf } from '../../kernel/authenticator-names.ts';
import { defineAuthenticatorData } from '../authenticator.ts';

export const passwordDefinition = defineAuthenticatorData({
  name: 'BasicAuthenticator',
  aliases: olderNamesOf('BasicAuthenticator'),
  label: 'Username and password',
  proves: true,
  amr: ['pwd'],
  needsAccount: false,
  parameters: ['username', 'password', 'inputType'],
  attempts: 5,
});
