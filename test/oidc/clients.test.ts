import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test.each([
  [['https://app.test/callback'], null],
  [['http://127.0.0.1:3000/callback', 'http://localhost/callback'], null],
  [['com.example.app:/callback', 'http://127.0.0.1/callback'], null],
  [['not a uri'], /valid uris/],
  [['https://app.test/#fragment'], /fragments/],
  [['javascript:alert(1)'], /javascript/],
  [['com.example.app:/callback', 'http://app.test/callback'], /loopback/],
  [[], /must contain members/],
])('redirect URIs %j', async (redirectUris, fault) => {
  const application = await world.addApplication({ redirectUris });
  const found = await world.oidc.findClientFault(application);
  if (fault === null) expect(found).toBeNull();
  else expect(found).toMatch(fault);
});

test('a confidential application without a secret yet cannot be taken for a public one', async () => {
  const { clientId } = await world.addApplication({ clientSecretHash: null });
  for (const secret of [{}, { client_secret: 'none' }, { client_secret: '' }]) {
    const answer = await fetch(`${world.address}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id: clientId, ...secret }),
    });
    expect(await answer.json()).toMatchObject({ error: 'invalid_client' });
  }
});
