import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alanTuring, graceHopper } from '../../src/cli/demo/people.ts';
import { claims } from '../../src/directory/claims.ts';
import { day, minute } from '../../src/kernel/clock.ts';
import { createJournals } from '../../src/login/journal.ts';
import { openEnding } from '../../src/login/waiting.ts';
import {
  askApplication,
  beginsSignIn,
  comesThroughGoogle,
  enrolsApp,
  loginIdOf,
  mailedCode,
  readRefusal,
} from './moves.ts';
import { passwordOrGoogle } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world?.close();
});

const setJit = (enabled: boolean) => world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled } }));

describe('Somebody from a connection', () => {
  it('gets an account with the provider’s attributes at the first sign-in, and no second factor', async () => {
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    expect(person.isAt()).toBe('Signed in');
    expect(person.hops().filter(({ sent }) => sent.includes('code'))).toEqual([]);

    const [account, ...others] = await world.users();
    expect(others).toEqual([]);
    const origin = `connection:${world.connection.id}`;
    expect(account).toMatchObject({ username: graceHopper.email, groups: [], roles: [], verified: [claims.email] });
    expect(account!.attributes).toContainEqual({ uri: claims.email, value: graceHopper.email, origin });
    expect(account!.attributes).toContainEqual({ uri: claims.givenName, value: 'Grace', origin });
    expect(await world.app.database.read.users.findAssociation(world.connection.id, graceHopper.sub)).toMatchObject({
      userId: account!.id,
    });
    const { claims: told, userinfo } = await askApplication(world, person);
    expect(told).toMatchObject({ sub: account!.subject, email: graceHopper.email, email_verified: true });
    expect(told['sub']).not.toBe(graceHopper.sub);
    expect(userinfo).toMatchObject({ sub: account!.subject, given_name: 'Grace', family_name: 'Hopper' });
    expect(await world.happened()).toEqual({ 'user.created': 1, 'association.created': 1, 'login.succeeded': 1 });
    expect(await world.lastEvent('login.succeeded')).toMatchObject({ target: account!.id });
    expect(world.mails.mails()).toEqual([]);
    expect(world.identityProvider.requests()).toMatchObject({ token: 1, userinfo: 1 });
  });

  it('costs the provider two requests of ours once it is known: the code, and who it is', async () => {
    await comesThroughGoogle(await beginsSignIn(world));
    const { authorization: _1, choose: _2, ...cold } = world.identityProvider.requests();
    expect(cold).toEqual({ discovery: 1, jwks: 1, token: 1, userinfo: 1 });
    for (const name of ['Grace Hopper', 'Alan Turing']) await comesThroughGoogle(await beginsSignIn(world), name);
    const { authorization: _3, choose: _4, ...warm } = world.identityProvider.requests();
    expect(warm).toEqual({ discovery: 1, jwks: 1, token: 3, userinfo: 3 });
  });

  it('is found at the next sign-in and brought up to date; what others entered stays', async () => {
    await comesThroughGoogle(await beginsSignIn(world), 'Alan Turing');
    const [before] = await world.users();
    expect(before!.groups).toEqual([{ name: 'research', origin: `connection:${world.connection.id}` }]);
    await world.app.database.unit(({ users }) =>
      users.update({
        ...before!,
        attributes: [...before!.attributes, { uri: claims.nickname, value: 'Prof', origin: 'admin' }],
      }),
    );
    await world.happened();

    world.identityProvider.misbehave({ idToken: { family_name: 'Mathison' }, userinfo: { family_name: 'Mathison' } });
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person, 'Alan Turing');
    expect(person.isAt()).toBe('Signed in');
    const [after, ...others] = await world.users();
    expect(others).toEqual([]);
    expect(after).toMatchObject({ id: before!.id, subject: before!.subject, username: before!.username });
    expect(after!.attributes).toContainEqual(expect.objectContaining({ uri: claims.lastName, value: 'Mathison' }));
    expect(after!.attributes).toContainEqual({ uri: claims.nickname, value: 'Prof', origin: 'admin' });
    expect(await world.happened()).toEqual({ 'user.updated': 1, 'login.succeeded': 1 });
    expect((await world.lastEvent('user.updated')).details['changes']).toEqual([
      { what: claims.lastName, before: 'Turing', after: 'Mathison' },
    ]);

    await comesThroughGoogle(await beginsSignIn(world), 'Alan Turing');
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });

  it.each([
    ['not marked', '{}', 'Betty'],
    ['marked as the attribute step', "{ markAsSubjectAttributeStep: 'true' }", 'Grace'],
    ['marked by a boolean', '{ markAsSubjectAttributeStep: true }', 'Grace'],
    ['marked with false', "{ markAsSubjectAttributeStep: 'false' }", 'Betty'],
  ])('whose step is %s shows the application the attributes that it asks for', async (_what, options, name) => {
    await comesThroughGoogle(await beginsSignIn(world));
    const [account] = await world.users();
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, attributeSync: 'NONE' } }));
    await world.app.database.unit(({ users }) =>
      users.update({
        ...account!,
        attributes: account!.attributes.map((one) =>
          one.uri === claims.givenName ? { ...one, value: 'Betty', origin: 'admin' } : one,
        ),
      }),
    );
    await world.publish({
      steps: [passwordOrGoogle],
      script: `function onLoginRequest(context) { executeStep(1, { stepOptions: ${options} }, {}); }`,
    });
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    const { claims: told, userinfo } = await askApplication(world, person);
    expect(told).toMatchObject({ sub: account!.subject, given_name: name });
    expect(userinfo).toMatchObject({ sub: account!.subject, given_name: name });
    const kept = (await world.users())[0]!.attributes.find(({ uri }) => uri === claims.givenName);
    expect(kept).toMatchObject({ value: 'Betty', origin: 'admin' });
  });

  it('who may not have the wished user name is refused, and nobody’s account is touched', async () => {
    const other = await world.addUser(graceHopper.email);
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await comesThroughGoogle(person);
    expect(person.isAt()).toBe('You are not signed in');
    const refusal = await readRefusal(world, person);
    expect(refusal).toMatchObject({ code: 'PROVISIONING_FAILED', event: { code: 'USERNAME_TAKEN', loginId: id } });
    expect(refusal.text).not.toContain('taken');
    expect(await world.users()).toEqual([other]);
    expect(await world.happened()).toEqual({ 'provisioning.failed': 1, 'login.failed': 1 });
  });

  it('with the script off gets the account before the factor, and one account in all', async () => {
    await world.publish({ scriptEnabled: false });
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person, 'Alan Turing');
    expect(person.isAt()).toBe('Choose how to confirm it’s you');
    expect(await world.users()).toEqual([]);
    await person.chooses('totp');
    const [account] = await world.users();
    expect(account).toMatchObject({ username: alanTuring.email });
    // The address is verified, so the mailed code comes before a new factor.
    expect(person.isAt()).toBe('Check your email');
    await person.submits({ code: await mailedCode(world, alanTuring.email) });
    const app = await enrolsApp(world, person);
    expect(person.isAt()).toBe('Signed in');
    expect((await askApplication(world, person)).claims).toMatchObject({
      sub: account!.subject,
      amr: ['mail', 'otp'],
    });
    const created = { 'user.created': 1, 'association.created': 1 };
    expect(await world.happened()).toEqual({ ...created, 'factor.added': 1, 'login.succeeded': 1 });

    const again = await beginsSignIn(world);
    await comesThroughGoogle(again, 'Alan Turing');
    await again.chooses('totp');
    expect(again.isAt()).toBe('Enter the code from your app');
    await again.submits({ code: app.nextCode() });
    expect(again.isAt()).toBe('Signed in');
    expect((await world.users()).map(({ id }) => id)).toEqual([account!.id]);
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });
});

describe('With JIT provisioning off', () => {
  beforeEach(() => setJit(false));

  it('the attributes go to the application, and nothing of the person stays', async () => {
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await comesThroughGoogle(person, 'Alan Turing');
    expect(person.isAt()).toBe('Signed in');
    const first = await askApplication(world, person);
    const attributes = { email: alanTuring.email, email_verified: true, given_name: 'Alan', family_name: 'Turing' };
    expect(first.claims).toMatchObject({ ...attributes, groups: ['research'] });
    expect(first.userinfo).toMatchObject({ ...attributes, sub: first.claims['sub'] });
    expect(first.claims['sub']).not.toBe(alanTuring.sub);

    const second = await beginsSignIn(world);
    await comesThroughGoogle(second, 'Alan Turing');
    expect((await askApplication(world, second)).claims['sub']).toBe(first.claims['sub']);

    expect(await world.users()).toEqual([]);
    expect(await world.happened()).toEqual({ 'login.succeeded': 2 });
    const { logins, users } = world.app.database.read;
    expect(await users.findAssociation(world.connection.id, alanTuring.sub)).toBeNull();
    const journal = await createJournals({ box: world.box }).read(logins, id);
    expect(journal.map(({ op }) => op)).toEqual(['start', 'step']);
    expect(JSON.stringify(journal)).not.toMatch(/turing|alan|google-1912/i);
    const login = await logins.findById(id);
    expect(login).toMatchObject({ status: 'succeeded', userId: null, waitingSealed: null });
    expect(openEnding(world.box, id, login!.resultSealed!)).toMatchObject({ kind: 'delivered' });
    expect(await findInDatabase('turing')).toEqual([]);

    // The sealed claims live as long as the tokens can, and no day longer.
    world.clock.skip(13 * day);
    await world.sweep();
    expect(await countSignIns()).toBe(2);
    world.clock.skip(day + minute);
    await world.sweep();
    expect(await countSignIns()).toBe(0);
  });

  it('a sign-in that is left half way keeps the attributes until it expires, and no longer', async () => {
    await world.publish({
      script: `function onLoginRequest(context) {
        executeStep(1, { onSuccess: function () { prompt('genericForm', { inputs: [{ id: 'a', label: 'A' }] }, {}); } });
      }`,
    });
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await comesThroughGoogle(person, 'Alan Turing');
    const { url } = person.page();
    const { logins } = world.app.database.read;
    const journal = async () => JSON.stringify(await createJournals({ box: world.box }).read(logins, id));

    world.clock.skip(9 * minute);
    await world.sweep();
    expect(await journal()).toContain(alanTuring.email);
    world.clock.skip(2 * minute);
    await world.sweep();
    expect(await journal()).toBe('[]');
    expect(await logins.findById(id)).toBeNull();

    await person.opens(url);
    expect(person.page().status).toBe(404);
    expect(await world.happened()).toEqual({ 'login.request-refused': 1 });
  });

  it('an account that is made later keeps the person’s sub', async () => {
    const before = await beginsSignIn(world);
    await comesThroughGoogle(before);
    const { sub } = (await askApplication(world, before)).claims;
    await setJit(true);
    const after = await beginsSignIn(world);
    await comesThroughGoogle(after);
    expect((await askApplication(world, after)).claims['sub']).toBe(sub);
    expect((await world.users()).map(({ subject }) => subject)).toEqual([sub]);
    expect(await world.happened()).toEqual({ 'login.succeeded': 2, 'user.created': 1, 'association.created': 1 });
  });

  it('an account that there is already is the person’s, untouched; disabled, it refuses', async () => {
    await setJit(true);
    await comesThroughGoogle(await beginsSignIn(world));
    await setJit(false);
    const [account] = await world.users();
    await world.happened();

    world.identityProvider.misbehave({ idToken: { family_name: 'Murray' }, userinfo: { family_name: 'Murray' } });
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    expect((await askApplication(world, person)).claims).toMatchObject({
      sub: account!.subject,
      family_name: 'Hopper',
    });
    expect(await world.users()).toEqual([account]);
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });

    await world.app.database.unit(({ users }) => users.update({ ...account!, disabled: true }));
    const refused = await beginsSignIn(world);
    await comesThroughGoogle(refused);
    expect(refused.page().alerts.join()).toContain('This account is disabled.');
    expect((await askApplication(world, refused)).signedIn).toBe(false);
  });

  it('a factor that belongs to an account fails the sign-in with the sentence, wherever one looks', async () => {
    await world.publish({ scriptEnabled: false });
    const sentence =
      'Sign-in needs an account here: connection «Google» signs people in without one (JIT provisioning is off), and «TOTP» belongs to an account.';
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await comesThroughGoogle(person, 'Alan Turing');

    expect(person.isAt()).toBe('You are not signed in');
    const refusal = await readRefusal(world, person);
    expect(refusal.text).toContain(sentence);
    expect(refusal).toMatchObject({ status: 403, code: 'ACCOUNT_REQUIRED' });
    expect(refusal.event).toMatchObject({ type: 'login.failed', loginId: id, code: 'ACCOUNT_REQUIRED' });
    expect(refusal.event!.details['sentence']).toBe(sentence);
    expect(world.log).toContainEqual(expect.objectContaining({ msg: sentence, code: 'ACCOUNT_REQUIRED', loginId: id }));
    expect(await world.app.database.read.logins.findByReference(refusal.reference!)).toMatchObject({ id });

    await person.follows('Back to Payroll');
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'access_denied' });
    expect(await world.users()).toEqual([]);
    expect(world.mails.mails()).toEqual([]);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    const journal = await createJournals({ box: world.box }).read(world.app.database.read.logins, id);
    expect(JSON.stringify(journal)).not.toMatch(/turing|alan|google-1912/i);
  });

  it('the script’s onFail can handle it', async () => {
    await world.publish({
      script: `function onLoginRequest(context) {
        executeStep(1);
        executeStep(2, { onFail: function (context) { executeStep(1, { onSuccess: function () { Log.info('again'); } }); } });
      }`,
    });
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person, 'Alan Turing');
    expect(person.isAt()).toBe('Sign in');
    await comesThroughGoogle(person, 'Alan Turing');
    expect(person.isAt()).toBe('Signed in');
    expect(await world.users()).toEqual([]);
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });
});

/** Sign-ins whose tokens still live. */
async function countSignIns(): Promise<number> {
  const database = new Database(join(world.directory, 'stepgate.db'), { readonly: true });
  try {
    const row = database.prepare("SELECT count(*) AS signIns FROM artifacts WHERE model = 'SignIn'").get();
    return (row as { signIns: number }).signIns;
  } finally {
    database.close();
  }
}

/** Which files of the database hold this text in the clear, in any case. */
async function findInDatabase(text: string): Promise<string[]> {
  return ['stepgate.db', 'stepgate.db-wal'].filter((file) =>
    readFileSync(join(world.directory, file)).toString('latin1').toLowerCase().includes(text),
  );
}
