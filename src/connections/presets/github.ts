import { claims } from '../../directory/claims.ts';
import type { OAuth2Connection } from '../connection.ts';
import { definePreset, oauth2Defaults } from '../preset.ts';

export const github = definePreset<OAuth2Connection>({
  name: 'github',
  type: 'oauth2',
  label: 'GitHub',
  authenticator: 'GithubAuthenticator',
  madeAt: 'https://github.com/settings/developers',
  steps: [
    '«New OAuth App» (in the settings of the organisation, if it is to belong to one).',
    'Set {callbackUrl} as «Authorization callback URL».',
    '«Generate a new client secret», and copy client id and secret to here.',
  ],
  required: ['clientId'],
  traps: [
    'A login name can be given up and taken by somebody else; people are known by the number «id».',
    'The profile shows only a mail address that is public. All are read from a second endpoint, and the primary one counts if GitHub has verified it.',
    'GitHub answers a refused code with status 200.',
    'Everybody with a GitHub account can come in. Membership of an organisation is not looked at.',
  ],
  defaults: {
    ...oauth2Defaults,
    scopes: ['read:user', 'user:email'],
    authorizationEndpoint: 'https://github.com/login/oauth/authorize',
    tokenEndpoint: 'https://github.com/login/oauth/access_token',
    userinfoEndpoint: 'https://api.github.com/user',
    emailsEndpoint: 'https://api.github.com/user/emails',
    subjectClaim: 'id',
    trustsVerifiedEmail: true,
    claimMapping: {
      login: claims.preferredUsername,
      avatar_url: claims.picture,
      html_url: claims.profile,
      blog: claims.website,
    },
  },
});
