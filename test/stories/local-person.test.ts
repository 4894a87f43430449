import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import { minute } from '../../src/kernel/clock.ts';
import {
  askApplication,
  beginsSignIn,
  enrolsApp,
  loginIdOf,
  mailedCode,
  readRefusal,
  shownKey,
  typesPassword,
} from './moves.ts';
import { password, startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.happened();
});

const newestMail = () => world.mails.mails()[0]?.number ?? 0;

describe('Somebody with an account here, without a verified address', () => {
  it('sets up an authenticator app at the first sign-in, and uses it at the next', async () => {
    const ann = await world.addUser('ann');
    const person = await beginsSignIn(world);
    expect(person.isAt()).toBe('Sign in');
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Choose how to confirm it’s you');
    await person.chooses('totp');
    expect(person.isAt()).toBe('Set up an authenticator app');
    const app = await enrolsApp(world, person);

    expect(person.isAt()).toBe('Signed in');
    const first = await askApplication(world, person);
    expect(first.claims).toMatchObject({ sub: ann.id, amr: ['pwd', 'otp'] });
    expect(first.claims).not.toHaveProperty('acr');
    expect(first.userinfo).toMatchObject({ sub: ann.id, preferred_username: 'ann' });
    expect(await world.happened()).toEqual({ 'factor.added': 1, 'login.succeeded': 1 });

    const again = await beginsSignIn(world);
    await typesPassword(again, 'Ann');
    await again.chooses('totp');
    expect(again.isAt()).toBe('Enter the code from your app');
    await again.submits({ code: app.nextCode() });
    expect((await askApplication(world, again)).claims).toMatchObject({ sub: ann.id, amr: ['pwd', 'otp'] });

    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
    expect(await world.app.database.read.users.listFactors(ann.id)).toHaveLength(1);
    expect(world.mails.mails()).toEqual([]);
    expect(world.identityProvider.requests()).toEqual({});
  });

  it('cannot use a code twice, not even in another sign-in', async () => {
    const bea = await world.addUser('bea');
    const first = await beginsSignIn(world);
    await typesPassword(first, 'bea');
    await first.chooses('totp');
    const app = createAuthenticatorApp(shownKey(first), world.clock);
    const code = app.nextCode();
    await first.submits({ code });
    expect(first.isAt()).toBe('Signed in');

    const second = await beginsSignIn(world);
    await typesPassword(second, 'bea');
    await second.chooses('totp');
    await second.submits({ code });
    expect(second.page().status).toBe(422);
    expect(second.page().alerts.join()).toContain('used already');
    expect((await askApplication(world, second)).signedIn).toBe(false);
    expect(await world.happened()).toEqual({ 'factor.added': 1, 'login.succeeded': 1 });
    expect(await world.app.database.read.users.listFactors(bea.id)).toHaveLength(1);
  });
});

describe('Somebody with a verified address', () => {
  it('signs in with a mailed code, which counts once', async () => {
    const cem = await world.addUser('cem', { email: 'cem@example.com' });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'cem@example.com');
    await person.chooses('email-otp-authenticator');
    expect(person.isAt()).toBe('Check your email');
    expect(person.page().text).not.toContain('cem@example.com');
    await person.submits({ code: await mailedCode(world, 'cem@example.com') });

    expect(person.isAt()).toBe('Signed in');
    expect((await askApplication(world, person)).claims).toMatchObject({
      sub: cem.id,
      amr: ['pwd', 'mail'],
      email: 'cem@example.com',
      email_verified: true,
    });
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
    expect(world.mails.mails({ to: 'cem@example.com' })).toHaveLength(1);
  });

  it('gets a new code, which replaces the one before', async () => {
    await world.addUser('dee', { email: 'dee@example.com' });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'dee');
    await person.chooses('email-otp-authenticator');
    const old = await mailedCode(world, 'dee@example.com');
    const before = newestMail();
    await person.chooses('resend');
    const fresh = await mailedCode(world, 'dee@example.com', before);
    await person.submits({ code: old });
    expect(person.page().alerts.join()).toContain('That code is not right');
    await person.submits({ code: fresh });
    expect(person.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });

  it('must pass the mailed code before an authenticator app can be added, and a mail tells of it', async () => {
    const eve = await world.addUser('eve', { email: 'eve@example.com' });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'eve');
    await person.chooses('totp');
    expect(person.isAt()).toBe('Check your email');
    expect(person.page().codes).toEqual([]);
    const code = await mailedCode(world, 'eve@example.com');
    const before = newestMail();
    await person.submits({ code });
    expect(person.isAt()).toBe('Set up an authenticator app');
    await enrolsApp(world, person);

    expect(person.isAt()).toBe('Signed in');
    expect((await askApplication(world, person)).claims['amr']).toEqual(['pwd', 'mail', 'otp']);
    const told = await world.mails.waitFor(({ number }) => number > before, 5000);
    expect(told.to).toEqual(['eve@example.com']);
    expect(told.subject).toContain('A new way to confirm your sign-in was added');
    expect(await world.happened()).toEqual({ 'factor.added': 1, 'login.succeeded': 1 });
    expect(await world.app.database.read.users.listFactors(eve.id)).toHaveLength(1);
  });

  it('whose app is deleted while its code page is open passes the mailed code before a new one can be added', async () => {
    const fin = await world.addUser('fin', { email: 'fin@example.com' });
    const first = await beginsSignIn(world);
    await typesPassword(first, 'fin');
    await first.chooses('totp');
    await first.submits({ code: await mailedCode(world, 'fin@example.com') });
    const app = await enrolsApp(world, first);
    const { number } = await world.mails.waitFor(
      ({ to, subject }) => to.includes('fin@example.com') && subject.includes('was added'),
      5000,
    );

    const person = await beginsSignIn(world);
    await typesPassword(person, 'fin');
    await person.chooses('totp');
    const { users } = world.app.database.read;
    const [factor] = await users.listFactors(fin.id);
    await world.app.database.unit((stores) => stores.users.deleteFactor(factor!.id));
    await person.submits({ code: app.nextCode() });
    expect(person.isAt()).toBe('Check your email');
    expect(person.page().codes).toEqual([]);
    expect(await users.listFactors(fin.id)).toEqual([]);
    await person.submits({ code: await mailedCode(world, 'fin@example.com', number) });
    expect(person.isAt()).toBe('Set up an authenticator app');
    await enrolsApp(world, person);
    expect(person.isAt()).toBe('Signed in');
  });

  it('who knows only the password gets no factor, whatever is posted instead of the mailed code', async () => {
    const fay = await world.addUser('fay', { email: 'fay@example.com' });
    const thief = await beginsSignIn(world);
    await typesPassword(thief, 'fay');
    const choice = thief.page();
    await thief.chooses('totp');
    await mailedCode(world, 'fay@example.com');
    for (const form of [{ code: '' }, { code: '12345678' }, { code: '000000' }]) {
      await thief.submits(form);
      expect(thief.isAt()).toBe('Check your email');
    }
    // The page of choices is still open in the history: choosing again begins again, with another code.
    thief.returnsTo(choice);
    await thief.chooses('totp');
    expect(thief.isAt()).toBe('Check your email');
    await thief.chooses('other');
    await thief.chooses('totp');
    expect(thief.isAt()).toBe('Check your email');
    expect(thief.page().codes).toEqual([]);
    expect(await world.app.database.read.users.listFactors(fay.id)).toEqual([]);
    expect((await askApplication(world, thief)).signedIn).toBe(false);
    expect(await world.happened()).toEqual({});
  });
});

describe('Wrong answers', () => {
  const sentence = 'User name and password do not match. Check both and try again.';

  it.each([
    ['an unknown user name', 'nobody', password],
    ['a wrong password', 'gus', 'not the password'],
  ])('%s shows the step again with the same words', async (_what, username, typed) => {
    if (username === 'gus') await world.addUser('gus');
    const person = await beginsSignIn(world);
    await typesPassword(person, username, typed);
    expect(person.page().status).toBe(422);
    expect(person.isAt()).toBe('Sign in');
    expect(person.page().alerts).toContainEqual(expect.stringContaining(sentence));
    const [form] = person.page().forms;
    expect(form!.fields).toContainEqual(expect.objectContaining({ name: 'username', value: username }));
    expect(form!.fields).toContainEqual(expect.objectContaining({ name: 'password', value: '' }));
    expect(await world.happened()).toEqual({});
  });

  it('five wrong passwords end the sign-in, and the right one comes too late', async () => {
    await world.addUser('hal');
    const person = await beginsSignIn(world);
    const page = person.page();
    const id = loginIdOf(person);
    for (let i = 0; i < 4; i++) {
      await typesPassword(person, 'hal', `wrong ${i}`);
      expect(person.page().status).toBe(422);
    }
    await typesPassword(person, 'hal', 'wrong at last');
    expect(person.isAt()).toBe('You are not signed in');
    const refusal = await readRefusal(world, person);
    expect(refusal).toMatchObject({ status: 403, code: 'TOO_MANY_ATTEMPTS' });
    expect(refusal.event).toMatchObject({ type: 'login.failed', loginId: id, code: 'TOO_MANY_ATTEMPTS' });
    expect(refusal.event!.details).toMatchObject({
      application: 'Payroll',
      version: 1,
      detail: 'The password is wrong.',
    });

    person.returnsTo(page);
    await typesPassword(person, 'hal');
    expect(person.isAt()).toBe('You are not signed in');
    expect(await world.happened()).toEqual({ 'login.failed': 1 });

    await person.follows('Back to Payroll');
    expect(person.isAt()).toBe('Sign-in was refused');
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'access_denied' });
    expect(await world.happened()).toEqual({});
  });

  it('five wrong codes end the sign-in, however they are spread over the ways of the step', async () => {
    const ida = await world.addUser('ida', { email: 'ida@example.com' });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ida');
    for (let i = 0; i < 4; i++) {
      await person.chooses('email-otp-authenticator');
      await person.submits({ code: `0000000${i}` });
      expect(person.page().status).toBe(422);
      await person.chooses('other');
    }
    await person.chooses('totp');
    await person.submits({ code: '00000009' });
    expect(person.isAt()).toBe('You are not signed in');
    expect((await readRefusal(world, person)).event).toMatchObject({ type: 'login.failed', target: ida.id });
    expect((await askApplication(world, person)).signedIn).toBe(false);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    expect(await world.app.database.read.users.listFactors(ida.id)).toEqual([]);
  });

  it('five wrong codes of the app end the sign-in, and the right one comes too late', async () => {
    await world.addUser('liv');
    const first = await beginsSignIn(world);
    await typesPassword(first, 'liv');
    await first.chooses('totp');
    const app = await enrolsApp(world, first);
    expect(first.isAt()).toBe('Signed in');
    await world.happened();

    const person = await beginsSignIn(world);
    await typesPassword(person, 'liv');
    await person.chooses('totp');
    const page = person.page();
    for (let i = 0; i < 4; i++) {
      await person.submits({ code: `00000${i}` });
      expect(person.page().status).toBe(422);
      expect(person.isAt()).toBe('Enter the code from your app');
    }
    await person.submits({ code: '000009' });
    expect(await readRefusal(world, person)).toMatchObject({ status: 403, code: 'TOO_MANY_ATTEMPTS' });
    person.returnsTo(page);
    await person.submits({ code: app.nextCode() });
    expect(person.isAt()).toBe('You are not signed in');
    expect((await askApplication(world, person)).signedIn).toBe(false);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('a sign-in that was open for too long is over, even with the right code', async () => {
    await world.addUser('jo', { email: 'jo@example.com' });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'jo');
    world.clock.skip(9.5 * minute);
    await person.chooses('email-otp-authenticator');
    const code = await mailedCode(world, 'jo@example.com');
    world.clock.skip(minute);
    await person.submits({ code });
    expect(person.isAt()).toBe('This sign-in has expired');
    expect(await readRefusal(world, person)).toMatchObject({ status: 410, event: { code: 'LOGIN_EXPIRED' } });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('a long row of wrong passwords makes everybody wait, the right one included', async () => {
    await world.addUser('kim');
    for (let round = 0; round < 3; round++) {
      const person = await beginsSignIn(world);
      for (let i = 0; i < 4; i++) await typesPassword(person, 'kim', 'wrong');
    }
    const person = await beginsSignIn(world);
    await typesPassword(person, 'kim');
    expect(person.page().alerts.join()).toContain('Wait');
    expect((await askApplication(world, person)).signedIn).toBe(false);
    world.clock.skip(minute);
    await typesPassword(person, 'kim');
    expect(person.isAt()).toBe('Choose how to confirm it’s you');
    expect(await world.happened()).toEqual({});
  });
});
