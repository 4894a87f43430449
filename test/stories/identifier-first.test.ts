import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { Page } from '../../src/cli/demo/read-page.ts';
import type { User } from '../../src/directory/user.ts';
import {
  askApplication,
  asksForSignIn,
  beginsSignIn,
  loginIdOf,
  mailedCode,
  readRefusal,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { pagesSeen, readLastLogin, sessionsOf } from './session-moves.ts';
import { password, startWorld, type World } from './world.ts';

/** First who somebody says they are, and after that the proof. */

let world: World;
let ann: User;

beforeAll(async () => {
  world = await startWorld();
  ann = await world.addUser('ann', { email: 'ann@example.com' });
  await world.addUser('bob');
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.publish(passwordAfter);
  await world.happened();
});

const identifier = { options: [{ authenticator: 'identifier-first' }, { idp: 'Google' }] };
const proof = { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] };
const passwordAfter = {
  steps: [identifier, proof],
  script: 'function onLoginRequest() { executeStep(1); executeStep(2); }',
};

describe('Somebody gives a name and then the password', () => {
  it('signs in: asked for the name, then for the password of that name alone', async () => {
    const person = await beginsSignIn(world);
    expect(person.isAt()).toBe('Sign in');
    const [form] = person.page().forms;
    expect(form!.fields.map(({ name }) => name)).toEqual(['csrf', 'username']);
    expect(person.canChoose('Google')).toBe(true);
    await person.submits({ username: 'ann@example.com' });

    expect(person.page().text).toContain('Signing in as ann@example.com');
    expect(person.page().text).not.toMatch(/\bann\b(?!@)/);
    expect(await world.app.database.read.logins.findById(loginIdOf(person))).toMatchObject({ userId: null });
    await person.submits({ password });
    expect((await askApplication(world, person)).claims).toMatchObject({ sub: ann.id, amr: ['pwd'] });
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
    expect((await readLastLogin(world)).steps).toMatchObject([
      {
        authenticator: 'IdentifierExecutor',
        proves: false,
        amr: [],
        person: { claimed: { identifier: 'ann@example.com' } },
      },
      { authenticator: 'BasicAuthenticator', proves: true, person: { userId: ann.id } },
    ]);
  });

  it('the script sees whom they named, then who they are: one person', async () => {
    await world.publish({
      ...passwordAfter,
      script: `function onLoginRequest(context) {
        var named;
        executeStep(1, { onSuccess: function (context) {
          named = context.currentKnownSubject;
          Log.info(named.username, context.steps[1].authenticator, context.steps[1].idp);
          executeStep(2, { onSuccess: function (context) {
            Log.info(named === context.currentKnownSubject, context.steps[2].subject.username);
          } });
        } });
      }`,
    });
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await person.submits({ username: 'ANN' });
    await world.restart();
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    expect(await readScriptLog(world, id)).toEqual(['info 5: ann IdentifierExecutor LOCAL', 'info 7: true ann']);
  });

  it('of a name that nobody has, the script sees the name alone', async () => {
    await world.publish({
      ...passwordAfter,
      script: `function onLoginRequest(context) {
        executeStep(1, { onSuccess: function (context) {
          var named = context.steps[1].subject;
          Log.info(named.identifier, named.username, named.userStoreDomain, named.tenantDomain);
          Log.info([named.uniqueId, named.roles, named.remoteClaims], Object.keys(named.localClaims));
          executeStep(2);
        } });
      }`,
    });
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await person.submits({ username: 'Nobody' });
    expect(await readScriptLog(world, id)).toEqual([
      'info 4: Nobody Nobody PRIMARY carbon.super',
      'info 5: ["",[],null] []',
    ]);
  });

  it('«Not you?» asks for the name again', async () => {
    const person = await beginsSignIn(world);
    await person.submits({ username: 'bob' });
    expect(person.page().text).toContain('Signing in as bob');
    await person.chooses('Not you?');
    expect(person.page().text).not.toContain('Signing in as');
    await person.submits({ username: 'ann' });
    await person.submits({ password });
    expect((await askApplication(world, person)).claims).toMatchObject({ sub: ann.id });
  });

  it('what the application knows of the name stands in the field', async () => {
    const person = await beginsSignIn(world, { login_hint: 'ann@example.com' });
    const [form] = person.page().forms;
    expect(form!.fields).toContainEqual(expect.objectContaining({ name: 'username', value: 'ann@example.com' }));
  });

  it('a name alone signs nobody in, whatever the script does with it', async () => {
    for (const script of [
      'function onLoginRequest() { executeStep(1); }',
      "function onLoginRequest() { executeStep(1, { stepOptions: { markAsSubjectIdentifierStep: 'true' } }, {}); }",
      "function onLoginRequest() { executeStep(1, { onSuccess: function (context) { context.selectedAcr = 'x'; executeStep(1); } }); }",
    ]) {
      await world.publish({ ...passwordAfter, script });
      const person = await beginsSignIn(world);
      await person.submits({ username: 'ann' });
      if (person.isAt() === 'Sign in') await person.submits({ username: 'ann' });
      expect(await readRefusal(world, person)).toMatchObject({ status: 403, code: 'NO_STEP_PASSED' });
      expect((await askApplication(world, person)).signedIn).toBe(false);
    }
    expect(await sessionsOf(world, ann)).toHaveLength(3);
    expect(await world.happened()).toEqual({ 'login.failed': 3 });
  });
});

describe('A name that nobody has', () => {
  /** All that a page shows and sends, without what is different each time. */
  const looksOf = ({ status, text, forms }: Page, name: string) =>
    JSON.stringify({ status, text, forms })
      .replaceAll(name, 'NAME')
      .replaceAll(/login_[\w-]+/g, 'LOGIN')
      .replaceAll(/[\w-]{43}/g, 'CSRF');

  it('looks the same as one that somebody has, page by page', async () => {
    const pages = new Map<string, string[]>();
    for (const name of ['ann', 'zoe']) {
      const person = await beginsSignIn(world);
      const seen: string[] = [];
      const note = () => seen.push(looksOf(person.page(), name));
      await person.submits({ username: name });
      note();
      await person.submits({ password: 'wrong' });
      note();
      await person.opens(person.page().url);
      note();
      pages.set(name, seen);
    }
    expect(pages.get('zoe')).toEqual(pages.get('ann'));
    expect(pages.get('ann')![1]).toContain('User name and password do not match');
  });

  it.each(['totp', 'email-otp-authenticator'])(
    'nor does a code step (%s) tell the two apart',
    async (authenticator) => {
      await world.publish({ ...passwordAfter, steps: [identifier, { options: [{ authenticator }] }] });
      const pages: string[] = [];
      for (const name of ['ann', 'bob', 'zoe']) {
        const person = await beginsSignIn(world);
        await person.submits({ username: name });
        const first = person.page();
        await person.submits({ code: '00000000' });
        const second = person.page();
        expect([first.status, second.status]).toEqual([200, 422]);
        expect(first.text).not.toContain('@');
        pages.push([first, second].map((page) => looksOf(page, name)).join());
      }
      expect(new Set(pages).size).toBe(1);
      expect(await world.app.database.read.users.listFactors(ann.id)).toEqual([]);
    },
  );

  it('with ValidateUsername it is a wrong answer: told, and five end the sign-in', async () => {
    const call =
      "executeStep(1, { authenticatorParams: { local: { IdentifierExecutor: { ValidateUsername: 'true' } } } }, {})";
    await world.publish({ ...passwordAfter, script: `function onLoginRequest() { ${call}; executeStep(2); }` });
    const person = await beginsSignIn(world);
    for (let i = 0; i < 4; i++) {
      await person.submits({ username: 'zoe' });
      expect(person.page().status).toBe(422);
      expect(person.page().alerts.join()).toContain('We don’t know this name');
    }
    await person.submits({ username: 'zoe' });
    expect(await readRefusal(world, person)).toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });

    const again = await beginsSignIn(world);
    await again.submits({ username: 'zoe' });
    await again.submits({ username: 'ann' });
    await again.submits({ password });
    expect(again.isAt()).toBe('Signed in');
  });

  it('the script may want to know of it: onFail runs at once', async () => {
    await world.publish({
      ...passwordAfter,
      script: `function onLoginRequest() {
        executeStep(1, { authenticatorParams: { local: { 'identifier-first': { ValidateUsername: true } } } }, {
          onSuccess: function () { executeStep(2); },
          onFail: function () { fail({ errorCode: 'unknown_person' }); },
        });
      }`,
    });
    const person = await beginsSignIn(world);
    await person.submits({ username: 'zoe' });
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'unknown_person' });
  });

  it('to the script it is a person without roles or claims, and what it writes is kept nowhere', async () => {
    await world.publish({
      ...passwordAfter,
      script: `function onLoginRequest() {
        executeStep(1, { onSuccess: function (context) {
          var user = context.steps[1].subject;
          user.localClaims.nickname = 'nobody';
          Log.info(user.username, user.roles.length, hasRole(user, 'admin'), JSON.stringify(user.localClaims), user.remoteClaims);
          executeStep(2);
        } });
      }`,
    });
    const before = await world.users();
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await person.submits({ username: 'zoe' });
    expect(person.page().text).toContain('Signing in as zoe');
    expect(await readScriptLog(world, id)).toEqual([
      'info 5: zoe 0 false {"http://wso2.org/claims/nickname":"nobody"} null',
    ]);
    expect(await world.users()).toEqual(before);
  });
});

describe('Whoever proves to be somebody else', () => {
  it.each(['bob', 'zoe'])('after naming %s does not get in with the own password', async (named) => {
    const person = await beginsSignIn(world);
    await person.submits({ username: named });
    await typesPassword(person, 'ann');
    expect(person.page().alerts.join()).toContain('two different accounts');
    expect(person.page().text).toContain(`Signing in as ${named}`);
    expect((await askApplication(world, person)).signedIn).toBe(false);
  });

  it('at the provider does not get in either; the one who was named does, with an account made for them', async () => {
    const thief = await beginsSignIn(world);
    await thief.submits({ username: 'ann' });
    await thief.chooses('Google');
    await thief.chooses('Alan Turing');
    expect((await readRefusal(world, thief)).event).toMatchObject({ code: 'WRONG_SUBJECT' });

    for (const made of [true, false]) {
      const before = (await world.users()).length;
      const person = await beginsSignIn(world);
      await person.submits({ username: graceHopper.email.toUpperCase() });
      await person.chooses('Google');
      await person.chooses('Grace Hopper');
      expect(person.isAt()).toBe('Signed in');
      expect((await world.users()).length - before).toBe(made ? 1 : 0);
    }
    const other = await beginsSignIn(world);
    await other.submits({ username: graceHopper.email });
    await other.chooses('Google');
    await other.chooses('Alan Turing');
    expect((await readRefusal(world, other)).event).toMatchObject({ code: 'WRONG_SUBJECT' });
  });

  it('beside the name there is the connection: it passes the step by itself', async () => {
    await world.publish({
      ...passwordAfter,
      steps: [identifier, { options: [{ authenticator: 'totp' }] }],
      script: 'function onLoginRequest() { executeStep(1); }',
    });
    const person = await beginsSignIn(world);
    await person.chooses('Google');
    await person.chooses('Grace Hopper');
    expect(person.isAt()).toBe('Signed in');
  });
});

it('a mailed code proves who it is, without any password', async () => {
  await world.publish({
    ...passwordAfter,
    steps: [identifier, { options: [{ authenticator: 'email-otp-authenticator' }] }],
  });
  const before = world.mails.mails()[0]?.number ?? 0;
  const person = await beginsSignIn(world);
  await person.submits({ username: 'ann' });
  await person.submits({ code: await mailedCode(world, 'ann@example.com', before) });
  expect((await askApplication(world, person)).claims).toMatchObject({ sub: ann.id, amr: ['mail'] });
});

describe('In a browser with a session', () => {
  it('nobody is asked for the name, nor for what the session has seen', async () => {
    const person = await beginsSignIn(world);
    await person.submits({ username: 'ann' });
    await person.submits({ password });
    expect(await pagesSeen(person, () => asksForSignIn(world, person))).toBe(0);
    expect((await readLastLogin(world)).steps).toMatchObject([
      { authenticator: 'IdentifierExecutor', proves: false, reused: {} },
      { authenticator: 'BasicAuthenticator', proves: true, reused: {} },
    ]);

    await world.publish({
      ...passwordAfter,
      script:
        "function onLoginRequest() { executeStep(1); executeStep(2, { stepOptions: { forceAuth: 'true' } }, {}); }",
    });
    await asksForSignIn(world, person);
    expect(person.page().text).toContain('Signing in as ann');
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    await asksForSignIn(world, person, { prompt: 'login' });
    expect(person.page().text).not.toContain('Signing in as');
  });

  it('the session is of no use to somebody who names another', async () => {
    const person = await beginsSignIn(world);
    await person.submits({ username: 'ann' });
    await person.submits({ password });
    await world.publish({
      ...passwordAfter,
      script:
        "function onLoginRequest() { executeStep(1, { stepOptions: { forceAuth: 'true' } }, {}); executeStep(2); }",
    });
    await asksForSignIn(world, person);
    await person.submits({ username: 'bob' });
    expect(person.page().text).toContain('Signing in as bob');
    await asksForSignIn(world, person);
    await person.submits({ username: 'ann' });
    expect(person.isAt()).toBe('Signed in');
  });
});

it('a second factor belongs to whoever has proven to be somebody, and comes too early before that', async () => {
  await world.publish({ ...passwordAfter, steps: [identifier, { options: [{ authenticator: 'SessionExecutor' }] }] });
  const person = await beginsSignIn(world);
  await person.submits({ username: 'ann' });
  expect((await readRefusal(world, person)).status).toBe(403);
  expect((await askApplication(world, person)).signedIn).toBe(false);
});
