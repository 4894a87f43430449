import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PromptTemplate } from '../../src/script-assets/prompt-template.ts';
import { patient } from '../sandbox/world.ts';
import { askApplication, beginsSignIn, loginIdOf, readRefusal, readScriptLog, typesPassword } from './moves.ts';
import { password, startWorld, type World } from './world.ts';

/** Pages that a script shows between the steps: what people answer reaches the script, and proves nothing. */

let world: World;
beforeAll(async () => {
  world = await startWorld({ limits: { ...patient, entries: 12 } });
  await world.addUser('ann');
});
afterAll(() => world?.close());
beforeEach(async () => {
  await world.happened();
});

const terms: PromptTemplate = {
  title: 'Terms of {company}',
  text: ['Version {version}, for {who}.'],
  buttons: [
    { name: 'action.accept', label: 'I accept' },
    { name: 'action.decline', label: 'I do not' },
  ],
};
const survey: PromptTemplate = {
  title: { en: 'A short survey' },
  fields: [
    { name: 'age', label: 'Your age', required: true },
    { name: 'wish', label: 'A wish' },
  ],
};
const promptTemplates = [
  { name: 'terms', version: 1, template: terms },
  { name: 'survey', version: 1, template: survey },
];
const inputs = (count: number) => JSON.stringify(Array.from({ length: count }, (_, i) => ({ id: `i${i}` })));
const steps = [{ options: [{ authenticator: 'BasicAuthenticator' }] }];
const publish = (body: string) =>
  world.publish({ steps, script: `function onLoginRequest(context) { ${body} }`, promptTemplates });

it('internalWait holds the sign-in until the person goes on, also over a restart, and cancelling it is no success', async () => {
  await publish(`executeStep(1, { onSuccess: function (context) {
    var rounds = 0;
    function wait() {
      prompt('internalWait', {}, {
        onSuccess: function (context) {
          Log.info('round', ++rounds);
          if (rounds < 2) { wait(); }
        },
        onFail: function () { fail({ errorCode: 'tired' }); }
      });
    }
    wait();
  } });`);
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await typesPassword(person, 'ann');
  expect(person.isAt()).toBe('One moment');
  expect(person.page().text).toContain('Your sign-in goes on when you continue.');
  await world.restart();
  await person.chooses('Continue');
  expect(person.isAt()).toBe('One moment');
  await person.chooses('Continue');
  expect(await askApplication(world, person)).toMatchObject({ signedIn: true });
  expect(await readScriptLog(world, id)).toEqual(['info 6: round 1', 'info 6: round 2']);

  const other = await beginsSignIn(world);
  await typesPassword(other, 'ann');
  await other.submits({}, { button: { name: 'action', value: 'cancel' } });
  expect(other.isAt()).toBe('Sign-in was refused');
  expect(await world.happened()).toEqual({ 'login.succeeded': 1, 'login.failed': 1 });
});

describe('terms after the password', () => {
  const body = `executeStep(1, { onSuccess: function (context) {
    context.endpointParams.company = 'Acme';
    prompt('terms', { version: 7, who: '<b>\\u202Eann</b>' }, {
      onAccept: function () { Log.info('accepted'); },
      onDecline: function () { fail({ errorCode: 'access_denied', errorMessage: 'declined' }); }
    });
  } });`;

  it('whoever accepts is signed in', async () => {
    await publish(body);
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Terms of Acme');
    // What the script gives is text, and keeps no power over what follows it.
    expect(person.page().text).toContain('Version 7, for <b>ann</b>.');
    await person.chooses('I accept');
    expect(await askApplication(world, person)).toMatchObject({ signedIn: true });
    expect(await readScriptLog(world, id)).toEqual(['info 4: accepted']);
  });

  it('whoever declines is not, and neither is whoever cancels', async () => {
    await publish(body);
    for (const [way, error] of [
      ['I do not', 'declined'],
      ['cancel', 'The person cancelled.'],
    ] as const) {
      const person = await beginsSignIn(world);
      await typesPassword(person, 'ann');
      await person.chooses(way);
      expect(await askApplication(world, person)).toMatchObject({
        signedIn: false,
        failure: { error: 'access_denied', error_description: error },
      });
    }
    expect(await world.happened()).toEqual({ 'login.failed': 2 });
  });

  it('a cancelled page whose handler does nothing ends the sign-in', async () => {
    await publish(`executeStep(1); prompt('terms', { onUserAbort: function () {} });`);
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ann');
    await person.chooses('cancel');
    expect(await askApplication(world, person)).toMatchObject({ signedIn: false });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });
});

it('an answered page proves nobody', async () => {
  await publish(`prompt('terms', { onAccept: function () {} });`);
  const person = await beginsSignIn(world);
  await person.chooses('I accept');
  expect((await readRefusal(world, person)).code).toBe('NO_STEP_PASSED');
  expect(await world.happened()).toEqual({ 'login.failed': 1 });
});

it('fields are asked for until they are filled in, over a restart, and reach the script as lists', async () => {
  await publish(`prompt('survey', { onSuccess: function (context) {
    var p = context.request.params;
    Log.info(JSON.stringify([p.age, p.wish, p.scope !== undefined, p.__proto__ === Object.prototype]));
    executeStep(1);
  } });`);
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  const asked = person.page();
  await person.submits({ age: ' ', wish: 'peace' });
  expect(person.page().status).toBe(422);
  expect(person.page().text).toContain('Fill this in.');
  expect(person.page().forms.flatMap(({ fields }) => fields)).toContainEqual(
    expect.objectContaining({ name: 'wish', value: 'peace' }),
  );
  await person.submits({ age: 'x'.repeat(3000), wish: '' });
  expect(person.page().status).toBe(422);
  await world.restart();
  await person.submits({ age: '42', wish: '<script>' });
  expect(person.isAt()).toBe('Sign in');
  expect(await readScriptLog(world, id)).toEqual(['info 3: [["42"],["<script>"],true,true]']);

  // The back button, and a second tab that was left open, change nothing.
  person.returnsTo(asked);
  await person.submits({ age: '7', wish: '' });
  expect(person.page().status).toBe(409);
  await person.follows('Continue');
  await typesPassword(person, 'ann');
  expect(await askApplication(world, person)).toMatchObject({ signedIn: true });
  expect(await readScriptLog(world, id)).toHaveLength(1);
});

it('a sign-in shows the version of a template that it began with, the next one the newest', async () => {
  const script = `function onLoginRequest() { executeStep(1); prompt('terms', {}, { onAccept: function () {} }); }`;
  const publishAs = (version: number, title: string) =>
    world.publish({ steps, script, promptTemplates: [{ name: 'terms', version, template: { ...terms, title } }] });
  await publishAs(1, 'The old terms');
  const person = await beginsSignIn(world);
  await publishAs(2, 'The new terms');
  await world.restart();
  await typesPassword(person, 'ann');
  expect(person.isAt()).toBe('The old terms');
  const next = await beginsSignIn(world);
  await typesPassword(next, 'ann');
  expect(next.isAt()).toBe('The new terms');
});

it('a page within a callback of a page', async () => {
  await publish(`executeStep(1, { onSuccess: function () {
    showPrompt('terms', { onAccept: function () {
      prompt('genericForm', { inputs: [{ id: 'colour', label: 'Colour' }] }, { onSuccess: function (context) {
        Log.info(context.request.params.colour[0]);
      } });
    } });
  } });`);
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await typesPassword(person, 'ann');
  await person.chooses('I accept');
  await person.submits({ colour: 'blue' });
  expect(await askApplication(world, person)).toMatchObject({ signedIn: true });
  expect(await readScriptLog(world, id)).toEqual(['info 4: blue']);
});

it('the built-in form shows each input by its label, or else by its id', async () => {
  await publish(`prompt('genericForm', { inputs: [{ id: 'hue', label: 'Colour' }, { id: 'size' }, { id: 'shape', label: '' }] },
    { onSuccess: function (context) {
      var p = context.request.params;
      Log.info(p.hue, p.size, p.shape);
      executeStep(1);
    } });`);
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  expect(person.isAt()).toBe('A few questions');
  expect(person.page().text).toMatch(/Colour.*size.*shape/);
  expect(person.page().text).not.toMatch(/hue|undefined/);
  await person.submits({ hue: 'blue', size: '', shape: 'round' });
  expect(person.isAt()).toBe('Sign in');
  expect(await readScriptLog(world, id)).toEqual(['info 4: ["blue"] [""] ["round"]']);
});

it('username asks for a name until there is one; it proves nobody, and can be handed to the step', async () => {
  await publish(`prompt('username', { onSuccess: function (context) {
    executeStep(1, { authenticatorParams: { common: { username: context.request.params.username[0] } } }, {});
  } });`);
  const person = await beginsSignIn(world);
  expect(person.isAt()).toBe('Who are you?');
  await person.submits({ username: ' ' });
  expect(person.page().status).toBe(422);
  expect(person.isAt()).toBe('Who are you?');
  await person.submits({ username: 'ann' });
  expect(person.isAt()).toBe('Sign in');
  expect(person.page().text).toContain('ann');
  expect((await askApplication(world, person)).signedIn).toBe(false);
  expect(await world.happened()).toEqual({});
  await person.submits({ password });
  expect(person.isAt()).toBe('Signed in');
});

it('places are filled with texts, numbers and booleans, by what the call gives before what the context has', async () => {
  await publish(`context.endpointParams.company = 'Acme'; context.endpointParams.version = 'old';
    prompt('terms', { version: 7, who: true, other: { a: 1 } }, { onAccept: function () {} });`);
  const person = await beginsSignIn(world);
  expect(person.isAt()).toBe('Terms of Acme');
  expect(person.page().text).toContain('Version 7, for true.');
});

it('a button that is not the first asks for no field', async () => {
  const template = { ...survey, buttons: [...terms.buttons!].map((button) => ({ ...button })) };
  await world.publish({
    steps,
    script: `function onLoginRequest() { prompt('poll', {
      onAccept: function (context) { Log.info('accepted', context.request.params.age); executeStep(1); },
      onDecline: function (context) { Log.info('declined', context.request.params.wish); executeStep(1); }
    }); }`,
    promptTemplates: [{ name: 'poll', version: 1, template }],
  });
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  await person.submits({ age: '', wish: 'peace' });
  expect(person.page().status).toBe(422);
  await person.chooses('I do not');
  expect(person.isAt()).toBe('Sign in');
  expect(await readScriptLog(world, id)).toEqual(['info 3: declined ["peace"]']);
});

it('pages without end come to the limit of the journal', async () => {
  await publish(`(function again() { prompt('terms', { onAccept: again }); })();`);
  const person = await beginsSignIn(world);
  for (let i = 0; i < 11; i++) await person.chooses('I accept');
  expect((await readRefusal(world, person)).code).toBe('SCRIPT_LIMIT');
});

it.each([
  ['an unknown template', `prompt('nothing', {});`, 'no prompt template «nothing»'],
  ['a name of every object', `prompt('__proto__', {});`, 'no prompt template «__proto__»'],
  ['a form without inputs', `prompt('genericForm', {}, {});`, 'must be a list'],
  ['a form with too many inputs', `prompt('genericForm', { inputs: ${inputs(21)} }, {});`, 'a list of one to 20'],
  ['a form with an input twice', `prompt('genericForm', { inputs: [{ id: 'a' }, { id: 'a' }] }, {});`, 'each once'],
  ['a form with what is no input', `prompt('genericForm', { inputs: ['a'] }, {});`, 'must have ids'],
  ['a field for a password', `prompt('genericForm', { inputs: [{ id: 'password' }] }, {});`, 'must have ids'],
])('%s ends the sign-in as the script’s error', async (_what, body, detail) => {
  await publish(body);
  await beginsSignIn(world);
  const event = await world.lastEvent('login.failed');
  expect(event).toMatchObject({ code: 'SCRIPT_ERROR' });
  expect(event.details['detail']).toContain(detail);
  expect(await world.happened()).toEqual({ 'login.failed': 1 });
});
