import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import { createThrottling } from '../../src/directory/throttling.ts';
import type { LoginId } from '../../src/kernel/ids.ts';
import { createJournals } from '../../src/login/journal.ts';
import { connectGitHub } from './connections.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import {
  askApplication,
  asksForSignIn,
  beginsSignIn,
  comesThroughGoogle,
  listSteps,
  loginIdOf,
  readRefusal,
  readScriptLog,
  shownKey,
  typesPassword,
} from './moves.ts';
import { passwordOnly, passwordOrGoogle, sessionsOf, signedIn } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** Passwords that scripts set, and what a script can do with one that a person typed: hand it on, and never read it. */

let world: World;
let legacy: Endpoint;
beforeAll(async () => {
  legacy = await createEndpoint();
  world = await startWorld({ env: { STEPGATE_EGRESS_HOSTS: `127.0.0.1,${new URL(legacy.url).hostname}` } });
});
afterAll(async () => {
  await world?.close();
  await legacy?.close();
});
beforeEach(async () => {
  legacy.forget();
  // It knows one person, by the password that they have had for years.
  legacy.answers(({ body }, response) => {
    const { password } = JSON.parse(body);
    response.writeHead(password === old ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ heard: password }));
  });
  await world.happened();
});

const old = 'of years ago, and "odd"';
const steps = [passwordOrGoogle];

/** Whoever fails here is looked for in the old directory; `between` runs before it is asked. */
const migration = (between = 'ask()') => ({
  steps,
  script: `function onLoginRequest(context) {
    executeStep(1, { onFail: function (context) {
      var params = context.request.params;
      var name = params.username[0];
      var typed = params.password[0];
      var user = getUniqueUserWithClaimValues({ username: name }, context);
      var ask = function () {
        httpPost('${legacy.url}/check', { name: name, password: typed }, {
          onSuccess: function (context, data) {
            Log.info('heard ' + (data.heard === typed));
            updateUserPassword(user, typed, {
              onSuccess: function (context) {
                executeStep(1, { authenticatorParams: { common: { username: name, password: typed } } }, {});
              }
            });
          },
          onFail: function (context) { executeStep(1); }
        });
      };
      ${between};
    } });
  }`,
});

/** Moved between two steps, the person is tried again with what they typed, and sees no page. */
const moving = (set: string) => ({
  steps,
  script: `function onLoginRequest(context) {
    executeStep(1, { onFail: function (context) {
      ${set};
      Log.info('moved');
      executeStep(1, { stepOptions: { skipPrompt: 'true' } }, {
        onFail: function (context) { fail({ errorCode: 'not_moved' }); }
      });
    } });
  }`,
});
const setTyped = 'updateUserPassword(context.lastLoginFailedUser, context.request.params.password[0])';

/** All that is kept of a login, in the clear. */
async function readAll(id: LoginId): Promise<string> {
  const { logins } = world.app.database.read;
  const journals = createJournals({ box: world.box });
  return JSON.stringify([await journals.read(logins, id), await journals.readLogs(logins, id), world.log]);
}

describe('A password that was right at the old directory', () => {
  it('becomes the password here, and nothing keeps it in the clear', async () => {
    const ann = await world.addUser('ann');
    await world.publish(migration());
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'ann', old);
    expect(await askApplication(world, person)).toMatchObject({ signedIn: true, claims: { sub: ann.subject } });
    expect(legacy.asked.map(({ body }) => JSON.parse(body))).toEqual([{ name: 'ann', password: old }]);
    // What the endpoint repeats is hidden again.
    expect(await readScriptLog(world, id)).toEqual(['info 10: heard true']);
    expect(await readAll(id)).not.toContain('years ago');
    expect(await world.lastEvent('password.changed')).toMatchObject({ actor: 'script', target: ann.id, loginId: id });

    // From now on nobody else is asked.
    const again = await beginsSignIn(world);
    await typesPassword(again, 'ann', old);
    expect(again.isAt()).toBe('Signed in');
    expect(legacy.asked).toHaveLength(1);
  });

  it('signs in by a step without a page, which scripts of other servers go on with', async () => {
    await world.addUser('moa');
    await world.publish(moving(setTyped));
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'moa', old);
    expect(person.isAt()).toBe('Signed in');
    expect(await listSteps(world, id)).toEqual([1, 1]);
    expect(await readAll(id)).not.toContain('years ago');
  });

  it.each(['mo', 'nobody'])(
    'fails the step without a page where it is still wrong for %s, who is shown none',
    async (name) => {
      if (name !== 'nobody') await world.addUser(name);
      await world.publish(moving('var nothing'));
      const person = await beginsSignIn(world);
      const id = loginIdOf(person);
      await typesPassword(person, name, old);
      expect(person.isAt()).toBe('Sign-in was refused');
      expect(await listSteps(world, id)).toEqual([1, 1]);
    },
  );

  it.each([
    ['without an onFail', '{ skipPrompt: true }', ''],
    ['without one, whatever the parameter for retries says', "{ skipPrompt: 'true' }", 'true'],
  ])('ends the sign-in %s, and shows no page again', async (_what, stepOptions, retries) => {
    const name = `mu-${retries}`;
    await world.addUser(name);
    await world.publish({
      steps,
      script: `function onLoginRequest(context) {
        executeStep(1, { onFail: function () {
          executeStep(1, {
            stepOptions: ${stepOptions},
            authenticatorParams: { common: { enableRetryFromAuthenticator: '${retries}' } }
          }, {});
        } });
      }`,
    });
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, name, old);
    expect(person.isAt()).toBe('You are not signed in');
    expect(await listSteps(world, id)).toEqual([1, 1]);
    expect((await askApplication(world, person)).signedIn).toBe(false);
  });

  it('is asked for once more after a restart, and the step then passes without a page', async () => {
    await world.addUser('mel');
    await world.publish(moving(`${setTyped}; prompt('genericForm', { inputs: [{ id: 'pet', label: 'Pet' }] }, {})`));
    const person = await beginsSignIn(world);
    await typesPassword(person, 'mel', old);
    await world.restart();
    await person.submits({ pet: 'cat' });
    expect(person.page().text).toContain('Type it once more.');
    await person.submits({ password: old });
    expect(person.isAt()).toBe('Signed in');
  });

  it('does nothing for a step that nothing was typed for', async () => {
    await world.publish({
      steps,
      script: `function onLoginRequest(context) {
        executeStep(1, { stepOptions: { skipPrompt: true } }, {
          onFail: function (context) { Log.info('no page'); executeStep(1); }
        });
      }`,
    });
    await world.addUser('mia');
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    expect(await readScriptLog(world, id)).toEqual(['info 3: no page']);
    await typesPassword(person, 'mia');
    expect(person.isAt()).toBe('Signed in');
  });

  it('changes nothing when the old directory does not know it', async () => {
    const ben = await world.addUser('ben');
    const hash = await world.app.database.read.users.findPasswordHash(ben.id);
    await world.publish(migration());
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ben', 'neither this nor that');
    expect(person.isAt()).not.toBe('Signed in');
    expect(await world.app.database.read.users.findPasswordHash(ben.id)).toBe(hash);
    expect((await world.happened())['password.changed']).toBeUndefined();
  });

  it('is asked for again after a restart', async () => {
    await world.addUser('cem');
    const page = "prompt('genericForm', { inputs: [{ id: 'pet', label: 'Pet' }] }, { onSuccess: ask })";
    await world.publish(migration(page));
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'cem', old);
    await world.restart();
    await person.submits({ pet: 'cat' });
    expect(person.page().text).toContain('Type it once more.');
    expect(person.page().text).toContain('cem');
    expect(legacy.asked).toEqual([]);
    await person.submits({ password: '' });
    expect(person.page()).toMatchObject({ status: 422 });
    await person.submits({ password: old });
    expect(person.isAt()).toBe('Signed in');
    expect(legacy.asked).toHaveLength(1);
    expect(await readAll(id)).not.toContain('years ago');
  });

  it('is asked for again after a restart where the script sets it in the middle of a turn', async () => {
    const pia = await world.addUser('pia');
    const hash = await world.app.database.read.users.findPasswordHash(pia.id);
    await world.publish({
      steps,
      script: `function onLoginRequest(context) {
        executeStep(1, { onFail: function (context) {
          var typed = context.request.params.password[0];
          var user = context.lastLoginFailedUser;
          prompt('genericForm', { inputs: [{ id: 'pet', label: 'Pet' }] }, { onSuccess: function () {
            updateUserPassword(user, typed);
            executeStep(1, { stepOptions: { skipPrompt: 'true' } }, {});
          } });
        } });
      }`,
    });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'pia', old);
    await world.restart();
    await person.submits({ pet: 'cat' });
    expect(person.page().text).toContain('Type it once more.');
    expect(await world.app.database.read.users.findPasswordHash(pia.id)).toBe(hash);
    await person.submits({ password: old });
    expect(person.isAt()).toBe('Signed in');
    expect((await world.happened())['password.changed']).toBe(1);
  });

  it('tells the application of somebody who gives up there', async () => {
    await world.addUser('dan');
    await world.publish(
      migration("prompt('genericForm', { inputs: [{ id: 'pet', label: 'Pet' }] }, { onSuccess: ask })"),
    );
    const person = await beginsSignIn(world);
    await typesPassword(person, 'dan', old);
    await world.restart();
    await person.submits({ pet: 'cat' });
    await person.submits({}, { button: { name: 'action', value: 'cancel' } });
    expect(await askApplication(world, person)).toMatchObject({ signedIn: false, failure: { error: 'access_denied' } });
  });
});

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
    expect(await readAll(id)).not.toContain('horse battery');
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
          httpPost('${legacy.url}', { password: code }, { onFail: function () {} });
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
    expect(legacy.asked.map(({ body }) => JSON.parse(body))).toEqual([{ password: code }]);
    expect(await readAll(id)).not.toContain(`"${code}"`);
  });

  it('never goes into a URL', async () => {
    await world.addUser('ida');
    const { person } = await runs('ida', `httpGet('${legacy.url}/?p=' + typed, {});`);
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'SCRIPT_ERROR',
      event: { details: { detail: expect.stringContaining('never in the url') } },
    });
    expect(legacy.asked).toEqual([]);
  });

  it('never goes to an identity provider, nor onto a page', async () => {
    await world.addUser('jim');
    const elsewhere = await connectGitHub(world, legacy, 'Elsewhere');
    const queryParameters = { hint: '$authparam{password}' };
    await world.app.database.unit(({ connections }) => connections.update({ ...elsewhere, queryParameters }));
    const next = async (call: string) => {
      const script = `function onLoginRequest(context) {
        executeStep(1, { onFail: function (context) { var typed = context.request.params.password[0]; ${call}; } });
      }`;
      await world.publish({ steps: [passwordOrGoogle, { options: [{ idp: 'Elsewhere' }] }], script });
      const person = await beginsSignIn(world);
      await typesPassword(person, 'jim', old);
      return person;
    };
    legacy.answers((_asked, response) => response.end());
    await next('executeStep(2, { authenticatorParams: { common: { password: typed, login_hint: typed } } }, {})');
    const [asked, ...others] = legacy.asked.map(({ path }) => new URL(path, legacy.url).searchParams);
    expect(others).toEqual([]);
    for (const name of ['hint', 'login_hint']) expect(asked?.get(name)).toMatch(/^typed~password~1~[\w-]{22}~$/);
    const here = await next('executeStep(1, { authenticatorParams: { local: { basic: { username: typed } } } }, {})');
    expect(here.page().text).toContain('typed~password~1~');
    expect(here.page().text).not.toContain('years ago');
  });

  it('belongs to its own login', async () => {
    await world.addUser('jan');
    const { said } = await runs('jan', 'Log.info(typed);');
    await runs('jan', `httpPost('${legacy.url}', { password: '${said[0]}' }, { onFail: function () {} });`);
    expect(legacy.asked.map(({ body }) => JSON.parse(body))).toEqual([{ password: said[0] }]);
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
