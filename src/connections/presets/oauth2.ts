import type { OAuth2Connection } from '../connection.ts';
import { definePreset, oauth2Defaults } from '../preset.ts';

export const oauth2 = definePreset<OAuth2Connection>({
  name: 'oauth2',
  type: 'oauth2',
  label: 'OAuth 2.0 with userinfo',
  authenticator: 'OAuth2Authenticator',
  madeAt: 'In the administration of the provider: a confidential client for the code flow.',
  steps: [
    'Register {callbackUrl} as its redirect URI; it is this connection’s alone.',
    'Give the three endpoints here, and the name in userinfo of what never changes about a person (subjectClaim).',
  ],
  required: ['clientId', 'authorizationEndpoint', 'tokenEndpoint', 'userinfoEndpoint'],
  traps: [
    'OAuth 2.0 is about access, not about who is there: nothing is signed. Choose OpenID Connect where the provider has it.',
    'A user name or mail address is no subject: people change them, and providers give them to the next person.',
  ],
  defaults: oauth2Defaults,
});
