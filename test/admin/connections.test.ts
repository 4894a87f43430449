import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPrivateKey } from '../../src/connections/connection-keys.ts';
import { makeCertificate } from '../../src/connections/self-signed-certificate.ts';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { createSamlProvider } from '../federation/saml-provider.ts';
import { aConnection, createWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const make = async (body: object) => (await world.call('POST', '/connections', body)).body;
const stored = async (id: string) => (await world.db.read.connections.findById(id as never))!;

describe('presets', () => {
  test('say what to do there, what to give here, and what surprises people', async () => {
    const { body } = await world.call('GET', '/connection-presets');
    const names = body.items.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['oidc', 'google', 'entra', 'apple', 'oauth2', 'github', 'facebook', 'saml']);
    for (const preset of body.items) {
      expect(preset.steps.length, preset.name).toBeGreaterThan(0);
      expect(preset.traps.length, preset.name).toBeGreaterThan(0);
      expect(JSON.stringify(preset.steps), preset.name).toMatch(/\{(callbackUrl|metadataUrl)\}/);
      for (const field of preset.required) expect(preset.defaults, preset.name).toHaveProperty(field, null);
    }
  });

  test.each([
    ['google', {}, { authenticator: 'GoogleOIDCAuthenticator' }],
    ['entra', { issuer: 'https://login.microsoftonline.com/0f0f/v2.0' }, { trustsVerifiedEmail: false }],
    ['apple', { apple: { teamId: 'T', keyId: 'K' } }, { responseMode: 'form_post', clientAuthentication: 'apple' }],
    ['github', {}, { subjectClaim: 'id', emailsEndpoint: 'https://api.github.com/user/emails' }],
    ['facebook', {}, { subjectClaim: 'id', trustsVerifiedEmail: false }],
  ])('%s needs no more than its required fields', async (preset, given, expected) => {
    const { body } = await world.call('GET', '/connection-presets');
    const { type, authenticator } = body.items.find(({ name }: { name: string }) => name === preset);
    const made = await make({ name: preset, type, preset, clientId: 'id', clientSecret: 'secret', ...given });
    expect({ ...made, authenticator }).toMatchObject(expected);
  });
});

describe('a SAML connection', () => {
  test('is made from the provider’s metadata, has a key, and tells what to register', async () => {
    const idp = await createSamlProvider();
    const made = await make({ name: 'Example Ltd', type: 'saml', metadataXml: idp.metadata() });
    expect(made).toMatchObject({
      issuer: idp.entityId,
      ssoUrl: `${idp.url}/sso`,
      keys: [{ state: 'active' }],
      callbackUrl: expect.stringContaining(`/connections/${made.id}/acs`),
      metadataUrl: expect.stringContaining(`/connections/${made.id}/metadata`),
    });
    expect(new X509Certificate(made.certificates[0]).raw).toEqual(new X509Certificate(idp.certificate).raw);
    expect(JSON.stringify(made)).not.toMatch(/Sealed|PRIVATE|metadataXml/);
    await idp.close();
  });

  test.each([
    ['metadata with entities', { metadataXml: '<!DOCTYPE a [<!ENTITY b "c">]><a/>' }, '/metadataXml'],
    ['no metadata', {}, '/issuer'],
    ['a secret', { clientSecret: 'x' }, '/clientSecret'],
  ])('with %s is refused', async (_name, given, path) => {
    const { status, body } = await world.call('POST', '/connections', { name: 'A', type: 'saml', ...given });
    expect(status).toBe(422);
    expect(body.findings[0]).toMatchObject({ path });
  });

  test('with something that is no certificate, or a weak key, is refused', async () => {
    const given = { name: 'A', type: 'saml', issuer: 'a', ssoUrl: 'https://idp.example.com/sso' };
    const weak = makeCertificate({ ...generateKeyPairSync('rsa', { modulusLength: 1024 }), name: 'weak', now: 0 });
    const { body } = await world.call('POST', '/connections', { ...given, certificates: ['hello', weak] });
    expect(body.findings).toMatchObject([
      { code: 'CERTIFICATE_INVALID', path: '/certificates/0', message: expect.stringContaining('no X.509') },
      { code: 'CERTIFICATE_INVALID', path: '/certificates/1', message: expect.stringContaining('1024 bits') },
    ]);
  });
});

test('a key is changed without a break: made, published, activated, and the one before deleted', async () => {
  const { id, keys } = await make({ ...aConnection, clientAuthentication: 'private_key_jwt' });
  expect(keys).toMatchObject([{ state: 'active' }]);
  const [first] = keys;
  const path = `/connections/${id}/keys`;
  const { body: both } = await world.call('POST', path, {});
  expect(both.keys).toMatchObject([{ state: 'active' }, { state: 'next' }]);
  const next = both.keys[1];
  const { body: changed } = await world.call('POST', `${path}/${next.id}/activate`, {});
  expect(changed.keys).toMatchObject([{ state: 'previous' }, { state: 'active' }]);
  expect((await world.call('DELETE', `${path}/${next.id}`)).status).toBe(422);
  expect((await world.call('DELETE', `${path}/${first.id}`)).status).toBe(204);
  expect((await world.call('DELETE', `${path}/${first.id}`)).status).toBe(404);

  const connection = await stored(id);
  expect(connection.keys.map((key) => key.id)).toEqual([next.id]);
  const key = Buffer.alloc(32, 7);
  const box = createCryptoBox({ keys: new Map([['k', key]]), macKey: key });
  const pem = openPrivateKey(box, connection, connection.keys[0]!);
  expect(new X509Certificate(next.certificate).checkPrivateKey(createPrivateKey(pem))).toBe(true);
  const events = await world.db.read.audit.list({ after: null, limit: 10 });
  const types = events.map(({ type }) => type).filter((type) => type.startsWith('connection.key'));
  expect(types).toEqual(['connection.key-deleted', 'connection.key-activated', 'connection.key-made']);
  expect(JSON.stringify(events)).not.toMatch(/PRIVATE|privateKey/);
});

test('there are no keys for OAuth 2, and not too many for anybody', async () => {
  const github = await make({ name: 'GitHub', type: 'oauth2', preset: 'github', clientId: 'a', clientSecret: 'b' });
  expect((await world.call('POST', `/connections/${github.id}/keys`, {})).body.findings[0].code).toBe('NOT_FOR_TYPE');
  const { id } = await make(aConnection);
  const made = [];
  for (const _key of Array(5)) made.push((await world.call('POST', `/connections/${id}/keys`, {})).status);
  expect(made).toEqual([201, 201, 201, 201, 422]);
});

test('a mail domain belongs to one connection', async () => {
  await make({ ...aConnection, domains: ['example.com'] });
  const other = await make({ ...aConnection, name: 'Other' });
  const { status, body } = await world.call('PATCH', `/connections/${other.id}`, { domains: ['example.com'] });
  expect([status, body.findings[0].code]).toEqual([409, 'DOMAIN_TAKEN']);
  expect((await stored(other.id)).domains).toEqual([]);
});

test('a new secret leaves the one before in use, and both stay inside', async () => {
  const { id } = await make(aConnection);
  const { body } = await world.call('PATCH', `/connections/${id}`, { clientSecret: 'the next secret' });
  expect(body).toMatchObject({ hasClientSecret: true, hasPreviousSecret: true });
  expect(JSON.stringify(body)).not.toMatch(/Sealed|next secret/);
  const cleared = await world.call('PATCH', `/connections/${id}`, { clientSecret: null });
  expect(cleared.body).toMatchObject({ hasClientSecret: false, hasPreviousSecret: false });
});

describe('a secret that nobody can read here is read nowhere else (CVE-2026-15943, Keycloak)', () => {
  const evil = 'https://evil.example.com';
  const apple = { ...aConnection, preset: 'apple', issuer: undefined, apple: { teamId: 'T', keyId: 'K' } };
  test.each([
    ['issuer', aConnection, { issuer: evil }],
    ['clientAuthentication, to which the key that signs is a secret', apple, { clientAuthentication: 'secret' }],
    [
      'tokenEndpoint',
      { name: 'GitHub', type: 'oauth2', preset: 'github', clientId: 'a', clientSecret: 'b' },
      { tokenEndpoint: `${evil}/token` },
    ],
  ])('another %s: the secret has to be given again', async (_field, connection, elsewhere) => {
    const { id } = await make(connection);
    const before = await stored(id);
    const { status, body } = await world.call('PATCH', `/connections/${id}`, elsewhere);
    expect(status).toBe(422);
    expect(body.findings).toMatchObject([
      { code: 'SECRET_NEEDED', path: '/clientSecret', mend: expect.stringContaining('in the same change') },
    ]);
    expect(await stored(id)).toEqual(before);

    // And the one that goes there is the one that was given for it, not the one before.
    const changed = await world.call('PATCH', `/connections/${id}`, { ...elsewhere, clientSecret: 'theirs' });
    expect(changed.body).toMatchObject({ ...elsewhere, hasClientSecret: true, hasPreviousSecret: false });
  });

  test('a secret that is shown to nobody needs no more for it', async () => {
    const { id } = await make(aConnection);
    const { status } = await world.call('PATCH', `/connections/${id}`, { clientAuthentication: 'private_key_jwt' });
    expect(status).toBe(200);
  });

  test('whoever has none changes the address alone', async () => {
    const { id } = await make({ ...aConnection, clientSecret: null });
    const { status, body } = await world.call('PATCH', `/connections/${id}`, { issuer: evil });
    expect([status, body.issuer]).toEqual([200, evil]);
  });
});
