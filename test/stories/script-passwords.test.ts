import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import { createThrottling } from '../../src/directory/throttling.ts';
import { connectGitHub } from './connections.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import {
  asksForSignIn,
  beginsSignIn,
  comesThroughGoogle,
  loginIdOf,
  readAllKept,
  readRefusal,
  readScriptLog,
  shownKey,
  typesPassword,
} from './moves.ts';
import { passwordOnly, passwordOrGoogle, sessionsOf, signedIn } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** Passwords that scripts set, and what a script can do with one that a person typed: hand it on, and never read it. */

let world: World;
let endpoint: Endpoint;
beforeAll(async () => {
  endpoint = await createEndpoint();
  world = await startWorld({ env: { STEPGATE_EGRESS_HOSTS: `127.0.0.1,${new URL(endpoint.url).hostname}` } });
});
afterAll(async () => {
  await world?.close();
  await endpoint?.close();
});
beforeEach(async () => {
  endpoint.forget();
  endpoint.answers((_asked, response) => response.end('{}'));
  await world.happened();
});

const steps = [passwordOrGoogle];

const after = (body: string) => ({
  steps,
  script: `function onLoginRequest(context) {
    executeStep(1, { onSuccess: function (context) {
      var user = context.currentKnownSubject, typed = context.request.params.password[0];
      ${body}
    } });
  }`,
});

async function runs(name: string, body: string) {
  await world.publish(after(body));
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await typesPassword(person, name);
  return { person, id, said: (await readScriptLog(world, id)).map((line) => line.replace(/^info \d+: /, '')) };
}

it('Whose name was typed is in lastLoginFailedUser, and nobody else', async () => {
  await world.addUser('kim', { email: 'kim@example.com' });
  await world.publish({
    steps,
    script: `function onLoginRequest(context) {
      executeStep(1, { onFail: function (context) {
        var user = context.lastLoginFailedUser;
        Log.info(user === null ? 'nobody' : user.username + ' ' + updateUserPassword(user, 'three new words'));
      } });
    }`,
  });
  for (const [name, said] of [
    ['kim@example.com', 'kim true'],
    ['nobody', 'nobody'],
  ] as const) {
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, name, 'not the password');
    expect(await readScriptLog(world, id)).toEqual([`info 4: ${said}`]);
  }
});

describe('A script that sets a password', () => {
  it.each([
    ['a good one', "'three new words'", true],
    ['one that is short', "'short'", false],
    ['one that is known from leaks', "'qwertyuiop'", false],
    ['the name of the account', "'eve@example.com'", false],
    ['an old one, without the rules', "'short', true", true],
    ['none at all, without the rules', "'', 'true'", false],
    ['one that is too long for anybody, without the rules', "'x'.repeat(1025), true", false],
  ])('%s', async (what, argument, expected) => {
    const name = `e${what.replaceAll(/\W/g, '')}`;
    const user = await world.addUser(name, { email: 'eve@example.com' });
    const hash = await world.app.database.read.users.findPasswordHash(user.id);
    const { said, person } = await runs(name, `Log.info(updateUserPassword(user, ${argument}));`);
    expect(said).toEqual([String(expected)]);
    expect(person.isAt()).toBe('Signed in');
    expect((await world.app.database.read.users.findPasswordHash(user.id)) !== hash).toBe(expected);
    await world.app.database.unit(({ users }) => users.delete(user.id));
  });

  it('and gives one of half a letter has an error in it: nothing is set', async () => {
    const user = await world.addUser('half');
    const hash = await world.app.database.read.users.findPasswordHash(user.id);
    const { person } = await runs('half', "updateUserPassword(user, '\\ud800 and more of it', true);");
    expect(await readRefusal(world, person)).toMatchObject({ code: 'SCRIPT_ERROR' });
    expect(await world.app.database.read.users.findPasswordHash(user.id)).toBe(hash);
  });

  it('learns by its handlers, and fails without onFail', async () => {
    await world.addUser('fay');
    const told = '{ onSuccess: function () { Log.info("set"); }, onFail: function () { Log.info("not set"); } }';
    expect((await runs('fay', `updateUserPassword(user, 'short', ${told});`)).said).toEqual(['not set']);
    const { person } = await runs('fay', "updateUserPassword(user, 'short', { onSuccess: function () {} });");
    expect(await readRefusal(world, person)).toMatchObject({ code: 'PASSWORD_TOO_SHORT' });
  });

  it('with handlers waits in the queue like a step, and without does it at once', async () => {
    const user = await world.addUser('una');
    const readHash = () => world.app.database.read.users.findPasswordHash(user.id);
    const hash = await readHash();
    const page = "prompt('genericForm', { inputs: [{ id: 'pet', label: 'Pet' }] }, {});";
    const { person, id } = await runs(
      'una',
      `${page} updateUserPassword(user, 'three new words', { onSuccess: function () { Log.info('set'); } }); Log.info('waits');`,
    );
    expect(await readHash()).toBe(hash);
    await person.submits({ pet: 'cat' });
    expect(await readScriptLog(world, id)).toEqual(['info 4: waits', 'info 4: set']);
    expect(person.isAt()).toBe('Signed in');
    const set = await readHash();
    expect(set).not.toBe(hash);

    await world.publish(after(`${page} updateUserPassword(user, 'four other new words');`));
    const again = await beginsSignIn(world);
    await typesPassword(again, 'una', 'three new words');
    expect(again.isAt()).not.toBe('Signed in');
    expect(await readHash()).not.toBe(set);
  });

  it('sets none for somebody who has no account yet', async () => {
    await world.publish({
      steps,
      script: `function onLoginRequest(context) {
        executeStep(1, { onSuccess: function (context) {
          var user = context.currentKnownSubject;
          Log.info(updateUserPassword(user, 'three new words'), updateUserPassword(user, 'short', true));
        } });
      }`,
    });
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await comesThroughGoogle(person);
    expect(await readScriptLog(world, id)).toEqual(['info 4: false false']);
    const [made] = (await world.users()).filter(({ username }) => username.startsWith('grace'));
    expect(await world.app.database.read.users.findPasswordHash(made!.id)).toBeNull();
  });

  it('forgives the wrong passwords that were counted against the person', async () => {
    const { id } = await world.addUser('ulf', { email: 'ulf@example.com' });
    const throttling = createThrottling({ box: world.box });
    const attempts = ['ulf', 'ulf@example.com'].map((subject) => ({
      ...{ kind: 'password' as const, subject, ip: '203.0.113.9' },
    }));
    const now = world.clock.now();
    const waits = () =>
      world.app.database.unit(({ throttle }) =>
        Promise.all(attempts.map((attempt) => throttling.findWait(throttle, attempt, now))),
      );
    await world.app.database.unit(async ({ throttle }) => {
      for (const attempt of attempts) for (let n = 0; n < 20; n++) await throttling.count(throttle, attempt, now);
    });
    expect((await waits()).every((wait) => wait > 0)).toBe(true);
    await world.publish({
      steps,
      script: `function onLoginRequest(context) {
        updateUserPassword(getUniqueUserWithClaimValues({ userid: '${id}' }, context), 'three new words');
        executeStep(1);
      }`,
    });
    await beginsSignIn(world);
    expect(await waits()).toEqual([0, 0]);
  });

  it('cannot set that of somebody who rules the server', async () => {
    await world.addUser('gus', { roles: [{ name: 'admin', origin: 'admin' }] });
    expect((await runs('gus', "Log.info(updateUserPassword(user, 'three new words'));")).said).toEqual(['false']);
  });

  it('ends what the person has elsewhere, and not this sign-in', async () => {
    await world.publish(passwordOnly);
    const { person: elsewhere, user } = await signedIn(world);
    const here = await beginsSignIn(world);
    await world.publish(after("updateUserPassword(user, 'three new words');"));
    const changing = await beginsSignIn(world);
    await typesPassword(changing, user.username);
    expect(changing.isAt()).toBe('Signed in');
    expect(await sessionsOf(world, user)).toHaveLength(1);
    expect((await world.happened())['session.ended']).toBe(1);
    expect(elsewhere.isAt()).toBe('Signed in');
    // A form that was open already takes the new one.
    await typesPassword(here, user.username, 'three new words');
    expect(here.isAt()).toBe('Signed in');
  });
});

it('A password that a script sets ends what works offline, also where the browser’s own session stays', async () => {
  await world.publish(passwordOnly);
  const { person, user } = await signedIn(world);
  const offline = async () => {
    const signIns = await world.app.database.read.artifacts.listByAccountId('SignIn', user.subject);
    return signIns.filter(({ uid }) => uid === null).map(({ id }) => id);
  };
  const refreshable = async (grants: readonly string[]) => {
    const tokens = await world.app.database.read.artifacts.listByAccountId('RefreshToken', user.subject);
    return tokens.filter(({ grantId }) => grantId !== null && grants.includes(grantId)).length;
  };
  await asksForSignIn(world, person, { prompt: 'consent', scope: 'openid offline_access' });
  await person.submits({}, { button: { name: 'decision', value: 'allow' } });
  expect(person.isAt()).toBe('Signed in');
  const before = await offline();
  expect([before.length, await refreshable(before)]).toEqual([1, 1]);
  const [session] = await sessionsOf(world, user);
  await world.publish(after("updateUserPassword(user, 'three new words');"));
  await asksForSignIn(world, person, { prompt: 'login' });
  await typesPassword(person, user.username);
  expect(person.isAt()).toBe('Signed in');
  expect(await refreshable(before)).toBe(0);
  expect(await offline()).not.toContain(before[0]);
  expect((await sessionsOf(world, user)).map(({ id }) => id)).toEqual([session!.id]);
});

describe('What the person typed', () => {
  it('is no text that a script could read or compare', async () => {
    await world.addUser('hal');
    const { said, id } = await runs(
      'hal',
      "Log.info(typed); Log.info(typed.includes('horse')); Log.info(compareSecret(typed, 'correct horse battery'));",
    );
    expect(said).toEqual([expect.stringMatching(/^typed~password~1~[\w-]{22}~$/), 'false', 'false']);
    expect(await readAllKept(world, id)).not.toContain('horse battery');
  });

  it('is none where it is a code, and can be handed on just so', async () => {
    await world.addUser('kit');
    await world.publish({
      steps: [passwordOrGoogle, { options: [{ authenticator: 'totp' }] }],
      script: `function onLoginRequest(context) {
        executeStep(1);
        executeStep(2, { onSuccess: function (context) {
          var code = context.request.params.code[0];
          Log.info(code);
          httpPost('${endpoint.url}', { password: code }, { onFail: function () {} });
        } });
      }`,
    });
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'kit');
    const code = createAuthenticatorApp(shownKey(person), world.clock).nextCode();
    await person.submits({ code });
    expect(person.isAt()).toBe('Signed in');
    expect(await readScriptLog(world, id)).toEqual([expect.stringMatching(/^info \d+: typed~code~\d+~[\w-]{22}~$/)]);
    expect(endpoint.asked.map(({ body }) => JSON.parse(body))).toEqual([{ password: code }]);
    expect(await readAllKept(world, id)).not.toContain(`"${code}"`);
  });

  it('never goes into a URL', async () => {
    await world.addUser('ida');
    const { person } = await runs('ida', `httpGet('${endpoint.url}/?p=' + typed, {});`);
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'SCRIPT_ERROR',
      event: { details: { detail: expect.stringContaining('never in the url') } },
    });
    expect(endpoint.asked).toEqual([]);
  });

  it('never goes to an identity provider, nor onto a page', async () => {
    await world.addUser('jim');
    const elsewhere = await connectGitHub(world, endpoint, 'Elsewhere');
    const queryParameters = { hint: '$authparam{password}' };
    await world.app.database.unit(({ connections }) => connections.update({ ...elsewhere, queryParameters }));
    const next = async (call: string) => {
      const script = `function onLoginRequest(context) {
        executeStep(1, { onFail: function (context) { var typed = context.request.params.password[0]; ${call}; } });
      }`;
      await world.publish({ steps: [passwordOrGoogle, { options: [{ idp: 'Elsewhere' }] }], script });
      const person = await beginsSignIn(world);
      await typesPassword(person, 'jim', 'of years ago');
      return person;
    };
    endpoint.answers((_asked, response) => response.end());
    await next('executeStep(2, { authenticatorParams: { common: { password: typed, login_hint: typed } } }, {})');
    const [asked, ...others] = endpoint.asked.map(({ path }) => new URL(path, endpoint.url).searchParams);
    expect(others).toEqual([]);
    for (const name of ['hint', 'login_hint']) expect(asked?.get(name)).toMatch(/^typed~password~1~[\w-]{22}~$/);
    const here = await next('executeStep(1, { authenticatorParams: { local: { basic: { username: typed } } } }, {})');
    expect(here.page().text).toContain('typed~password~1~');
    expect(here.page().text).not.toContain('years ago');
  });

  it('belongs to its own login', async () => {
    await world.addUser('jan');
    const { said } = await runs('jan', 'Log.info(typed);');
    await runs('jan', `httpPost('${endpoint.url}', { password: '${said[0]}' }, { onFail: function () {} });`);
    expect(endpoint.asked.map(({ body }) => JSON.parse(body))).toEqual([{ password: said[0] }]);
  });

  it('is not what an application sent under that name', async () => {
    await world.publish({
      steps,
      script: 'function onLoginRequest(c) { Log.info(Object.keys(c.request.params)); executeStep(1); }',
    });
    const person = await beginsSignIn(world, { password: 'x', code: 'y', csrf: 'z', colour: 'red' });
    const [line] = await readScriptLog(world, loginIdOf(person));
    expect(line).not.toMatch(/password|"code"|csrf/);
  });
});
