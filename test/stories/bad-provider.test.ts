import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Misbehaviour } from '../../src/cli/demo/misbehaviour.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import type { ErrorCode } from '../../src/kernel/errors.ts';
import {
  askApplication,
  beginsSignIn,
  comesThroughGoogle,
  loginIdOf,
  readRefusal,
  takeAnswer,
  typesPassword,
} from './moves.ts';
import { startWorld, type World } from './world.ts';

/** An identity provider that is broken, down, or in an attacker's hand. */

let world: World;

beforeAll(async () => {
  world = await startWorld({ flow: { script: 'function onLoginRequest(context) { executeStep(1); }' } });
  await world.addUser('ann');
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  world.identityProvider.misbehave({});
  // What is known of the provider is asked anew.
  await world.changeConnection((connection) => connection);
  await world.happened();
});

interface Row {
  it: string;
  how: Misbehaviour;
  code: ErrorCode;
  /** The cause as the admin reads it. */
  detail: RegExp;
}

const denied: readonly Row[] = [
  {
    it: 'says that the person refused',
    how: { refusal: { error: 'access_denied', error_description: 'No.' } },
    code: 'IDP_DENIED',
    detail: /«access_denied»: «No\.»/,
  },
  {
    it: 'answers with an error',
    how: { refusal: { error: 'temporarily_unavailable' } },
    code: 'IDP_ERROR',
    detail: /«temporarily_unavailable»/,
  },
  {
    it: 'answers with an error full of markup',
    how: { refusal: { error: 'server_error', error_description: '<script>alert(1)</script>' } },
    code: 'IDP_ERROR',
    detail: /server_error/,
  },
  {
    it: 'has a token endpoint that is down',
    how: { endpoints: { token: 'fails' } },
    code: 'IDP_ERROR',
    detail: /server_error|HTTP 500/,
  },
  { it: 'cuts the answer off', how: { endpoints: { token: 'is cut off' } }, code: 'IDP_UNREACHABLE', detail: /./ },
  {
    it: 'has a userinfo endpoint that is down',
    how: { endpoints: { userinfo: 'fails' } },
    code: 'IDP_ERROR',
    detail: /HTTP 500/,
  },
  {
    it: 'answers with a page',
    how: { endpoints: { token: 'answers with a page' } },
    code: 'IDP_ANSWER_INVALID',
    detail: /./,
  },
  {
    it: 'answers under another issuer',
    how: { callback: { iss: 'https://evil.example' } },
    code: 'IDP_ANSWER_INVALID',
    detail: /issuer|iss/,
  },
  { it: 'leaves its issuer out', how: { callback: { iss: null } }, code: 'IDP_ANSWER_INVALID', detail: /iss/ },
  {
    it: 'signs an id_token of another issuer',
    how: { idToken: { iss: 'https://evil.example' } },
    code: 'IDP_ANSWER_INVALID',
    detail: /evil\.example/,
  },
  { it: 'answers another nonce', how: { idToken: { nonce: 'another' } }, code: 'IDP_ANSWER_INVALID', detail: /nonce/ },
  { it: 'leaves the nonce out', how: { idToken: { nonce: null } }, code: 'IDP_ANSWER_INVALID', detail: /nonce/ },
  {
    it: 'speaks of another audience',
    how: { idToken: { aud: 'somebody-else' } },
    code: 'IDP_ANSWER_INVALID',
    detail: /aud|somebody-else/,
  },
  {
    it: 'sends an id_token that is over',
    how: { idToken: { exp: 1_000_000_000, iat: 999_999_000 } },
    code: 'IDP_ANSWER_INVALID',
    detail: /exp|timestamp/,
  },
  {
    it: 'signs with a key that it never published',
    how: { signature: 'foreign key' },
    code: 'IDP_ANSWER_INVALID',
    detail: /signature/,
  },
  { it: 'does not sign', how: { signature: 'none' }, code: 'IDP_ANSWER_INVALID', detail: /./ },
  { it: 'says no sub', how: { idToken: { sub: null } }, code: 'IDP_ANSWER_INVALID', detail: /sub/ },
  {
    it: 'says another sub in userinfo',
    how: { userinfo: { sub: 'somebody-else' } },
    code: 'IDP_ANSWER_INVALID',
    detail: /sub/,
  },
  { it: 'sends a code that is none', how: { callback: { code: 'x' } }, code: 'IDP_ERROR', detail: /invalid_grant/ },
  { it: 'sends no code', how: { callback: { code: null } }, code: 'IDP_ANSWER_INVALID', detail: /code/ },
];

/** The step is shown again with the reason, and the person can still sign in otherwise. */
async function expectShownAgain(person: Person, { code, detail }: Pick<Row, 'code' | 'detail'>, loginId: string) {
  expect(person.page().url).toContain(`${world.url}/login/`);
  expect(person.isAt()).toBe('Sign in');
  const { event, status } = await readRefusal(world, person);
  expect(status).toBeLessThan(500);
  expect(event).toMatchObject({ type: 'login.step-missed', code, loginId, details: { connection: 'Google', step: 1 } });
  expect(event!.details['detail']).toMatch(detail);
  expect(person.page().text).not.toContain('alert(1)');
  expect(world.log.at(-1)).toMatchObject({ code, connection: 'Google' });
  expect((await world.users()).map(({ username }) => username)).toEqual(['ann']);
  expect((await askApplication(world, person)).signedIn).toBe(false);
  expect(await world.happened()).toEqual({ 'login.step-missed': 1 });

  await typesPassword(person, 'ann');
  expect(person.isAt()).toBe('Signed in');
  expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
}

describe('A provider that', () => {
  it.each(denied)('$it', async ({ how, ...row }) => {
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await person.chooses('Google');
    world.identityProvider.misbehave(how);
    if (how.refusal) await person.opens(person.page().url);
    else await person.chooses('Grace Hopper');
    await expectShownAgain(person, row, id);
  });

  it('is left by «Don’t sign in»', async () => {
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await comesThroughGoogle(person, "Don't sign in");
    await expectShownAgain(person, { code: 'IDP_DENIED', detail: /access_denied/ }, id);
  });

  it('is left five times: the sign-in ends, and the password comes too late', async () => {
    const person = await beginsSignIn(world);
    const page = person.page();
    for (let i = 0; i < 4; i++) {
      await comesThroughGoogle(person, "Don't sign in");
      expect(person.isAt()).toBe('Sign in');
    }
    await comesThroughGoogle(person, "Don't sign in");
    expect(await readRefusal(world, person)).toMatchObject({ code: 'IDP_DENIED', event: { type: 'login.failed' } });
    person.returnsTo(page);
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('You are not signed in');
    expect((await askApplication(world, person)).signedIn).toBe(false);
    expect(await world.happened()).toEqual({ 'login.step-missed': 4, 'login.failed': 1 });
  });

  it.each<Row>([
    { it: 'is down', how: { endpoints: { discovery: 'fails' } }, code: 'IDP_ERROR', detail: /HTTP 500/ },
    {
      it: 'shows a page instead of its metadata',
      how: { endpoints: { discovery: 'answers with a page' } },
      code: 'IDP_ANSWER_INVALID',
      detail: /./,
    },
    {
      it: 'says that it is another issuer',
      how: { metadata: { issuer: 'https://evil.example' } },
      code: 'IDP_ANSWER_INVALID',
      detail: /issuer/,
    },
  ])('$it before anybody was sent there', async ({ how, ...row }) => {
    world.identityProvider.misbehave(how);
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await person.chooses('Google');
    await expectShownAgain(person, row, id);
  });

  it('fails, and the script wants to know: its onFail runs, and an event tells why', async () => {
    await world.publish({
      script: `function onLoginRequest(context) { executeStep(1, { onFail: function () { executeStep(1); } }); }`,
    });
    const person = await beginsSignIn(world);
    await person.chooses('Google');
    world.identityProvider.misbehave({ idToken: { nonce: 'another' } });
    await person.chooses('Grace Hopper');
    expect(person.isAt()).toBe('Sign in');
    expect(person.page().alerts).toEqual([]);
    expect(await world.lastEvent('login.step-missed')).toMatchObject({ code: 'IDP_ANSWER_INVALID' });
    expect(await world.happened()).toEqual({ 'login.step-missed': 1 });
  });

  it('is the only way and cannot be trusted: the sign-in ends with a reference', async () => {
    await world.publish({
      steps: [{ options: [{ idp: 'Google' }] }],
      script: 'function onLoginRequest() { executeStep(1); }',
    });
    const person = await beginsSignIn(world);
    expect(person.isAt()).toBe('Choose an account');
    world.identityProvider.misbehave({ signature: 'foreign key' });
    await person.chooses('Grace Hopper');
    expect(person.isAt()).toBe('You are not signed in');
    expect(await readRefusal(world, person)).toMatchObject({ status: 502, code: 'IDP_ANSWER_INVALID' });
    expect((await world.lastEvent('login.failed')).details['detail']).toMatch(/signature/);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('is the only way and is down: the person can try again until it is back', async () => {
    world.identityProvider.misbehave({ endpoints: { discovery: 'fails' } });
    const person = await beginsSignIn(world);
    expect(person.page().alerts.join()).toContain('reported an error');
    await person.chooses('Google');
    expect(person.page().alerts.join()).toContain('reported an error');
    world.identityProvider.misbehave({});
    await comesThroughGoogle(person, 'Alan Turing');
    expect(person.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({
      'login.step-missed': 2,
      'user.created': 1,
      'association.created': 1,
      'login.succeeded': 1,
    });
  });
});

describe('An answer of the provider', () => {
  beforeAll(() => world.publish({ script: 'function onLoginRequest(context) { executeStep(1); }' }));

  /** At the provider, and how the answer that is on its way will look. */
  async function atProvider(): Promise<{ person: Person; loginUrl: string; id: string }> {
    const person = await beginsSignIn(world);
    const loginUrl = person.page().url;
    await person.chooses('Google');
    return { person, loginUrl, id: loginIdOf({ ...person, page: () => ({ ...person.page(), url: loginUrl }) }) };
  }

  it.each<[string, Record<string, string | null>]>([
    ['without its state', { state: null }],
    ['with another state', { state: 'x'.repeat(43) }],
  ])('%s changes nothing, and the sign-in goes on', async (_what, callback) => {
    const { person, loginUrl } = await atProvider();
    world.identityProvider.misbehave({ callback });
    const asked = world.identityProvider.requests()['token'];
    await person.chooses('Grace Hopper');
    expect(await readRefusal(world, person)).toMatchObject({ status: 400, code: 'STATE_INVALID' });
    expect(world.identityProvider.requests()['token']).toBe(asked);
    expect(await world.happened()).toEqual({ 'login.request-refused': 1 });
    await person.opens(loginUrl);
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Signed in');
  });

  it('counts once: brought twice at a time and once more, it makes one account and one code', async () => {
    const { person } = await atProvider();
    const answer = await takeAnswer(world, person);
    const tab = person.opensTab();
    const asked = world.identityProvider.requests()['token'] ?? 0;
    await Promise.all([person.opens(answer), tab.opens(answer)]);
    await person.opens(answer);
    expect(person.page().status).toBe(400);
    expect(world.identityProvider.requests()['token']).toBe(asked + 1);
    expect((await askApplication(world, person)).signedIn).toBe(true);
    const { 'login.request-refused': late = 0, 'oidc.error': told = 0, ...rest } = await world.happened();
    expect(late + told).toBeLessThan(4);
    expect(rest).toEqual({ 'user.created': 1, 'association.created': 1, 'login.succeeded': 1 });
  });

  it('of one browser is worth nothing in another, and stays good in the first', async () => {
    const { person, id } = await atProvider();
    const answer = await takeAnswer(world, person);
    const stranger = await beginsSignIn(world);
    const asked = world.identityProvider.requests()['token'];
    await stranger.opens(answer);
    expect(await readRefusal(world, stranger)).toMatchObject({
      status: 403,
      code: 'WRONG_BROWSER',
      event: { loginId: id },
    });
    expect((await askApplication(world, stranger)).signedIn).toBe(false);
    expect(world.identityProvider.requests()['token']).toBe(asked);
    await person.opens(answer);
    expect(person.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'login.request-refused': 1, 'login.succeeded': 1 });
  });

  it('for one sign-in is worth nothing in another of the same browser', async () => {
    const { person } = await atProvider();
    const answer = new URL(await takeAnswer(world, person));
    const other = person.opensTab();
    await other.opens(`${world.application.url}/sign-in`);
    const id = loginIdOf(other);
    await other.chooses('Google');
    await other.opens(`${world.url}/login/${id}/callback${answer.search}`);
    expect(await readRefusal(world, other)).toMatchObject({
      status: 400,
      code: 'STATE_INVALID',
      event: { loginId: id },
    });
    expect(await world.happened()).toEqual({ 'login.request-refused': 1 });
  });

  it('whose way went over another choice meanwhile is worth nothing', async () => {
    const { person, loginUrl } = await atProvider();
    const answer = await takeAnswer(world, person);
    await person.opens(loginUrl);
    await typesPassword(person, 'ann', 'wrong');
    await person.opens(answer);
    expect(person.page().status).toBe(409);
    expect(person.isAt()).toBe('This step is done');
    expect(await world.happened()).toEqual({});
  });
});
