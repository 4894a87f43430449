import { defineAuthenticatorData } from '../authenticator.ts';

export const totpDefinition = defineAuthenticatorData({
  name: 'totp',
  aliases: [],
  label: 'TOTP',
  proves: true,
  amr: ['otp'],
  needsAccount: true,
  provesClaim: true,
  enrols: true,
  parameters: ['enrolUserInAuthenticationFlow'],
  attempts: 5,
});
