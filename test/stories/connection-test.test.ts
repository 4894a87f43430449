import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeClientSecret } from '../../src/connections/client-secret.ts';
import type { Connection, OAuth2Connection, SamlConnection } from '../../src/connections/connection.ts';
import { claims } from '../../src/directory/claims.ts';
import { createOAuth2Provider, type OAuth2Provider } from '../federation/oauth2-provider.ts';
import { createSamlProvider, type SamlProvider } from '../federation/saml-provider.ts';
import { changeConnection, connectGitHub, connectSaml } from './connections.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let github: OAuth2Provider;
let saml: SamlProvider;
let connections: { oidc: Connection; oauth2: OAuth2Connection; saml: SamlConnection };
beforeAll(async () => {
  world = await startWorld();
  [github, saml] = await Promise.all([createOAuth2Provider('127.0.0.3'), createSamlProvider('127.0.0.4')]);
  connections = {
    oidc: world.connection,
    oauth2: await connectGitHub(world, github),
    saml: await connectSaml(world, saml),
  };
});
afterAll(() => Promise.all([world?.close(), github?.close(), saml?.close()]));
beforeEach(async () => {
  world.identityProvider.misbehave({});
  github.misbehave({});
  github.expectSecret('secret');
  saml.misbehave({});
  await world.happened();
});

interface Hop {
  name: string;
  outcome: string;
  cause: string | null;
  mend: string | null;
  checked: string[];
  calls: { by: string; url: string; sent: string[]; status: number | null; answered: string[] }[];
}

// biome-ignore lint/suspicious/noExplicitAny: answers are read by name
type Answer = any;

const begins = ({ id }: Pick<Connection, 'id'>) =>
  world.admin.post(`/connections/${id}/test`, undefined) as Promise<Answer>;
const reads = ({ id, connectionId }: { id: string; connectionId: string }) =>
  world.admin.get(`/connections/${connectionId}/test/${id}`) as Promise<Answer>;

/** The admin opens the address of a test and signs in there. */
async function goesThere(test: { url: string }, type: Connection['type'], misbehaves?: () => void) {
  const admin = world.somebody();
  misbehaves?.();
  await admin.opens(test.url);
  if (type === 'oidc' && admin.canChoose('Grace Hopper')) await admin.chooses('Grace Hopper');
  if (type === 'saml') await admin.submits({});
  return admin.isAt();
}

const outcomes = (hops: Hop[]) => Object.fromEntries(hops.map(({ name, outcome }) => [name, outcome]));

/** Everything that a sign-in could have left behind. */
async function everythingKept() {
  const { users, sessions, logins } = world.app.database.read;
  const page = { after: null, limit: 100 };
  return { users: await users.list(page), sessions: await sessions.list(page), logins: await logins.list(page) };
}

describe('a test of a connection', () => {
  it.each([
    [
      'oidc',
      [
        'discovery',
        'keys',
        'client',
        'departure',
        'answer',
        'discovery',
        'token',
        'userinfo',
        'keys',
        'id_token',
        'claims',
      ],
    ],
    ['oauth2', ['client', 'endpoints', 'departure', 'answer', 'token', 'userinfo', 'emails', 'claims']],
    ['saml', ['certificates', 'endpoints', 'departure', 'answer', 'assertion', 'claims']],
  ] as const)(
    '%s: each hop there and back is told, and what would become of the person; nothing is changed',
    async (type, names) => {
      const before = await everythingKept();
      const test = await begins(connections[type]);
      expect(test).toMatchObject({ result: 'waiting', claims: null, preview: null });
      expect(await goesThere(test, type)).toBe('The test has passed');
      const done = await reads(test);
      expect(done).toMatchObject({ result: 'passed', url: null });
      expect(done.hops.map(({ name }: Hop) => name).toSorted()).toEqual([...names].toSorted());
      for (const hop of done.hops as Hop[]) expect(hop, hop.name).toMatchObject({ outcome: 'passed', cause: null });
      expect(done.preview).toMatchObject({ result: 'created', userId: null, asks: [], problem: null });
      expect(done.preview.attributes).toContainEqual(expect.objectContaining({ claim: 'email', uri: claims.email }));
      expect(await everythingKept()).toEqual(before);
      expect(await world.happened()).toEqual({ 'connection.tested': 1 });
    },
  );

  it('names what was sent, and keeps no secret, code or token', async () => {
    const test = await begins(world.connection);
    // What the answer is checked against (nonce, PKCE verifier) stays inside while somebody is on the way.
    for (const shown of [test, await reads(test)]) expect(shown).not.toHaveProperty('kept');
    await goesThere(test, 'oidc');
    const done = await reads(test);
    const token = done.hops.find(({ name }: Hop) => name === 'token').calls[0];
    expect(token).toMatchObject({ by: 'server', method: 'POST', status: 200 });
    expect(token.sent).toEqual(
      expect.arrayContaining(['code', 'code_verifier', 'redirect_uri', 'authorization: Basic']),
    );
    expect(token.answered).toEqual(expect.arrayContaining(['access_token', 'id_token']));
    expect(JSON.stringify(done)).not.toMatch(/eyJ|secret between/);
  });

  it('finds the account that would be linked or brought up to date, and what the person would be asked', async () => {
    await changeConnection(world, world.connection, (now) => ({
      ...now,
      jit: { ...now.jit, scheme: 'PROMPT_USERNAME_PASSWORD_CONSENT' },
    }));
    const test = await begins(world.connection);
    await goesThere(test, 'oidc');
    expect((await reads(test)).preview).toMatchObject({ result: 'asks', asks: ['consent', 'username', 'password'] });
    await changeConnection(world, world.connection, (now) => ({
      ...now,
      jit: { ...now.jit, scheme: 'PROVISION_SILENTLY' },
      allowedDomains: ['elsewhere.example'],
    }));
    const other = await begins(world.connection);
    await goesThere(other, 'oidc');
    expect((await reads(other)).preview).toMatchObject({ result: 'refused', problem: { code: 'DOMAIN_NOT_ALLOWED' } });
    await changeConnection(world, world.connection, (now) => ({ ...now, allowedDomains: [] }));
  });

  it('works for a connection that is disabled, which is when it is wanted', async () => {
    await changeConnection(world, connections.oauth2, (now) => ({ ...now, enabled: false }));
    const test = await begins(connections.oauth2);
    expect(await goesThere(test, 'oauth2')).toBe('The test has passed');
    await changeConnection(world, connections.oauth2, (now) => ({ ...now, enabled: true }));
  });

  it('takes one answer: the same one again changes nothing', async () => {
    const test = await begins(connections.saml);
    const admin = world.somebody();
    await admin.opens(test.url);
    const page = admin.page();
    await admin.submits({});
    const first = await reads(test);
    saml.misbehave({ signature: 'none' });
    admin.returnsTo(page);
    await admin.submits({});
    expect(await reads(test)).toEqual(first);
  });

  it('is over after a quarter of an hour, and belongs to its connection alone', async () => {
    const test = await begins(connections.oauth2);
    await expect(world.admin.get(`/connections/${connections.saml.id}/test/${test.id}`)).rejects.toMatchObject({
      status: 404,
    });
    world.clock.skip(15 * 60_000);
    expect(await goesThere(test, 'oauth2')).not.toMatch(/^The test/);
    await expect(reads(test)).rejects.toMatchObject({ status: 404 });
  });
});

describe('what is wrong is told at its hop, with cause and mend', () => {
  it.each([
    ['no provider', { discovery: 'fails' }, 'discovery', /HTTP 500/, /error in the details/],
    ['no keys', { jwks: 'fails' }, 'keys', /HTTP 500/, /publish the keys/],
    ['a page instead of keys', { jwks: 'answers with a page' }, 'keys', /none that signs/, /publish the keys/],
    ['no token endpoint', { token: 'is cut off' }, 'client', /broke off/, /is up/],
  ] as const)('before anybody goes there: %s', async (_what, endpoints, hop, cause, mend) => {
    world.identityProvider.misbehave({ endpoints });
    const test = await begins(world.connection);
    expect(test).toMatchObject({ result: 'failed', url: null });
    expect(test.hops.find(({ name }: Hop) => name === hop)).toMatchObject({
      outcome: 'failed',
      cause: expect.stringMatching(cause),
      mend: expect.stringMatching(mend),
    });
  });

  it('a wrong secret, by a code that was made up; and a secret that is known there alone of the two', async () => {
    github.expectSecret('another');
    const wrong = await begins(connections.oauth2);
    expect(wrong.result).toBe('failed');
    expect(wrong.hops[0]).toMatchObject({
      name: 'client',
      outcome: 'failed',
      mend: expect.stringContaining('client secret'),
    });
    github.expectSecret('secret');
    await changeConnection<OAuth2Connection>(world, connections.oauth2, (now) =>
      changeClientSecret(world.box, now, 'next'),
    );
    const early = await begins(connections.oauth2);
    expect(outcomes(early.hops)).toMatchObject({ client: 'warning' });
    expect(early.url).not.toBeNull();
  });

  it.each([
    [
      'oidc',
      'refuses',
      () => world.identityProvider.misbehave({ refusal: { error: 'access_denied' } }),
      'answer',
      /access_denied/,
    ],
    [
      'oidc',
      'signs with a foreign key',
      () => world.identityProvider.misbehave({ signature: 'foreign key' }),
      'id_token',
      /signature/,
    ],
    [
      'oidc',
      'names another audience',
      () => world.identityProvider.misbehave({ idToken: { aud: 'x' } }),
      'id_token',
      /"aud"/,
    ],
    [
      'oidc',
      'names somebody else',
      () => world.identityProvider.misbehave({ userinfo: { sub: 'x' } }),
      'userinfo',
      /sub/,
    ],
    [
      'oidc',
      'sends too much',
      () => world.identityProvider.misbehave({ userinfo: { much: Array(3000).fill(1) } }),
      'claims',
      /items/,
    ],
    ['oauth2', 'answers no person', () => github.misbehave({ userinfo: { body: [] } }), 'userinfo', /no JSON object/],
    ['oauth2', 'gives no token', () => github.misbehave({ token: { body: {} } }), 'token', /no access token/],
    ['saml', 'does not sign', () => saml.misbehave({ signature: 'none' }), 'assertion', /./],
    [
      'saml',
      'answers somebody else',
      () => saml.misbehave({ audience: 'https://x.example' }),
      'assertion',
      /audience mismatch/,
    ],
  ] as const)('%s: the provider %s', async (type, _what, misbehaves, hop, cause) => {
    await changeConnection<OAuth2Connection>(world, connections.oauth2, (now) =>
      changeClientSecret(world.box, now, 'secret'),
    );
    const test = await begins(connections[type]);
    expect(await goesThere(test, type, misbehaves)).toBe('The test has failed');
    const done = await reads(test);
    expect(done).toMatchObject({ result: 'failed', claims: null, preview: null });
    const failed = done.hops.filter(({ outcome }: Hop) => outcome === 'failed');
    expect(failed).toEqual([
      expect.objectContaining({ name: hop, cause: expect.stringMatching(cause), mend: expect.stringMatching(/\w/) }),
    ]);
  });
});
