import { decodeProtectedHeader } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRelyingParty } from './relying-party.ts';
import { createWorld, success, type World } from './world.ts';

const day = 24 * 3_600_000;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function publishedKeys(): Promise<string[]> {
  const answer = await fetch(`${world.address}/oidc/jwks`);
  const { keys } = (await answer.json()) as { keys: Record<string, string>[] };
  for (const key of keys) expect(key).not.toHaveProperty('d');
  return keys.map(({ kid = '' }) => kid);
}

test('keys rotate without a break: published first, then signing, then known for a while, then gone', async () => {
  const user = await world.addUser();
  world.answer = success(user.subject);
  const application = await world.addApplication();
  let party = await createRelyingParty(world, application);
  const kidOf = async () => decodeProtectedHeader((await party.signIn(world.newBrowser())).id_token ?? '').kid;

  const first = await kidOf();
  expect(await publishedKeys()).toEqual([first]);

  const next = await world.oidc.rotateKeys();
  world.later(61_000);
  // The application reads the keys now, and does not again.
  party = await createRelyingParty(world, application);
  expect(await kidOf()).toBe(first);
  expect(await publishedKeys()).toEqual([first, next.kid]);
  const old = await party.signIn(world.newBrowser());

  world.later(day);
  expect(await kidOf()).toBe(next.kid);
  expect((await publishedKeys()).sort()).toEqual([first, next.kid].sort());
  // Refresh tokens and hints from before go on.
  const tokens = await client.refreshTokenGrant(party.config, old.refresh_token ?? '');
  expect(decodeProtectedHeader(tokens.id_token ?? '').kid).toBe(next.kid);
  expect((await party.signIn(world.newBrowser(), { id_token_hint: old.id_token ?? '' })).claims()?.sub).toBe(
    user.subject,
  );

  world.later(31 * day);
  const third = await world.oidc.rotateKeys();
  world.later(61_000);
  expect((await publishedKeys()).sort()).toEqual([next.kid, third.kid].sort());
});

test('the private keys are sealed, and survive a restart', async () => {
  const [stored] = await world.database.read.signingKeys.list();
  expect(stored?.jwkSealed).not.toContain('"d"');
  expect(stored?.alg).toBe('ES256');
});

test('discovery tells what is there and nothing else', async () => {
  const answer = await fetch(`${world.address}/oidc/.well-known/openid-configuration`);
  const metadata = (await answer.json()) as Record<string, unknown>;
  expect(metadata).toMatchObject({
    issuer: 'https://login.test/oidc',
    authorization_endpoint: 'https://login.test/oidc/authorize',
    token_endpoint: 'https://login.test/oidc/token',
    userinfo_endpoint: 'https://login.test/oidc/userinfo',
    jwks_uri: 'https://login.test/oidc/jwks',
    end_session_endpoint: 'https://login.test/oidc/logout',
    introspection_endpoint: 'https://login.test/oidc/introspect',
    revocation_endpoint: 'https://login.test/oidc/revoke',
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    id_token_signing_alg_values_supported: ['ES256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    authorization_response_iss_parameter_supported: true,
    claims_parameter_supported: true,
  });
  for (const name of [
    'pushed_authorization_request_endpoint',
    'registration_endpoint',
    'device_authorization_endpoint',
    'dpop_signing_alg_values_supported',
  ]) {
    expect(metadata).not.toHaveProperty(name);
  }
  const served = await Promise.all(
    ['/reg', '/request', '/device', '/me', '/session/end'].map((path) => fetch(`${world.address}/oidc${path}`)),
  );
  expect(served.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
});
