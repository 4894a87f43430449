import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AdminApi, createAdminApi } from '../../src/cli/admin-api.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import type { User } from '../../src/directory/user.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { askApplication, asksForSignIn, beginsSignIn, comesThroughGoogle, typesPassword } from './moves.ts';
import { addSecondApplication, type SecondApplication } from './second-application.ts';
import { passwordOnly, passwordOrGoogle, signedIn } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/*
 * An application hears that a session is over, however it ended (OpenID Connect Back-Channel Logout 1.0): by a token that it
 * checks as the specification says, at an address of its own.
 */

const adminToken = 'an-admin-token-that-is-long-enough';
const event = 'http://schemas.openid.net/event/backchannel-logout';

let world: World;
let wiki: SecondApplication;
let endpoint: Endpoint;
let api: AdminApi;

beforeAll(async () => {
  endpoint = await createEndpoint();
  world = await startWorld({ env: { STEPGATE_ADMIN_TOKEN: adminToken } });
  wiki = await addSecondApplication(world, { host: '127.0.0.4' });
  api = createAdminApi({ serverUrl: world.url, adminToken });
});
afterAll(async () => {
  await world?.close();
  await Promise.all([wiki?.close(), endpoint?.close()]);
});
beforeEach(async () => {
  endpoint.forget();
  endpoint.answers((_asked, response) => response.end());
  await world.publish(passwordOnly);
  await wiki.publish(passwordOnly);
  await registers({ backchannelLogoutUri: `${endpoint.url}/logout?of=stepgate` });
  await world.happened();
});

const registers = (settings: object, { id }: { id: string } = world.registered) =>
  api.patch(`/applications/${id}`, {
    backchannelLogoutUri: null,
    backchannelLogoutSessionRequired: true,
    ...settings,
  });

/** The claims of all tokens that came, each checked as section 2.6 says. */
async function tokensThatCame() {
  const keys = createRemoteJWKSet(new URL(`${world.url}/oidc/jwks`));
  return Promise.all(
    endpoint.asked.map(async ({ method, path, headers, body }) => {
      expect([method, path]).toEqual(['POST', '/logout?of=stepgate']);
      expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
      const form = new URLSearchParams(body);
      expect([...form.keys()]).toEqual(['logout_token']);
      const { payload } = await jwtVerify(form.get('logout_token')!, keys, {
        issuer: `${world.url}/oidc`,
        audience: 'payroll',
        typ: 'logout+jwt',
        algorithms: ['ES256'],
        requiredClaims: ['iat', 'exp', 'jti', 'sub'],
      });
      return payload;
    }),
  );
}

const isTold = () =>
  expect.poll(() => world.happened(), { timeout: 5000 }).toMatchObject({ 'application.logout-told': 1 });
const left = () => world.app.database.read.owedLogouts.listDue({ now: Number.MAX_SAFE_INTEGER, limit: 10, except: [] });
const sidOf = async (person: Person) => (await askApplication(world, person)).claims?.['sid'];

async function signsOut(person: Person): Promise<void> {
  await person.opens(`${world.application.url}/sign-out`);
  await person.chooses('Sign out');
  expect(person.isAt()).toBe('Signed out');
}

describe('The application is told once when a session ends', () => {
  it.each<[string, (person: Person, user: User) => Promise<unknown>]>([
    ['as the person signs out', signsOut],
    [
      'by an admin',
      async (_person, { id }) => {
        const [session] = await api.list(`/sessions?userId=${id}`);
        await api.delete(`/sessions/${session?.['id']}`);
      },
    ],
    ['as the account is locked', (_person, { id }) => api.patch(`/users/${id}`, { locked: true })],
    ['as the account is disabled', (_person, { id }) => api.patch(`/users/${id}`, { disabled: true })],
    ['as the account is deleted', (_person, { id }) => api.delete(`/users/${id}`)],
    [
      'by a script',
      async (_person, { username }) => {
        await wiki.publish({
          ...passwordOnly,
          script: `function onLoginRequest(context) {
            executeStep(1, { onSuccess: function (context) {
              var user = context.currentKnownSubject;
              getUserSessions(user).forEach(function (session) { terminateUserSession(user, session); });
            } });
          }`,
        });
        const other = world.somebody();
        await asksForSignIn(wiki, other);
        await typesPassword(other, username);
        expect(other.isAt()).toBe('Signed in');
      },
    ],
    [
      'to make room for a new one',
      async (_person, { username }) => {
        await wiki.publish({
          steps: [passwordOrGoogle, { options: [{ authenticator: 'SessionExecutor' }] }],
          script: 'function onLoginRequest(context) { executeStep(1); executeStep(2); }',
        });
        const other = world.somebody();
        await asksForSignIn(wiki, other);
        await typesPassword(other, username);
        await other.chooses('Sign out everywhere else and continue');
        expect(other.isAt()).toBe('Signed in');
      },
    ],
    [
      'as somebody else signs in with the browser',
      async (person) => {
        await world.addUser(`bob-of-${endpoint.url}`.replace(/\W/g, ''));
        await person.opens(`${wiki.application.url}/sign-in?prompt=login`);
        await typesPassword(person, `bob-of-${endpoint.url}`.replace(/\W/g, ''));
        expect(person.isAt()).toBe('Signed in');
      },
    ],
  ])('%s', async (_how, ends) => {
    const { person, user } = await signedIn(world);
    const { claims } = await askApplication(world, person);
    const began = Math.floor(Date.now() / 1000);
    await ends(person, user);
    await isTold();
    const [token, ...others] = await tokensThatCame();
    expect(others).toEqual([]);
    expect(token).toEqual({
      iss: `${world.url}/oidc`,
      aud: 'payroll',
      sub: user.id,
      sid: claims?.['sid'],
      iat: expect.any(Number),
      exp: token!.iat! + 120,
      jti: expect.stringMatching(/^[\w-]{20,}$/),
      events: { [event]: {} },
    });
    expect(token!.iat).toBeGreaterThanOrEqual(began);
    expect(token!['sid']).toMatch(/^[\w-]{43}$/);
    expect(await world.lastEvent('application.logout-told')).toMatchObject({
      target: world.registered.id,
      details: { application: 'Payroll' },
    });
    expect(await left()).toEqual([]);
  });

  it('as the person signs out who allowed the application to know them', async () => {
    await registers({ backchannelLogoutUri: `${endpoint.url}/logout?of=stepgate`, consent: 'ask' });
    const { username } = await world.addUser('carol');
    const person = await beginsSignIn(world);
    await typesPassword(person, username);
    await person.chooses('Allow');
    expect(person.isAt()).toBe('Signed in');
    const sid = await sidOf(person);
    await signsOut(person);
    await isTold();
    expect(await tokensThatCame()).toMatchObject([{ sid }]);
    await registers({ consent: 'skip' });
  });

  it('as the identity provider tells of a sign-out there', async () => {
    const metadata = { end_session_endpoint: `${world.identityProvider.url}/bye` };
    world.identityProvider.misbehave({ metadata, idToken: { sid: 'sid-1' } });
    await world.changeConnection((connection) => ({ ...connection, singleLogout: true }));
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    const { claims } = await askApplication(world, person);
    const at = Math.floor(Date.now() / 1000);
    const told = { aud: 'stepgate', iat: at, exp: at + 120, jti: 'jti-1', events: { [event]: {} }, sid: 'sid-1' };
    const answer = await fetch(`${world.url}/connections/${world.connection.id}/logout`, {
      method: 'POST',
      body: new URLSearchParams({
        logout_token: await world.identityProvider.sign({ iss: world.identityProvider.url, ...told }),
      }),
    });
    expect(answer.status).toBe(200);
    await isTold();
    expect(await tokensThatCame()).toMatchObject([{ sub: claims?.['sub'], sid: claims?.['sid'] }]);
  });
});

describe('Nobody is told', () => {
  it('of a session at another application, or in another browser', async () => {
    const { person: laptop, user } = await signedIn(world);
    const phone = await beginsSignIn(world);
    await typesPassword(phone, user.username);
    const [ofLaptop, ofPhone] = [await sidOf(laptop), await sidOf(phone)];
    expect(ofLaptop).not.toBe(ofPhone);
    const elsewhere = world.somebody();
    await asksForSignIn(wiki, elsewhere);
    await typesPassword(elsewhere, user.username);
    await elsewhere.opens(`${wiki.application.url}/sign-out`);
    await elsewhere.chooses('Sign out');
    await signsOut(phone);
    await isTold();
    expect((await tokensThatCame()).map(({ sid }) => sid)).toEqual([ofPhone]);
    expect(await left()).toEqual([]);
  });

  it('who has no address for it, or none any more', async () => {
    await registers({});
    await signsOut((await signedIn(world)).person);
    expect(await left()).toEqual([]);
    expect(endpoint.asked).toEqual([]);
    endpoint.answers((_asked, response) => response.writeHead(503).end());
    await registers({ backchannelLogoutUri: `${endpoint.url}/logout?of=stepgate` });
    await signsOut((await signedIn(world)).person);
    await endpoint.untilAsked(1);
    await expect.poll(left).toMatchObject([{ attempts: 1 }]);
    await registers({});
    world.clock.skip(10_000);
    await expect.poll(left, { timeout: 5000 }).toEqual([]);
    expect(endpoint.asked).toHaveLength(1);
  });
});

it('one browser is one session at each application, under a name that the other application does not know', async () => {
  await registers({ backchannelLogoutUri: `${endpoint.url}/wiki` }, wiki.registered);
  const { person } = await signedIn(world);
  await asksForSignIn(wiki, person);
  const sids = [await sidOf(person), (await askApplication(wiki, person)).claims?.['sid']];
  await asksForSignIn(world, person);
  expect(await sidOf(person)).toBe(sids[0]);
  await signsOut(person);
  await endpoint.untilAsked(2);
  const told = endpoint.asked.map(({ path, body }) => {
    const { aud, sid } = decodeJwt(new URLSearchParams(body).get('logout_token')!);
    return [path, aud, sid];
  });
  expect(told).toEqual(
    expect.arrayContaining([
      ['/logout?of=stepgate', 'payroll', sids[0]],
      ['/wiki', 'wiki', sids[1]],
    ]),
  );
  expect(sids[0]).not.toBe(sids[1]);
  await registers({}, wiki.registered);
});

it('an application that wants no session’s name gets none, neither at first nor at the end', async () => {
  await registers({
    backchannelLogoutUri: `${endpoint.url}/logout?of=stepgate`,
    backchannelLogoutSessionRequired: false,
  });
  const { person, user } = await signedIn(world);
  expect(await sidOf(person)).toBeUndefined();
  await signsOut(person);
  await isTold();
  const [token] = await tokensThatCame();
  expect(token).toMatchObject({ sub: user.id });
  expect(token).not.toHaveProperty('sid');
});

it('the server says that it can', async () => {
  const answer = await fetch(`${world.url}/oidc/.well-known/openid-configuration`);
  expect(await answer.json()).toMatchObject({
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  });
});

describe('An application that is not told', () => {
  it('keeps nobody waiting where it hangs', async () => {
    const open = Promise.withResolvers<void>();
    endpoint.answers(async (_asked, response) => {
      await open.promise;
      response.end();
    });
    const { person } = await signedIn(world);
    await signsOut(person);
    await endpoint.untilAsked(1);
    expect(await world.happened()).toEqual({ 'session.ended': 1 });
    open.resolve();
    await isTold();
  });

  it.each([
    ['is down', 503, 'HTTP 503.'],
    ['does not believe it', 400, 'HTTP 400.'],
    ['sends us elsewhere', 302, 'none is followed.'],
  ])('because it %s is told again, by another token, also after a restart', async (_how, status, detail) => {
    endpoint.answers((_asked, response) => response.writeHead(status, { location: `${endpoint.url}/other` }).end());
    const { person } = await signedIn(world);
    await signsOut(person);
    await expect.poll(() => world.happened(), { timeout: 5000 }).toMatchObject({ 'application.logout-failed': 1 });
    expect(await world.lastEvent('application.logout-failed')).toMatchObject({
      target: world.registered.id,
      code: 'EGRESS_FAILED',
      details: { application: 'Payroll', detail: expect.stringContaining(detail), attempts: 1, triesAgain: true },
    });
    endpoint.answers((_asked, response) => response.writeHead(204).end());
    await world.restart();
    world.clock.skip(10_000);
    await isTold();
    const [first, second, ...others] = await tokensThatCame();
    expect(others).toEqual([]);
    expect(second).toMatchObject({ sub: first!.sub, sid: first!['sid'] });
    expect(second!.jti).not.toBe(first!.jti);
  });

  it('because its address leads into our network is never called, and the admin reads why', async () => {
    await registers({ backchannelLogoutUri: 'https://169.254.169.254/logout' });
    await signsOut((await signedIn(world)).person);
    await expect.poll(() => world.happened(), { timeout: 5000 }).toMatchObject({ 'application.logout-failed': 1 });
    expect(await world.lastEvent('application.logout-failed')).toMatchObject({ code: 'EGRESS_REFUSED' });
    expect(endpoint.asked).toEqual([]);
  });
});
