import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { User } from '../../src/directory/user.ts';
import { minute } from '../../src/kernel/clock.ts';
import {
  askApplication,
  asksForSignIn,
  beginsSignIn,
  enrolsApp,
  listSteps,
  loginIdOf,
  mailedCode,
  readRefusal,
  typesPassword,
} from './moves.ts';
import { missionSteps, password, startWorld, type World } from './world.ts';

/** Old pages, second tabs, and sign-ins that take too long. */

let world: World;
let ann: User;

beforeAll(async () => {
  world = await startWorld();
  ann = await world.addUser('ann');
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.publish({ steps: passwordTwice });
  await world.happened();
});

const passwordStep = { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] };
const passwordTwice = [passwordStep, passwordStep];

describe('The back button', () => {
  it('a form of a step that is done says so, changes nothing, and leads on', async () => {
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    const first = person.page();
    await typesPassword(person, 'ann');
    expect(person.page().text).toContain('Signing in as ann');
    for (const typed of [password, 'wrong']) {
      person.returnsTo(first);
      await typesPassword(person, 'ann', typed);
      expect(person.page().status).toBe(409);
      expect(person.isAt()).toBe('This step is done');
      expect(await listSteps(world, id)).toEqual([1]);
    }
    person.returnsTo(first);
    await person.chooses('Google');
    expect(person.page().status).toBe(409);
    person.returnsTo(first);
    await person.chooses('cancel');
    expect(person.page().status).toBe(409);

    await person.follows('Continue');
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
    expect(world.identityProvider.requests()).toEqual({});
  });

  it('a page of a sign-in that is over leads nowhere new: no second code, no second event', async () => {
    const person = await beginsSignIn(world);
    const first = person.page();
    await typesPassword(person, 'ann');
    const second = person.page();
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    await world.happened();
    for (const page of [first, second]) {
      person.returnsTo(page);
      await person.submits({ password });
      expect(person.page().status).toBe(410);
      await person.opens(page.url);
      expect(person.page().status).toBe(410);
    }
    await person.opens(`${first.url}/return`);
    expect(person.page().status).toBeLessThan(500);
    expect((await askApplication(world, person)).claims['sub']).toBe(ann.id);
    expect(await world.happened()).toEqual({});
  });

  it('loading a page again changes nothing', async () => {
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    const { url } = person.page();
    for (let i = 0; i < 3; i++) await person.opens(url);
    await typesPassword(person, 'ann');
    for (let i = 0; i < 3; i++) await person.opens(url);
    expect(await listSteps(world, id)).toEqual([1]);
    expect(await world.happened()).toEqual({});
  });
});

describe('The page of a way that was left', () => {
  const toTheFactor = async (username: string) => {
    await world.publish({ steps: missionSteps, scriptEnabled: false });
    const person = await beginsSignIn(world);
    await typesPassword(person, username);
    return person;
  };

  it('answers nothing of the way that is open now, and costs no attempt', async () => {
    await world.addUser('cora', { email: 'cora@example.com' });
    const owner = await toTheFactor('cora');
    await owner.chooses('totp');
    await owner.submits({ code: await mailedCode(world, 'cora@example.com') });
    const app = await enrolsApp(world, owner);
    expect(owner.isAt()).toBe('Signed in');

    const person = await toTheFactor('cora');
    await person.chooses('totp');
    const codePage = person.page();
    await person.chooses('other');
    await person.chooses('email-otp-authenticator');
    const mailPage = person.page();
    for (let tries = 0; tries < 6; tries++) {
      person.returnsTo(codePage);
      await person.submits({ code: '000000' });
      expect(person.page().status).toBe(409);
    }
    person.returnsTo(codePage);
    await person.chooses('other');
    expect(person.isAt()).toBe('Choose how to confirm it’s you');
    await person.chooses('totp');
    person.returnsTo(mailPage);
    const code = app.nextCode();
    await person.submits({ code });
    expect(person.page().status).toBe(409);
    await person.follows('Continue');
    expect(person.isAt()).toBe('Enter the code from your app');
    await person.submits({ code });
    expect(person.isAt()).toBe('Signed in');
  });

  it('a mailed code sent twice, before an app can be set up, is not taken for the app’s', async () => {
    await world.addUser('dora', { email: 'dora@example.com' });
    const person = await toTheFactor('dora');
    await person.chooses('totp');
    const mailPage = person.page();
    const code = await mailedCode(world, 'dora@example.com');
    await person.submits({ code });
    expect(person.isAt()).toBe('Set up an authenticator app');
    person.returnsTo(mailPage);
    await person.submits({ code });
    expect(person.page().status).toBe(409);
    await person.follows('Continue');
    await enrolsApp(world, person);
    expect(person.isAt()).toBe('Signed in');
  });
});

describe('Two tabs', () => {
  it('of one sign-in: one answer goes on, the other finds its step done', async () => {
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    const tab = person.opensTab();
    await tab.opens(person.page().url);
    await Promise.all([typesPassword(person, 'ann'), typesPassword(tab, 'ann')]);
    expect([person.page().status, tab.page().status].sort()).toEqual([200, 409]);
    expect(await listSteps(world, id)).toEqual([1]);

    const [going, late] = person.page().status === 200 ? [person, tab] : [tab, person];
    await late.follows('Continue');
    await Promise.all([going.submits({ password }), late.submits({ password })]);
    // The tab that comes second may find the application's request answered; it is told so.
    const { 'oidc.error': tooLate = 0, ...rest } = await world.happened();
    expect(tooLate).toBeLessThan(2);
    expect(rest).toEqual({ 'login.succeeded': 1 });
    expect((await askApplication(world, person)).claims['sub']).toBe(ann.id);
    expect(await listSteps(world, id)).toEqual([1, 2]);
  });

  it('with two sign-ins do not disturb each other', async () => {
    const person = await beginsSignIn(world);
    const tab = person.opensTab();
    await asksForSignIn(world, tab);
    expect(loginIdOf(tab)).not.toBe(loginIdOf(person));
    await typesPassword(person, 'ann');
    await typesPassword(tab, 'ann', 'wrong');
    expect(tab.page().status).toBe(422);
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    await typesPassword(tab, 'ann');
    await tab.submits({ password });
    expect(tab.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'login.succeeded': 2 });
  });

  it('that both come back from the provider: the first answer counts, one account', async () => {
    await world.publish({ steps: [passwordStep], script: 'function onLoginRequest() { executeStep(1); }' });
    const person = await beginsSignIn(world);
    const tab = person.opensTab();
    await tab.opens(person.page().url);
    await person.chooses('Google');
    await tab.chooses('Google');
    // The second tab's way there has made the first one's answer worthless.
    await person.chooses('Grace Hopper');
    expect(await readRefusal(world, person)).toMatchObject({ status: 400, code: 'STATE_INVALID' });
    expect(await world.happened()).toEqual({ 'login.request-refused': 1 });
    await tab.chooses('Grace Hopper');
    expect(tab.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'user.created': 1, 'association.created': 1, 'login.succeeded': 1 });
  });

  it('«Not you?» begins again; the old pages lead there, and what was passed counts no more', async () => {
    const person = await beginsSignIn(world);
    const old = loginIdOf(person);
    await typesPassword(person, 'ann');
    const page = person.page();
    await person.chooses('Not you?');
    expect(person.isAt()).toBe('Sign in');
    expect(person.page().text).not.toContain('Signing in as');
    expect(loginIdOf(person)).not.toBe(old);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });

    const tab = person.opensTab();
    tab.returnsTo(page);
    await tab.submits({ password });
    expect(loginIdOf(tab)).toBe(loginIdOf(person));
    await typesPassword(person, 'ann');
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });
});

describe('A sign-in that took too long', () => {
  it.each(['answered', 'looked at', 'cancelled', 'left for a provider'])('is over when it is %s', async (how) => {
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'ann');
    const { url } = person.page();
    world.clock.skip(11 * minute);
    if (how === 'answered') await person.submits({ password });
    if (how === 'looked at') await person.opens(url);
    if (how === 'cancelled') await person.chooses('cancel');
    if (how === 'left for a provider') await person.chooses('Google');

    expect(person.isAt()).toBe('This sign-in has expired');
    const refusal = await readRefusal(world, person);
    expect(refusal).toMatchObject({ status: 410, code: 'LOGIN_EXPIRED' });
    expect(refusal.event).toMatchObject({ type: 'login.failed', loginId: id, target: ann.id });
    expect(await listSteps(world, id)).toEqual([1]);
    await person.opens(url);
    expect(person.isAt()).toBe('This sign-in has expired');
    expect(await world.happened()).toEqual({ 'login.failed': 1 });

    await person.follows('Back to Payroll');
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'access_denied' });
    expect(world.identityProvider.requests()['token'] ?? 0).toBeLessThan(2);
  });

  it('is over for somebody who comes back from a provider, and no account is made', async () => {
    const before = await world.users();
    const person = await beginsSignIn(world);
    await person.chooses('Google');
    world.clock.skip(11 * minute);
    const asked = world.identityProvider.requests()['token'];
    await person.chooses('Alan Turing');
    expect(person.isAt()).toBe('This sign-in has expired');
    expect(world.identityProvider.requests()['token']).toBe(asked);
    expect(await world.users()).toEqual(before);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('long after, its page says so still, and leads to no application', async () => {
    const person = await beginsSignIn(world);
    const { url } = person.page();
    world.clock.skip(61 * minute);
    await person.opens(url);
    expect(person.page().status).toBe(410);
    await person.opens(`${url}/return`);
    expect(person.page().status).toBe(410);
    expect(person.page().url).toContain(world.url);
    expect(await world.happened()).toMatchObject({ 'login.failed': 1 });
  });

  it('and a second factor that was begun is not kept', async () => {
    await world.publish({ steps: [passwordStep, { options: [{ authenticator: 'totp' }] }] });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Set up an authenticator app');
    world.clock.skip(11 * minute);
    await enrolsApp(world, person);
    expect(person.isAt()).toBe('This sign-in has expired');
    expect(await world.app.database.read.users.listFactors(ann.id)).toEqual([]);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });
});
