import type { OidcConnection } from '../connection.ts';
import { definePreset, oidcDefaults } from '../preset.ts';

export const oidc = definePreset<OidcConnection>({
  name: 'oidc',
  type: 'oidc',
  label: 'OpenID Connect',
  authenticator: 'OpenIDConnectAuthenticator',
  madeAt: 'In the administration of the provider: a confidential client («web application») for the code flow.',
  steps: [
    'Register {callbackUrl} as its redirect URI, exactly so.',
    'Allow the code flow with PKCE, and client_secret_basic, client_secret_post or private_key_jwt.',
    'For sign-outs: {signedOutUrl} is the post-logout redirect URI, {logoutUrl} the back-channel logout URI.',
    'Give the issuer here as the provider names itself in its discovery document.',
  ],
  required: ['issuer', 'clientId'],
  traps: [
    'A mail address of the provider does not count as verified until trustsVerifiedEmail says that the provider is believed.',
    'Whoever signs out here is signed out at the provider too, where it offers that; singleLogout turns it off.',
    'People are known by «sub». A provider that gives the same person another «sub» makes a second account.',
  ],
  defaults: oidcDefaults,
});
