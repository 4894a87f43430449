import type { OidcConnection } from '../connection.ts';
import { defaultJit } from '../default-jit.ts';
import { definePreset, oidcDefaults } from '../preset.ts';

export const apple = definePreset<OidcConnection>({
  name: 'apple',
  type: 'oidc',
  label: 'Apple',
  authenticator: 'AppleOIDCAuthenticator',
  madeAt: 'https://developer.apple.com/account/resources/identifiers/list/serviceId',
  steps: [
    'Make an App ID with «Sign in with Apple», then a Services ID: its identifier is the client id.',
    'Configure the Services ID: your domain, and {callbackUrl} as return URL. Apple wants https and no IP address.',
    'Make a key with «Sign in with Apple» and download it (once). The text of the .p8 file is the client secret here; its key id and your team id go into apple.',
  ],
  required: ['clientId', 'apple'],
  traps: [
    'Apple tells the name once, at the very first sign-in, beside the answer and unsigned. So the preset keeps attributes that no longer come (attributeSync PRESERVE_LOCAL). To get it again, the person removes the application in the settings of their Apple account.',
    'Apple answers with a form that the browser posts from its own site, where our cookies do not go along: the answer is kept under its state, and read when the browser comes back to the sign-in.',
    'The client secret that Apple wants is a signed token of at most six months; it is made anew for each sign-in from the key.',
    'Whoever hides their address gives one @privaterelay.appleid.com: mail reaches it only from senders registered at Apple.',
  ],
  defaults: {
    ...oidcDefaults,
    issuer: 'https://appleid.apple.com',
    scopes: ['openid', 'name', 'email'],
    trustsVerifiedEmail: true,
    clientAuthentication: 'apple',
    responseMode: 'form_post',
    jit: { ...defaultJit, attributeSync: 'PRESERVE_LOCAL' },
  },
});
