import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import {
  askApplication,
  beginsSignIn,
  listSteps,
  loginIdOf,
  readAllKept,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { passwordOrGoogle } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** People who come with a password of an older directory: it is asked, and the password becomes the one here. */

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
    expect(await readAllKept(world, id)).not.toContain('years ago');
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
    expect(await readAllKept(world, id)).not.toContain('years ago');
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
    expect(await readAllKept(world, id)).not.toContain('years ago');
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
