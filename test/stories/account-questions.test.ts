import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import type { JitSettings } from '../../src/connections/connection.ts';
import { claims } from '../../src/directory/claims.ts';
import {
  askApplication,
  beginsSignIn,
  comesThroughGoogle,
  enrolsApp,
  loginIdOf,
  mailedCode,
  readRefusal,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { startWorld, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world?.close();
});

const setJit = (jit: Partial<JitSettings>) =>
  world.changeConnection((one) => ({ ...one, jit: { ...one.jit, ...jit } }));

const arrives = async (): Promise<Person> => {
  const person = await beginsSignIn(world);
  await comesThroughGoogle(person);
  return person;
};

const created = { 'user.created': 1, 'association.created': 1 };
const newPassword = 'four unrelated words here';

describe('What somebody new is asked before the account is made', () => {
  it('PROMPT_CONSENT: whether; the page tells what is kept, and nothing is there before the answer', async () => {
    await setJit({ scheme: 'PROMPT_CONSENT' });
    const person = await arrives();
    expect(person.isAt()).toBe('Create your account');
    for (const told of ['Google', 'Payroll', graceHopper.email, 'Email: ', 'First name: Grace']) {
      expect(person.page().text).toContain(told);
    }
    expect(await world.users()).toEqual([]);
    expect(await world.happened()).toEqual({});

    await person.chooses('create');
    expect(person.isAt()).toBe('Signed in');
    const [account] = await world.users();
    expect(account).toMatchObject({ username: graceHopper.email, verified: [claims.email] });
    expect((await askApplication(world, person)).claims['sub']).toBe(account!.subject);
    expect(await world.happened()).toEqual({ ...created, 'login.succeeded': 1 });

    const again = await arrives();
    expect(again.isAt()).toBe('Signed in');
  });

  it('who does not want one is told to the application, and leaves nothing', async () => {
    await setJit({ scheme: 'PROMPT_CONSENT' });
    const person = await arrives();
    await person.chooses('Don’t create it');
    expect(await askApplication(world, person)).toMatchObject({
      signedIn: false,
      failure: { error: 'access_denied' },
    });
    expect(await world.users()).toEqual([]);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    expect(await world.lastEvent('login.failed')).toMatchObject({ code: 'CANCELLED' });
  });

  it('PROMPT_PASSWORD_CONSENT: a password, too, that works from then on', async () => {
    await setJit({ scheme: 'PROMPT_PASSWORD_CONSENT' });
    const person = await arrives();
    expect(person.page().text).toContain(`Your user name will be ${graceHopper.email}`);
    const create = { button: { name: 'action', value: 'create' } };
    for (const [password, passwordAgain, problem] of [
      ['', '', 'Enter your password.'],
      ['short', 'short', 'at least 8 characters'],
      ['x'.repeat(1025), 'x'.repeat(1025), 'too long'],
      ['password123', 'password123', 'Many people use this password'],
      [graceHopper.email, graceHopper.email, 'Many people use this password'],
      [newPassword, 'something else', 'The two passwords differ.'],
    ] as const) {
      await person.submits({ password, passwordAgain }, create);
      expect(person.page()).toMatchObject({ status: 422 });
      expect(person.page().alerts.join()).toContain(problem);
    }
    expect(await world.users()).toEqual([]);
    await person.submits({ password: newPassword, passwordAgain: newPassword }, create);
    expect(person.isAt()).toBe('Signed in');
    const [account] = await world.users();
    expect(account).toMatchObject({ username: graceHopper.email });

    await world.publish({ scriptEnabled: false, steps: [{ options: [{ authenticator: 'BasicAuthenticator' }] }] });
    const local = await beginsSignIn(world);
    await typesPassword(local, graceHopper.email, newPassword);
    expect((await askApplication(world, local)).claims['sub']).toBe(account!.subject);
  });

  it('PROMPT_USERNAME_PASSWORD_CONSENT: a user name as well; what is wrong is told at its field, all at once', async () => {
    await world.addUser('ann');
    await setJit({ scheme: 'PROMPT_USERNAME_PASSWORD_CONSENT' });
    const person = await arrives();
    const create = { button: { name: 'action', value: 'create' } };
    for (const [username, problem] of [
      ['', 'Enter your email or user name.'],
      ['ANN', 'Somebody else has this user name.'],
      ['ａｎｎ', 'Somebody else has this user name.'],
      ['аnn', 'This user name is not allowed here.'],
      ['an\u200bn', 'This user name is not allowed here.'],
      ['victim@example.org', 'This user name is not allowed here.'],
    ] as const) {
      await person.submits({ username, password: 'short', passwordAgain: 'short' }, create);
      expect(person.page().alerts.join(), username).toContain(problem);
      expect(person.page().alerts.join()).toContain('at least 8 characters');
    }
    expect((await world.users()).map(({ username }) => username)).toEqual(['ann']);
    await world.happened();
    await person.submits({ username: 'Amazing Grace', password: newPassword, passwordAgain: newPassword }, create);
    expect(person.isAt()).toBe('Signed in');
    expect((await world.users()).map(({ username }) => username).toSorted()).toEqual(['Amazing Grace', 'ann']);
    expect(await world.happened()).toEqual({ ...created, 'login.succeeded': 1 });
  });

  it('attributes that an account must have and that did not come along, whatever the scheme', async () => {
    await setJit({ requiredAttributes: ['country', claims.email, claims.mobile] });
    const person = await arrives();
    expect(person.isAt()).toBe('Create your account');
    expect(person.page().text).toContain('Country');
    const create = { button: { name: 'action', value: 'create' } };
    await person.submits({ attribute1: ' ', attribute2: '+1\u0000 555' }, create);
    expect(person.page().alerts.join()).toContain('Fill this in.');
    expect(person.page().alerts.join()).toContain('This can’t be right.');
    await person.submits({ attribute1: ' Norway ', attribute2: '+47 555' }, create);
    expect(person.isAt()).toBe('Signed in');
    const [account] = await world.users();
    expect(account!.attributes).toContainEqual({
      uri: 'http://wso2.org/claims/country',
      value: 'Norway',
      origin: 'person',
    });
    expect(account!.verified).toEqual([claims.email]);
    expect((await arrives()).isAt()).toBe('Signed in');
    expect((await world.users())[0]!.attributes).toEqual(account!.attributes);
  });

  it('a form of another page is no consent', async () => {
    await setJit({ scheme: 'PROMPT_CONSENT' });
    const person = await arrives();
    for (const action of ['decline', 'resend', 'other', 'anything', '']) await posts(person, { action });
    await person.opens(person.page().url);
    expect(person.isAt()).toBe('Create your account');
    expect(await world.users()).toEqual([]);
    expect(await world.happened()).toEqual({});
  });

  it('what was true when it was asked is decided anew when it is answered', async () => {
    await setJit({ scheme: 'PROMPT_CONSENT' });
    const person = await arrives();
    const other = await world.addUser(graceHopper.email);
    await person.chooses('create');
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'PROVISIONING_FAILED',
      event: { code: 'USERNAME_TAKEN' },
    });
    expect(await world.users()).toEqual([other]);
    expect(await world.happened()).toEqual({ 'provisioning.failed': 1, 'login.failed': 1 });
  });

  it('a connection that was disabled meanwhile refuses', async () => {
    await setJit({ scheme: 'PROMPT_CONSENT' });
    const person = await arrives();
    await world.changeConnection((one) => ({ ...one, enabled: false }));
    await person.chooses('create');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'CONNECTION_DISABLED' });
    expect(await world.users()).toEqual([]);
  });

  it('provisioning that was turned off meanwhile makes none', async () => {
    await setJit({ scheme: 'PROMPT_CONSENT' });
    const person = await arrives();
    await setJit({ enabled: false });
    await person.chooses('create');
    expect(person.isAt()).toBe('Signed in');
    expect(await world.users()).toEqual([]);
  });

  it('answered twice at once, it makes one account', async () => {
    await setJit({ scheme: 'PROMPT_CONSENT' });
    const person = await arrives();
    await Promise.all(Array.from({ length: 20 }, () => posts(person, { action: 'create' })));
    await person.opens(person.page().url);
    expect(person.isAt()).toBe('Signed in');
    expect(await world.users()).toHaveLength(1);
    expect(await world.happened()).toMatchObject({ ...created, 'login.succeeded': 1 });
  });

  it('a restart of the server in between loses nothing', async () => {
    await setJit({ scheme: 'PROMPT_CONSENT' });
    const person = await arrives();
    await world.restart();
    await person.opens(person.page().url);
    expect(person.isAt()).toBe('Create your account');
    await person.chooses('create');
    expect(person.isAt()).toBe('Signed in');
    expect(await world.users()).toHaveLength(1);
  });
});

describe('A user name that is somebody else’s, with onConflict PROMPT_USERNAME', () => {
  beforeEach(() => setJit({ onConflict: 'PROMPT_USERNAME' }));

  it('is asked for again, and nobody is signed in as the other', async () => {
    const other = await world.addUser(graceHopper.email);
    const person = await arrives();
    expect(person.isAt()).toBe('Create your account');
    expect(person.page().forms[0]!.fields.find(({ name }) => name === 'username')).toMatchObject({ value: '' });
    const create = { button: { name: 'action', value: 'create' } };
    await person.submits({ username: graceHopper.email }, create);
    expect(person.page().alerts.join()).toContain('Somebody else has this user name.');
    await person.submits({ username: 'grace' }, create);
    expect(person.isAt()).toBe('Signed in');
    const made = (await world.users()).find(({ id }) => id !== other.id)!;
    expect(made).toMatchObject({ username: 'grace' });
    expect((await askApplication(world, person)).claims['sub']).toBe(made.subject);
    expect(await world.happened()).toEqual({ ...created, 'login.succeeded': 1 });
  });

  it('is not asked for when it is free', async () => {
    expect((await arrives()).isAt()).toBe('Signed in');
  });

  it('may not be guessed for ever', async () => {
    await world.addUser(graceHopper.email);
    const person = await arrives();
    const create = { button: { name: 'action', value: 'create' } };
    for (let n = 0; n < 20; n++) await person.submits({ username: graceHopper.email }, create);
    await person.submits({ username: 'a-free-name' }, create);
    expect(await readRefusal(world, person)).toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
    expect(await world.users()).toHaveLength(1);
  });
});

describe('Before a factor that needs the account', () => {
  beforeEach(async () => {
    await setJit({ scheme: 'PROMPT_CONSENT' });
    await world.publish({ scriptEnabled: false });
  });

  it('it is asked first, and the factor comes after', async () => {
    const person = await arrives();
    expect(person.isAt()).toBe('Choose how to confirm it’s you');
    await person.chooses('totp');
    expect(person.isAt()).toBe('Create your account');
    expect(await world.users()).toEqual([]);
    await person.chooses('Try another way');
    expect(person.isAt()).toBe('Choose how to confirm it’s you');
    await person.chooses('totp');
    await person.chooses('create');
    expect(person.isAt()).toBe('Check your email');
    await person.submits({ code: await mailedCode(world, graceHopper.email) });
    await enrolsApp(world, person);
    expect(person.isAt()).toBe('Signed in');
    expect(await world.users()).toHaveLength(1);
    expect(await world.happened()).toEqual({ ...created, 'factor.added': 1, 'login.succeeded': 1 });
  });

  it('who does not want it aborts that step', async () => {
    await world.publish({
      script: `function onLoginRequest(context) {
        executeStep(1);
        executeStep(2, { onUserAbort: function (context) { Log.info('aborted'); executeStep(3); } });
      }`,
      steps: [
        { options: [{ idp: 'Google' }] },
        { options: [{ authenticator: 'totp' }] },
        { options: [{ authenticator: 'BasicAuthenticator' }] },
      ],
    });
    const person = await beginsSignIn(world);
    await person.chooses('Grace Hopper');
    const id = loginIdOf(person);
    expect(person.isAt()).toBe('Create your account');
    await person.chooses('Don’t create it');
    expect(person.isAt()).toBe('Sign in');
    expect(await readScriptLog(world, id)).toEqual(['info 3: aborted']);
    expect(await world.users()).toEqual([]);
  });

  it('a conflict is the step’s failure, and the script hears why', async () => {
    await setJit({ scheme: 'PROVISION_SILENTLY', onConflict: 'FAIL' });
    await world.addUser(graceHopper.email);
    await world.publish({
      script: `function onLoginRequest(context) {
        executeStep(1);
        executeStep(2, { onFail: function (context) {
          var provisioning = context.steps[1].provisioning;
          Log.info(provisioning.result + ' ' + provisioning.problem.code);
          fail({ errorCode: 'account_conflict' });
        } });
      }`,
    });
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await comesThroughGoogle(person);
    await person.chooses('totp');
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'account_conflict' });
    expect(await readScriptLog(world, id)).toEqual(['info 5: failed USERNAME_TAKEN']);
  });
});

/** Sends the page's form with these fields, whatever buttons it has. */
async function posts(person: Person, fields: Record<string, string>): Promise<number> {
  const { url, forms } = person.page();
  const hidden = forms[0]!.fields.flatMap(({ name, type, value }) => (type === 'hidden' ? [[name, value ?? '']] : []));
  const response = await fetch(forms[0]!.action, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: await person.cookiesFor(url), origin: new URL(url).origin },
    body: new URLSearchParams([...hidden, ...Object.entries(fields)] as [string, string][]),
  });
  await response.body?.cancel();
  return response.status;
}
