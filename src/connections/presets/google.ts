import type { OidcConnection } from '../connection.ts';
import { definePreset, oidcDefaults } from '../preset.ts';

export const google = definePreset<OidcConnection>({
  name: 'google',
  type: 'oidc',
  label: 'Google',
  authenticator: 'GoogleOIDCAuthenticator',
  madeAt: 'https://console.cloud.google.com/apis/credentials',
  steps: [
    'Configure the consent screen («Branding»), then «Create credentials», «OAuth client ID», type «Web application».',
    'Add {callbackUrl} to «Authorized redirect URIs».',
    'Copy client id and client secret to here.',
  ],
  required: ['clientId'],
  traps: [
    'While the consent screen is in «Testing», only the test users named there can sign in.',
    'Everybody with a Google account can come in. For the people of a company set queryParameters {"hd": "example.com"} as a convenience, and allowedDomains as the rule.',
    'A person can change the mail address of a Google account: it is taken over at the next sign-in, and the account stays theirs by «sub».',
    'Google does not say when a person signed in there (auth_time), unless you have it switch on «session age» for your client and ask for it. An application that wants a new sign-in gets Google’s word for it; requiresAuthTime refuses that word.',
    'Google offers no sign-out at its side: whoever signs out here is still signed in at Google.',
  ],
  // Google gives out addresses of its own and verifies all others.
  defaults: { ...oidcDefaults, issuer: 'https://accounts.google.com', trustsVerifiedEmail: true },
});
