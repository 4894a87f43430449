import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { addFirstName } from '../../src/authenticators/federated-oidc/apple-name.ts';
import { createClientAuthentication } from '../../src/authenticators/federated-oidc/client-authentication.ts';
import { findLeftOutGroups } from '../../src/authenticators/federated-oidc/left-out-groups.ts';
import { changeClientSecret, sealClientSecret } from '../../src/connections/client-secret.ts';
import { listPublicKeys, makeConnectionKey } from '../../src/connections/connection-keys.ts';
import { fillQueryParameters } from '../../src/connections/query-parameters.ts';
import { newId } from '../../src/kernel/ids.ts';
import { aConnection, box } from '../provisioning/people.ts';
import { createWorld as createRealWorld, type World } from './world.ts';

let world: World;
const open: World[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function createWorld(options: Parameters<typeof createRealWorld>[0]): Promise<World> {
  const made = await createRealWorld(options);
  open.push(made);
  return made;
}

describe('keys of ours', () => {
  const options = async (clientMetadata: (jwks: object) => Record<string, unknown>, ours: object = {}) => {
    const id = newId('conn');
    const key = await makeConnectionKey(box, id, { state: 'active', now: Date.now() });
    const jwks = { keys: listPublicKeys({ keys: [key] }) };
    return { provider: { clientMetadata: clientMetadata(jwks) }, connection: { id, keys: [key], ...ours } };
  };
  const encryptedFor = (jwks: object) => ({
    jwks,
    id_token_encrypted_response_alg: 'RSA-OAEP-256',
    id_token_encrypted_response_enc: 'A256GCM',
    userinfo_signed_response_alg: 'ES256',
    userinfo_encrypted_response_alg: 'RSA-OAEP-256',
    userinfo_encrypted_response_enc: 'A256GCM',
  });

  test('open an id_token and userinfo that are encrypted, and signed inside', async () => {
    world = await createWorld(await options(encryptedFor));
    expect(await world.signsIn()).toMatchObject({
      kind: 'success',
      person: { federated: { issuer: world.provider.url, subject: 'google-1906', claims: { given_name: 'Grace' } } },
    });
  });

  test('without them what is encrypted lets nobody in', async () => {
    world = await createWorld(await options(encryptedFor));
    await world.changes({ keys: [] });
    expect(await world.signsIn()).toMatchObject({ kind: 'failed', problem: { code: 'IDP_ANSWER_INVALID' } });
  });

  test('prove who we are, without a secret (RFC 7523)', async () => {
    const shown = { clientAuthentication: 'private_key_jwt', clientSecretSealed: null } as const;
    const known = (jwks: object) => ({
      jwks,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'RS256',
    });
    world = await createWorld(await options(known, shown));
    expect(await world.signsIn()).toMatchObject({ kind: 'success' });
    const stranger = await makeConnectionKey(box, world.connection.id, { state: 'active', now: Date.now() });
    await world.changes({ keys: [stranger] });
    expect(await world.signsIn()).toMatchObject({ kind: 'wrong', problem: { code: 'IDP_ERROR' } });
  });
});

test('userinfo that is signed counts, and one that somebody else signed does not', async () => {
  world = await createWorld({ provider: { clientMetadata: { userinfo_signed_response_alg: 'ES256' } } });
  expect(await world.signsIn()).toMatchObject({ kind: 'success' });
  world.provider.misbehave({ userinfoSignature: 'foreign key' });
  expect(await world.signsIn()).toMatchObject({ kind: 'failed', problem: { code: 'IDP_ANSWER_INVALID' } });
});

test('a secret is changed here before it is changed there: the one before is tried', async () => {
  world = await createWorld({});
  await world.changes(changeClientSecret(box, world.connection, 'another-secret-with-enough-letters'));
  expect(await world.signsIn()).toMatchObject({ kind: 'success' });
  const neither = sealClientSecret(box, world.connection.id, 'a-third-secret');
  await world.changes({ previousSecretSealed: neither });
  expect(await world.signsIn()).toMatchObject({ kind: 'wrong', problem: { code: 'IDP_ERROR' } });
});

test.each([
  [{ domain_hint: 'example.com' }, {}, { domain_hint: 'example.com' }],
  [{ login_hint: '$authparam{who}' }, { who: 'ann@example.com' }, { login_hint: 'ann@example.com' }],
  [{ acr: '$authparam{a}-$authparam{b}' }, { a: '1', b: '2' }, { acr: '1-2' }],
  [{ acr: '$authparam{a}-$authparam{b}' }, { a: '1' }, {}],
  [{ a: '$authparam{b}' }, { b: '$authparam{c}', c: 'secret' }, { a: '$authparam{c}' }],
  [{ a: '$authparam{__proto__}', b: '$authparam{toString}' }, {}, {}],
  [{ redirect_uri: 'https://evil.example', state: 'x' }, {}, {}],
])('query parameters %j with %j become %j', (template, given, sent) => {
  expect(fillQueryParameters(template, given as Record<string, string>)).toEqual(sent);
});

describe('on the way there', () => {
  const asks = async (maxAge: number | null, claims: string[] | null, parameters: Record<string, string> = {}) => {
    world = await createWorld({ connection: { queryParameters: { tenant: '$authparam{tenant}' } } });
    world.provider.misbehave({ metadata: { claims_supported: claims } });
    const plain = await world.step({ parameters });
    const login = { ...plain.login, request: { ...plain.login.request, maxAge } };
    return new URL((await world.leaves({ ...plain, login })).url).searchParams;
  };

  test('what the script set fills the connection’s parameters, and cannot break out of its own', async () => {
    const sent = await asks(null, null, { tenant: 'a&redirect_uri=https://evil.example' });
    expect(sent.get('tenant')).toBe('a&redirect_uri=https://evil.example');
    expect(sent.getAll('redirect_uri')).toHaveLength(1);
  });

  test('a provider that tells when somebody signed in is asked for max_age; another, to ask again', async () => {
    const told = await asks(60, ['sub', 'auth_time']);
    expect([told.get('max_age'), told.get('prompt')]).toEqual(['60', null]);
    const silent = await asks(60, ['sub']);
    expect([silent.get('max_age'), silent.get('prompt')]).toEqual([null, 'login']);
  });

  test.each([
    ['login', 'consent', 'login consent'],
    ['login', 'none', 'login'],
    ['select_account', 'consent', 'consent'],
  ])('prompt=%s of the application and %s of the connection become %s', async (wish, own, sent) => {
    world = await createWorld({ connection: { queryParameters: { prompt: own, max_age: '9999' } } });
    world.provider.misbehave({ metadata: { claims_supported: ['auth_time'] } });
    const plain = await world.step();
    const request = { ...plain.login.request, prompt: [wish], maxAge: 60 };
    const { url } = await world.leaves({ ...plain, login: { ...plain.login, request } });
    const { searchParams } = new URL(url);
    expect([searchParams.getAll('prompt'), searchParams.getAll('max_age')]).toEqual([[sent], ['60']]);
  });

  test.each([
    ['long ago', Math.floor(Date.now() / 1000) - 600, 'failed'],
    ['just now', Math.floor(Date.now() / 1000), 'success'],
    ['at no time', null, 'failed'],
  ])('who signed in there %s, when asked for less than a minute', async (_when, authTime, kind) => {
    world = await createWorld({});
    world.provider.misbehave({ metadata: { claims_supported: ['auth_time'] } });
    const plain = await world.step();
    const context = { ...plain, login: { ...plain.login, request: { ...plain.login.request, maxAge: 60 } } };
    const { url, state } = await world.leaves(context);
    world.provider.misbehave({ idToken: { auth_time: authTime } });
    expect(await world.resumes(context, state, await world.visits(url))).toMatchObject({ kind });
  });
});

describe('A new sign-in (prompt=login)', () => {
  const now = () => Math.floor(Date.now() / 1000);
  const asks = async (of: {
    requiresAuthTime?: boolean;
    listed: boolean;
    authTime: number | null;
    prompt?: string[];
  }) => {
    const { requiresAuthTime = false, prompt = ['login'] } = of;
    world = await createWorld({ connection: { requiresAuthTime } });
    world.provider.misbehave({ metadata: { claims_supported: of.listed ? ['auth_time'] : ['sub'] } });
    const plain = await world.step();
    const context = { ...plain, login: { ...plain.login, request: { ...plain.login.request, prompt } } };
    const { url, state } = await world.leaves(context);
    world.provider.misbehave({ idToken: { auth_time: of.authTime } });
    const { searchParams } = new URL(url);
    const move = await world.resumes(context, state, await world.visits(url));
    return { maxAge: searchParams.get('max_age'), prompt: searchParams.get('prompt'), move };
  };

  test.each([
    ['listed, told', { listed: true, authTime: now() }, '0', 'success'],
    // Whoever lingers at the provider after signing in there is not refused: our own check counts from the beginning.
    ['listed, told of a while ago', { listed: true, authTime: now() - 300 }, '0', 'success'],
    ['listed, not told', { listed: true, authTime: null }, '0', 'failed'],
    ['not listed, told', { listed: false, authTime: now() }, null, 'success'],
    ['not listed, not told: taken at its word', { listed: false, authTime: null }, null, 'success'],
    ['not listed, not told, but required', { listed: false, authTime: null, requiresAuthTime: true }, '0', 'failed'],
    ['not listed, told, and required', { listed: false, authTime: now(), requiresAuthTime: true }, '0', 'success'],
  ])('auth_time %s', async (_what, of, maxAge, kind) => {
    const asked = await asks(of);
    expect(asked).toMatchObject({ maxAge, prompt: 'login', move: { kind } });
    if (kind === 'failed') {
      expect(asked.move).toMatchObject({
        problem: { code: 'IDP_ANSWER_INVALID', detail: expect.stringContaining('auth_time') },
      });
    }
  });

  test('is not asked for where nobody wants it; auth_time is required all the same where the connection says so', async () => {
    const required = { listed: true, authTime: null, requiresAuthTime: true, prompt: [] };
    expect(await asks(required)).toMatchObject({ maxAge: null, prompt: null, move: { kind: 'failed' } });
    expect(await asks({ ...required, requiresAuthTime: false })).toMatchObject({
      maxAge: null,
      move: { kind: 'success' },
    });
  });
});

describe('Apple', () => {
  const name = (user: unknown) => addFirstName({ sub: 'a' }, typeof user === 'string' ? user : JSON.stringify(user));

  test.each([
    [
      'the name',
      { name: { firstName: 'Grace', lastName: 'Hopper' } },
      { given_name: 'Grace', family_name: 'Hopper', name: 'Grace Hopper' },
    ],
    ['half a name', { name: { firstName: 'Grace' } }, { given_name: 'Grace', name: 'Grace' }],
    ['another subject and address', { sub: 'b', email: 'admin@example.com', email_verified: true }, {}],
    ['names that are none', { name: { firstName: 7, lastName: ['x'] } }, {}],
    ['a name without end', { name: { firstName: 'x'.repeat(300) } }, {}],
    ['no JSON', 'hello', {}],
    ['null', 'null', {}],
  ])('tells %s beside the answer', (_name, user, told) => {
    expect(name(user)).toEqual({ sub: 'a', ...told });
  });

  test('what is signed stands', () => {
    const user = JSON.stringify({ name: { firstName: 'Mallory' } });
    expect(addFirstName({ given_name: 'Grace' }, user)).toMatchObject({ given_name: 'Grace' });
  });

  test('is shown a client secret that its key signs, anew each time and for five minutes', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const made = aConnection({
      preset: 'apple',
      clientAuthentication: 'apple',
      apple: { teamId: 'TEAM', keyId: 'KEY' },
    });
    const apple = { ...made, clientSecretSealed: sealClientSecret(box, made.id, pem) };
    const prove = await createClientAuthentication(box, apple, { issuer: 'https://appleid.apple.com' });
    const body = new URLSearchParams();
    await prove({ issuer: '' }, { client_id: '' }, body, new Headers());
    const secret = body.get('client_secret') ?? '';
    expect(decodeProtectedHeader(secret)).toMatchObject({ alg: 'ES256', kid: 'KEY' });
    const claims = decodeJwt(secret);
    expect(claims).toMatchObject({ iss: 'TEAM', sub: apple.clientId, aud: 'https://appleid.apple.com' });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
    const wrong = { ...apple, clientSecretSealed: sealClientSecret(box, made.id, 'not a key') };
    await expect(createClientAuthentication(box, wrong, { issuer: '' })).rejects.toMatchObject({ code: 'IDP_ERROR' });
  });
});

test.each([
  ['a link in place of 200 groups', { _claim_names: { groups: 'src1' } }, true],
  ['the flag of the implicit flow', { hasgroups: true }, true],
  ['groups', { groups: ['a'], _claim_names: { groups: 'src1' } }, false],
  ['no groups', {}, false],
])('Entra sends %s', (_name, claims, leftOut) => {
  const mapping = { groupsClaim: 'groups', groupMapping: { a: 'staff' }, roleMapping: {} };
  expect(findLeftOutGroups(mapping, claims) !== null).toBe(leftOut);
  expect(findLeftOutGroups({ ...mapping, groupMapping: {} }, claims)).toBeNull();
});
