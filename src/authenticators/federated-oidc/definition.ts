import { presetAuthenticators } from '../../connections/connection.ts';
import { defineAuthenticatorData } from '../authenticator.ts';

export const federatedOidcDefinition = defineAuthenticatorData({
  name: presetAuthenticators.oidc,
  aliases: ['openidconnect'],
  label: 'OpenID Connect',
  proves: true,
  amr: [],
  needsAccount: false,
  parameters: ['login_hint'],
  attempts: 5,
});
