import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDemoApplication, type DemoApplication } from '../../src/cli/demo/application.ts';
import { createDemoIdentityProvider, type DemoIdentityProvider } from '../../src/cli/demo/identity-provider.ts';
import type { Misbehaviour } from '../../src/cli/demo/misbehaviour.ts';
import { createPerson, type Person } from '../../src/cli/demo/person.ts';

// The demo application signs people in at the demo identity provider, with nothing between them.
const client = { id: 'payroll', secret: 'a-secret-of-the-test-with-enough-letters' };
let application: DemoApplication;
let provider: DemoIdentityProvider;
let person: Person;

beforeAll(async () => {
  application = await createDemoApplication({ host: '127.0.0.1' });
  provider = await createDemoIdentityProvider({
    host: '127.0.0.1',
    client: { ...client, redirectUris: [application.callbackUrl] },
  });
});
afterAll(async () => {
  await provider.close();
  await application.close();
});
beforeEach(() => {
  provider.misbehave({});
  application.connect({ issuer: provider.url, clientId: client.id, clientSecret: client.secret });
  person = createPerson();
});

async function choosesGrace() {
  await person.opens(application.url);
  await person.follows('Sign in');
  return person.chooses('Grace Hopper');
}

async function me() {
  return (await person.reads(`${application.url}/me.json`)).body as {
    signedIn: boolean;
    claims: Record<string, unknown>;
    userinfo: Record<string, unknown>;
    failure: { error: string; error_description: string; refused: boolean };
  };
}

describe('a person who signs in', () => {
  test('chooses who to be, and the application knows them by id_token and userinfo', async () => {
    await choosesGrace();
    expect(person.isAt()).toBe('Signed in');
    const claims = {
      sub: 'google-1906',
      email: 'grace.hopper@example.com',
      email_verified: true,
      given_name: 'Grace',
      family_name: 'Hopper',
      name: 'Grace Hopper',
      groups: ['engineering', 'navy'],
    };
    expect(await me()).toMatchObject({ signedIn: true, claims: { ...claims, iss: provider.url }, userinfo: claims });
  });

  test('is asked again each time, and may be somebody else', async () => {
    await choosesGrace();
    await person.opens(`${application.url}/sign-in`);
    expect(person.isAt()).toBe('Choose an account');
    await person.chooses('google-1912');
    expect((await me()).claims).toMatchObject({ sub: 'google-1912' });
  });

  test('may refuse, and the application says so', async () => {
    await person.opens(`${application.url}/sign-in`);
    await person.chooses("Don't sign in");
    expect(person.isAt()).toBe('Sign-in was refused');
    expect(await me()).toMatchObject({ signedIn: false, failure: { error: 'access_denied', refused: true } });
  });

  test('cannot name a person who is not on the list', async () => {
    await person.opens(`${application.url}/sign-in`);
    const page = person.page();
    const [form] = page.forms;
    person.returnsTo({
      ...page,
      forms: [{ ...form!, buttons: [{ name: 'person', value: 'google-0', text: 'Nobody', action: null }] }],
    });
    await person.chooses('Nobody');
    expect(person.isAt()).toBe('Sign-in was refused');
  });

  test('can sign out', async () => {
    await choosesGrace();
    expect(person.page().text).toContain('refresh token none');
    await person.follows('Sign out');
    expect(person.isAt()).toBe('Signed out');
    expect(await me()).toMatchObject({ signedIn: false });
  });

  test('leaves a count of requests by endpoint', async () => {
    const before = provider.requests();
    await choosesGrace();
    const after = provider.requests();
    const asked = Object.fromEntries(
      Object.entries(after).map(([endpoint, count]) => [endpoint, count - (before[endpoint as 'token'] ?? 0)]),
    );
    expect(asked).toMatchObject({ discovery: 1, choose: 2, token: 1, jwks: 1, userinfo: 1 });
  });
});

test('claims can be left to userinfo', async () => {
  const other = await createDemoIdentityProvider({
    client: { ...client, redirectUris: [application.callbackUrl] },
    claimsIn: 'userinfo',
  });
  application.connect({ issuer: other.url, clientId: client.id, clientSecret: client.secret });
  await choosesGrace();
  const { claims, userinfo } = await me();
  await other.close();
  expect(claims).not.toHaveProperty('email');
  expect(userinfo).toHaveProperty('email', 'grace.hopper@example.com');
});

test('the application refreshes its tokens where it got a refresh token', async () => {
  const other = await createDemoIdentityProvider({
    client: { ...client, redirectUris: [application.callbackUrl] },
    refreshTokens: true,
  });
  application.connect({ issuer: other.url, clientId: client.id, clientSecret: client.secret });
  await choosesGrace();
  await person.chooses('Refresh the tokens');
  await other.close();
  expect(person.isAt()).toBe('Signed in');
  expect(await me()).toMatchObject({ signedIn: true, refreshed: 1, claims: { sub: 'google-1906' } });
});

test('PKCE is required', async () => {
  const query = new URLSearchParams({
    client_id: client.id,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: application.callbackUrl,
  });
  const response = await fetch(`${provider.url}/authorize?${query}`, { redirect: 'manual' });
  expect(response.headers.get('location')).toContain('error=invalid_request');
});

test('an unknown redirect URI is refused on its own page', async () => {
  const query = new URLSearchParams({
    client_id: client.id,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: 'http://127.0.0.1:1/elsewhere',
    code_challenge: createHash('sha256').update('v').digest('base64url'),
    code_challenge_method: 'S256',
  });
  await person.opens(`${provider.url}/authorize?${query}`);
  expect(person.page()).toMatchObject({ status: 400, heading: 'This did not work' });
});

// Each row is a provider that must not be believed: what it does, and what a strict client says to it.
const misdeeds: [name: string, how: Misbehaviour, reason: RegExp][] = [
  ['another issuer in the id_token', { idToken: { iss: 'https://other.example' } }, /iss/],
  ['another nonce', { idToken: { nonce: 'another' } }, /nonce/],
  ['no nonce', { idToken: { nonce: null } }, /nonce/],
  ['another audience', { idToken: { aud: 'another-application' } }, /aud/],
  ['an expired id_token', { idToken: { exp: 1 } }, /exp/],
  ['a foreign signing key', { signature: 'foreign key' }, /signature/],
  ['no signature', { signature: 'none' }, /alg/],
  ['userinfo about somebody else', { userinfo: { sub: 'google-1912' } }, /sub/],
  ['another issuer in the redirect', { callback: { iss: 'https://other.example' } }, /iss/],
  ['no issuer in the redirect', { callback: { iss: null } }, /iss/],
  ['another state', { callback: { state: 'another' } }, /belongs to no sign-in/],
  ['an unknown code', { callback: { code: 'another' } }, /grant request is invalid/],
  ['another issuer in its metadata', { metadata: { issuer: 'https://other.example' } }, /issuer/],
  [
    'a token endpoint that fails',
    { endpoints: { token: 'fails' } },
    /unexpected HTTP response status code|server_error/,
  ],
  ['a token endpoint that is cut off', { endpoints: { token: 'is cut off' } }, /terminated|parse|closed/i],
  ['a token endpoint that answers with a page', { endpoints: { token: 'answers with a page' } }, /content-type/],
  ['a userinfo endpoint that fails', { endpoints: { userinfo: 'fails' } }, /status code/],
  ['a refusal of its own', { refusal: { error: 'temporarily_unavailable', error_description: 'Not now.' } }, /Not now/],
];

describe('a provider that misbehaves', () => {
  test.each(misdeeds)('%s', async (_name, how, reason) => {
    provider.misbehave(how);
    await person.opens(`${application.url}/sign-in`);
    if (person.canChoose('Grace Hopper')) await person.chooses('Grace Hopper');
    expect(person.isAt()).toMatch(/^Sign-in (failed|was refused)$/);
    expect(person.page().text).toMatch(reason);
    expect(await me()).toMatchObject({ signedIn: false });
  });

  test('a hanging endpoint never answers', async () => {
    provider.misbehave({ endpoints: { discovery: 'hangs' } });
    const asked = fetch(`${provider.url}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(200) });
    await expect(asked).rejects.toThrow('timeout');
  });
});
