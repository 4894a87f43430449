import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  askApplication,
  asksForSignIn,
  beginsSignIn,
  loginIdOf,
  readRefusal,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { passwordOrGoogle, readLastLogin } from './session-moves.ts';
import { password, startWorld, type World } from './world.ts';

/** Scripts that ask who somebody is before the first step, and what they make of the name. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.addUser('ann', { email: 'ann@example.com' });
  await world.addUser('ben', { email: 'both@example.com' });
  await world.addUser('cem', { email: 'both@example.com' });
  await world.addUser('dan', { email: 'dan@example.com', verified: [] });
});
afterAll(() => world?.close());
beforeEach(async () => {
  await world.happened();
});

const asks = (step = '1') => ({
  steps: [passwordOrGoogle],
  script: `var username;
function onLoginRequest(context) { promptUsername(); }
function promptUsername() {
  promptIdentifierForStep(${step}, {
    onSuccess: function (context, data) {
      if (context.request.params.username) { username = context.request.params.username[0]; }
      promptBasic(username);
    },
    onSkip: function (context, data) { Log.info('skipped'); executeStep(1); },
    onFail: function (context, data) { Log.info('failed'); fail({ errorCode: 'access_denied' }); }
  });
}
function promptBasic(username) {
  executeStep(1, { authenticatorParams: { common: { username: username, inputType: 'identifierFirst' } } }, {});
}`,
});

describe('promptIdentifierForStep', () => {
  it.each(['1', "'1'"])('of step %s asks for the name alone, and that step for the password', async (step) => {
    await world.publish(asks(step));
    const person = await beginsSignIn(world);
    expect(person.isAt()).toBe('Who are you?');
    await person.submits({ username: 'ann' });
    expect(person.page().text).toContain('ann');
    await person.submits({ password });
    expect(await askApplication(world, person)).toMatchObject({ signedIn: true });
  });

  it('has the name that the application named filled in', async () => {
    await world.publish(asks());
    const person = await beginsSignIn(world, { login_hint: 'ann@example.com' });
    const response = await fetch(person.page().url, {
      headers: { cookie: await person.cookiesFor(person.page().url) },
    });
    expect(await response.text()).toContain('value="ann@example.com"');
  });

  it.each(['1', "'1'"])('of step %s asks nobody whom the session knows', async (step) => {
    await world.publish(asks(step));
    const person = await beginsSignIn(world);
    await person.submits({ username: 'ann' });
    await person.submits({ password });
    await asksForSignIn(world, person);
    expect(person.isAt()).toBe('Signed in');
    const { login } = await readLastLogin(world);
    expect(await readScriptLog(world, login.id)).toEqual(['info 9: skipped']);
    // Who has to sign in anew is asked.
    await asksForSignIn(world, person, { prompt: 'login' });
    expect(person.isAt()).toBe('Who are you?');
  });

  /** Asks about step 1 after step 2, by what `says` returns; the log has what was asked, and when. */
  const decides = (says: string) => ({
    steps: [passwordOrGoogle, passwordOrGoogle],
    script: `function onLoginRequest(context) {
      executeStep(2);
      promptIdentifierForStep(1, {
        preHandler: function (step, context) { Log.info('asked', step, context.currentStep); ${says} },
        other: function () { Log.info('never'); }
      }, {
        onSuccess: function (context) { Log.info('named', context.request.params.username[0]); },
        onSkip: function (context) { Log.info('skipped'); }
      });
      executeStep(1, { stepOptions: { forceAuth: true } });
    }`,
  });

  it.each([
    ['true, and the page is spared', 'return true;', ['info 4: asked 1 2', 'info 8: skipped'], 'Sign in'],
    ['false, and anybody is asked', 'return false;', ['info 4: asked 1 2'], 'Who are you?'],
    ['nothing, which is not true', '', ['info 4: asked 1 2'], 'Who are you?'],
    [
      'what the session says',
      'return checkSessionExistence(step, context);',
      ['info 4: asked 1 2', 'info 8: skipped'],
      'Sign in',
    ],
  ])('asks a preHandler when its turn comes: %s', async (_what, says, log, page) => {
    await world.publish(decides(says));
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe(page);
    expect(await readScriptLog(world, id)).toEqual(log);
    await world.restart();
    const asked = page === 'Who are you?';
    if (asked) await person.submits({ username: 'ann' });
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    expect(await readScriptLog(world, id)).toEqual(asked ? [...log, 'info 7: named ann'] : log);
  });

  it.each([
    ['beside the callbacks', '{ PRE, ...callbacks }'],
    ['beside the callbacks, behind validators without one', '{ other: function () {} }, { PRE, ...callbacks }'],
    ['in both, where the validators say it', '{ PRE }, { preHandler: function () { throw 1; }, ...callbacks }'],
  ])('finds a preHandler %s', async (_where, given) => {
    const pre = "preHandler: function (step) { Log.info('asked', step); return true; }";
    await world.publish({
      steps: [passwordOrGoogle],
      script: `function onLoginRequest() {
        var callbacks = { onSuccess: function () {}, onSkip: function () { Log.info('skipped'); } };
        promptIdentifierForStep(1, ${given.replace('PRE', pre)});
        executeStep(1);
      }`,
    });
    const person = await beginsSignIn(world);
    expect(person.isAt()).toBe('Sign in');
    const log = await readScriptLog(world, loginIdOf(person));
    expect(log.map((line) => line.replace(/^info \d: /, ''))).toEqual(['asked 1', 'skipped']);
  });

  it('fails the sign-in closed where its preHandler throws', async () => {
    await world.publish(decides("throw new Error('no');"));
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ann');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'SCRIPT_ERROR' });
  });

  it('is no proof: a name alone signs nobody in', async () => {
    await world.publish({
      steps: [passwordOrGoogle],
      script: 'function onLoginRequest() { promptIdentifierForStep(1, { onSuccess: function () {} }); }',
    });
    const person = await beginsSignIn(world);
    await person.submits({ username: 'ann' });
    expect(await askApplication(world, person)).toMatchObject({ signedIn: false });
  });

  it('tells the script when the person gives up', async () => {
    await world.publish(asks());
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await person.submits({}, { button: { name: 'action', value: 'cancel' } });
    expect(await readScriptLog(world, id)).toEqual(['info 10: failed']);
  });

  it.each(['2', '0', '1.5'])('%s is no step of the flow', async (step) => {
    await world.publish(asks(step));
    const person = await beginsSignIn(world);
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'SCRIPT_ERROR',
      event: { details: { detail: expect.stringContaining('the flow has the steps 1 to 1') } },
    });
  });
});

describe('What was typed', () => {
  it.each([
    ["resolveMultiAttributeLoginIdentifier('ann', context.tenantDomain)", 'ann'],
    ["resolveMultiAttributeLoginIdentifier(' ANN ')", 'ann'],
    ["resolveMultiAttributeLoginIdentifier('ann@example.com')", 'ann'],
    ["resolveMultiAttributeLoginIdentifier('PRIMARY/ann')", 'ann'],
    // Two accounts have it, or nobody has proven it.
    ["resolveMultiAttributeLoginIdentifier('both@example.com')", 'null'],
    ["resolveMultiAttributeLoginIdentifier('dan@example.com')", 'null'],
    ["resolveMultiAttributeLoginIdentifier('nobody')", 'null'],
    ["getUniqueUserWithClaimValues({ 'http://wso2.org/claims/username': 'DEFAULT/ann' }, context).username", 'ann'],
    ["getUniqueUserWithClaimValues({ username: 'OTHER/ann' }, context)", 'null'],
  ])('%s is %s', async (expression, expected) => {
    await world.publish({
      steps: [passwordOrGoogle],
      script: `function onLoginRequest(context) { Log.info(${expression}); executeStep(1); }`,
    });
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'ann');
    expect(await readScriptLog(world, id)).toEqual([`info 1: ${expected}`]);
  });
});
