import { defineAuthenticatorData } from '../authenticator.ts';

export const passwordDefinition = defineAuthenticatorData({
  name: 'BasicAuthenticator',
  aliases: ['basic'],
  label: 'Username and password',
  proves: true,
  amr: ['pwd'],
  needsAccount: false,
  parameters: ['username', 'password', 'inputType'],
  attempts: 5,
});
