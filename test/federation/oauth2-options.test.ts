import { expect, test } from 'vitest';
import { prepareDeparture } from '../../src/authenticators/federated-oauth2/depart.ts';
import type { OAuth2Connection } from '../../src/connections/connection.ts';
import { getConnectionDefaults } from '../../src/connections/presets.ts';
import { newId } from '../../src/kernel/ids.ts';

/** What an OAuth 2.0 provider is told of the script's and the application's wishes. */

const connection: OAuth2Connection = {
  ...getConnectionDefaults('oauth2'),
  id: newId('conn'),
  name: 'Example',
  type: 'oauth2',
  preset: 'oauth2',
  clientId: 'stepgate',
  clientSecretSealed: null,
  previousSecretSealed: null,
  authorizationEndpoint: 'https://idp.example/authorize?tenant=own',
  tokenEndpoint: 'https://idp.example/token',
  userinfoEndpoint: 'https://idp.example/userinfo',
  queryParameters: { branch: '$authparam{branch}', state: 'x', redirect_uri: 'https://evil.example' },
  keys: [],
  createdAt: 0,
  updatedAt: 0,
  revision: 1,
};

test.each<[parameters: Record<string, string>, loginHint: string | null, told: Record<string, string>]>([
  [{}, null, {}],
  [{}, 'ann', { login_hint: 'ann' }],
  [{ login_hint: 'eve' }, 'ann', { login_hint: 'eve' }],
  [{ login_hint: '' }, 'ann', {}],
  [{ branch: 'ulm&state=y' }, null, { branch: 'ulm&state=y' }],
  [{ other: 'x', client_id: 'y' }, null, {}],
])('of %j and the application’s hint %j it is told %j', (parameters, loginHint, told) => {
  const { url } = prepareDeparture('https://login.example/callback', connection, {
    state: 'the state',
    parameters,
    asked: { maxAge: null, prompt: [], loginHint },
  });
  const { code_challenge, ...sent } = Object.fromEntries(new URL(url).searchParams);
  expect(code_challenge).toMatch(/^[\w-]{43}$/);
  expect(sent).toEqual({
    ...told,
    tenant: 'own',
    response_type: 'code',
    client_id: 'stepgate',
    redirect_uri: 'https://login.example/callback',
    state: 'the state',
    code_challenge_method: 'S256',
  });
});
