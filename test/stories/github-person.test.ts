import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeClientSecret } from '../../src/connections/client-secret.ts';
import type { OAuth2Connection } from '../../src/connections/connection.ts';
import { claims } from '../../src/directory/claims.ts';
import {
  createOAuth2Provider,
  type OAuth2Misbehaviour,
  type OAuth2Provider,
  octocat,
} from '../federation/oauth2-provider.ts';
import { changeConnection, connectGitHub } from './connections.ts';
import { askApplication, beginsSignIn } from './moves.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let github: OAuth2Provider;
let connection: OAuth2Connection;
beforeAll(async () => {
  world = await startWorld();
  github = await createOAuth2Provider('127.0.0.3');
  connection = await connectGitHub(world, github);
  await world.publish({ steps: [{ options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'GitHub' }] }] });
});
afterAll(async () => {
  await world?.close();
  await github?.close();
});
beforeEach(async () => {
  github.misbehave({});
  github.expectSecret('secret');
  await world.happened();
});

async function comes() {
  const person = await beginsSignIn(world);
  await person.chooses('GitHub');
  return person;
}

const change = (how: (one: OAuth2Connection) => OAuth2Connection) => changeConnection(world, connection, how);

describe('Somebody from GitHub', () => {
  it('gets no account with JIT off, and the same sub each time', async () => {
    await change((one) => ({ ...one, jit: { ...one.jit, enabled: false } }));
    const subjects = [];
    for (const _time of ['first', 'second']) {
      const person = await comes();
      expect(person.isAt()).toBe('Signed in');
      const me = await askApplication(world, person);
      expect(me.claims).toMatchObject({ email: 'octocat@example.com', email_verified: true });
      subjects.push(me.claims['sub']);
    }
    expect(new Set(subjects).size).toBe(1);
    expect(await world.users()).toEqual([]);
    await change((one) => ({ ...one, jit: { ...one.jit, enabled: true } }));
  });

  it('gets an account by the unchanging number, with the verified primary address, and keeps it', async () => {
    for (const _time of ['first', 'second']) {
      const person = await comes();
      expect(person.isAt()).toBe('Signed in');
      const [account, ...others] = await world.users();
      expect(others).toEqual([]);
      expect(account).toMatchObject({ username: 'octocat@example.com', verified: [claims.email] });
      expect(account!.attributes).toContainEqual({
        uri: claims.email,
        value: 'octocat@example.com',
        origin: `connection:${connection.id}`,
      });
      expect(await world.app.database.read.users.findAssociation(connection.id, '583231')).toMatchObject({
        userId: account!.id,
      });
    }
    expect(await world.happened()).toMatchObject({ 'user.created': 1, 'association.created': 1 });
  });

  it('is another person under another number, whatever else is the same', async () => {
    github.misbehave({ userinfo: { body: { id: 99, login: 'octocat' } } });
    const person = await comes();
    expect(person.isAt()).not.toBe('Signed in');
    expect(await world.users()).toHaveLength(1);
    expect(await world.happened()).toMatchObject({ 'login.failed': 1 });
  });

  it('has passed no second factor there, whatever userinfo says: nothing of it is signed', async () => {
    await change((one) => ({ ...one, trustedAmr: ['mfa', 'gold'] }));
    github.misbehave({ userinfo: { body: { ...octocat, amr: ['mfa'], acr: 'gold' } } });
    const person = await comes();
    expect(person.isAt()).toBe('Signed in');
    expect((await askApplication(world, person)).claims['amr'] ?? []).toEqual([]);
    await change((one) => ({ ...one, trustedAmr: [] }));
  });

  it('comes in while the secret is changed, whichever side is first', async () => {
    await change((one) => changeClientSecret(world.box, one, 'new secret'));
    expect((await comes()).isAt()).toBe('Signed in');
    github.expectSecret('new secret');
    expect((await comes()).isAt()).toBe('Signed in');
    await change((one) => changeClientSecret(world.box, one, 'secret'));
    expect((await comes()).isAt()).toBe('Signed in');
    github.expectSecret('a secret that nobody gave us');
    expect((await comes()).isAt()).not.toBe('Signed in');
  });
});

const says = (more: object): OAuth2Misbehaviour => ({ userinfo: { body: { ...octocat, ...more } } });

describe('nobody comes in when GitHub', () => {
  it.each<[string, OAuth2Misbehaviour, string]>([
    ['refuses the code, with status 200', { token: { body: { error: 'bad_verification_code' } } }, 'IDP_ERROR'],
    ['refuses as Facebook does', { token: { status: 400, body: { error: { type: 'OAuthException' } } } }, 'IDP_ERROR'],
    ['fails without a word', { token: { status: 503, body: 'Unavailable' } }, 'IDP_ERROR'],
    ['gives a page for a token', { token: { body: '<html>' } }, 'IDP_ANSWER_INVALID'],
    ['gives no token', { token: { body: { token_type: 'bearer' } } }, 'IDP_ANSWER_INVALID'],
    [
      'gives a token that is no text',
      { token: { body: { access_token: 7, token_type: 'bearer' } } },
      'IDP_ANSWER_INVALID',
    ],
    [
      'gives a token of another kind',
      { token: { body: { access_token: 'x', token_type: 'mac' } } },
      'IDP_ANSWER_INVALID',
    ],
    [
      'gives a token that breaks a header',
      { token: { body: { access_token: 'a\r\nb', token_type: 'bearer' } } },
      'IDP_ANSWER_INVALID',
    ],
    ['names nobody', { userinfo: { body: { login: 'octocat' } } }, 'IDP_ANSWER_INVALID'],
    ['names a number that is none', { userinfo: { body: { id: 1.5 } } }, 'IDP_ANSWER_INVALID'],
    ['names a number too large to be exact', { userinfo: { body: '{"id": 90071992547409931}' } }, 'IDP_ANSWER_INVALID'],
    ['names somebody by 300 characters', says({ id: 'x'.repeat(300) }), 'IDP_ANSWER_INVALID'],
    ['names somebody with a null byte', says({ id: 'a\0b' }), 'IDP_ANSWER_INVALID'],
    ['tells a null byte', says({ name: 'The\0Octocat' }), 'IDP_ANSWER_INVALID'],
    ['tells 10,000 groups', says({ groups: Array.from({ length: 10_000 }, (_, n) => `g${n}`) }), 'IDP_ANSWER_INVALID'],
    ['tells 300 kB', says({ bio: 'x'.repeat(300_000) }), 'IDP_ANSWER_INVALID'],
    ['tells more than 1 MB', says({ bio: 'x'.repeat(1_100_000) }), 'IDP_ANSWER_INVALID'],
    ['tells more than 1 MB of addresses', { emails: { body: ['x'.repeat(1_100_000)] } }, 'IDP_ANSWER_INVALID'],
    ['names a list', { userinfo: { body: [{ id: 1 }] } }, 'IDP_ANSWER_INVALID'],
    ['does not name anybody', { userinfo: { status: 500, body: {} } }, 'IDP_ERROR'],
    ['has lost the addresses', { emails: { status: 404, body: {} } }, 'IDP_ERROR'],
    ['sends the person back without a code', { callback: { code: null } }, 'IDP_ANSWER_INVALID'],
    ['says that the person refused', { callback: { code: null, error: 'access_denied' } }, 'IDP_DENIED'],
  ])('%s', async (_name, how, code) => {
    github.misbehave(how);
    const person = await comes();
    expect(person.isAt()).not.toBe('Signed in');
    const events = await world.app.database.read.audit.list({ after: null, limit: 3 });
    expect(events.map((event) => event.code)).toContain(code);
    expect((await askApplication(world, person)).signedIn).toBe(false);
  });

  it.each(['/login/callback', '/connections/conn_of-another/callback'])(
    'answers at %s: the code is not redeemed (mix-up, RFC 9700 section 4.4)',
    async (backTo) => {
      github.misbehave({ backTo });
      const before = github.requests()['/token'];
      const person = await comes();
      expect(person.isAt()).not.toBe('Signed in');
      expect(github.requests()['/token']).toBe(before);
    },
  );

  it('answers into another browser: it is sent to the login, and the cookie is missing there', async () => {
    const person = await beginsSignIn(world);
    const other = world.somebody();
    github.misbehave({ backTo: '/health/live' });
    await person.chooses('GitHub');
    const stolen = new URL(person.page().url).search;
    await other.opens(`${world.url}/connections/${connection.id}/callback${stolen}`);
    expect(await world.lastEvent('login.request-refused')).toMatchObject({ code: 'WRONG_BROWSER' });
    expect((await askApplication(world, other)).signedIn).toBe(false);
  });
});

it.each([
  ['an address that is not verified', [{ email: 'a@example.com', primary: true, verified: false }], []],
  ['no primary one', [{ email: 'b@example.com', primary: false, verified: true }], null],
  ['a list of nonsense', [null, 7, 'x', { primary: true, email: 9 }], null],
  ['no list', { email: 'c@example.com' }, null],
])('%s proves nothing', async (_name, body, verified) => {
  github.misbehave({ emails: { body } });
  expect((await comes()).isAt()).toBe('Signed in');
  const [account] = await world.users();
  const mail = account!.attributes.find(({ uri }) => uri === claims.email);
  if (verified === null) expect(mail).toBeUndefined();
  expect(account!.verified).toEqual([]);
});
