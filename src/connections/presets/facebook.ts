import { claims } from '../../directory/claims.ts';
import type { OAuth2Connection } from '../connection.ts';
import { definePreset, oauth2Defaults } from '../preset.ts';

export const facebook = definePreset<OAuth2Connection>({
  name: 'facebook',
  type: 'oauth2',
  label: 'Facebook',
  authenticator: 'FacebookAuthenticator',
  madeAt: 'https://developers.facebook.com/apps',
  steps: [
    '«Create app», use case «Authenticate and request data from users with Facebook Login».',
    'Under «Facebook Login», «Settings», add {callbackUrl} to «Valid OAuth Redirect URIs».',
    'App id and app secret (Settings, Basic) are client id and client secret here.',
  ],
  required: ['clientId'],
  traps: [
    'Until the app is «Live», only people with a role in it can sign in.',
    'The id is this app’s own: another app of yours sees the same person under another.',
    'Facebook does not say whether a mail address is verified, and people may refuse to give it: it never counts as verified.',
  ],
  defaults: {
    ...oauth2Defaults,
    scopes: ['public_profile', 'email'],
    authorizationEndpoint: 'https://www.facebook.com/v23.0/dialog/oauth',
    tokenEndpoint: 'https://graph.facebook.com/v23.0/oauth/access_token',
    userinfoEndpoint: 'https://graph.facebook.com/v23.0/me?fields=id,name,first_name,last_name,email',
    subjectClaim: 'id',
    claimMapping: { first_name: claims.givenName, last_name: claims.lastName },
  },
});
