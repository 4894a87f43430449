import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alanTuring, graceHopper } from '../../src/cli/demo/people.ts';
import { claims } from '../../src/directory/claims.ts';
import type { User } from '../../src/directory/user.ts';
import { arrives, expectUntouched, findLinkedAccount, setLinking } from './linking-moves.ts';
import { askApplication, mailedCode, readRefusal } from './moves.ts';
import { password, startWorld, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world?.close();
});

describe('VERIFIED_ATTRIBUTE', () => {
  beforeEach(() => setLinking(world, { proof: 'VERIFIED_ATTRIBUTE' }));

  it('links an account whose address both sides have verified, and brings it up to date', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    const person = await arrives(world);
    expect(person.isAt()).toBe('Signed in');
    expect(await findLinkedAccount(world)).toBe(grace.id);
    expect(await world.users()).toHaveLength(1);
    expect((await world.users())[0]).toMatchObject({ id: grace.id, username: 'grace', verified: [claims.email] });
    expect((await askApplication(world, person)).claims).toMatchObject({ sub: grace.subject, given_name: 'Grace' });
    expect(await world.happened()).toEqual({ 'association.created': 1, 'user.updated': 1, 'login.succeeded': 1 });
    expect(await world.lastEvent('association.created')).toMatchObject({
      target: grace.id,
      details: {
        connection: 'Google',
        by: 'rule',
        rule: { federatedAttribute: 'email', localAttribute: claims.email },
        proof: 'VERIFIED_ATTRIBUTE',
        before: null,
        after: { connectionId: world.connection.id, subject: graceHopper.sub, userId: grace.id },
      },
    });

    await arrives(world);
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });

  it('finds the address in whatever case it is written', async () => {
    const grace = await world.addUser('grace', { email: 'Grace.Hopper@Example.com' });
    expect((await arrives(world)).isAt()).toBe('Signed in');
    expect(await findLinkedAccount(world)).toBe(grace.id);
  });

  it('refuses where the account’s own address was never verified, and says what is missing', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email, verified: [] });
    const person = await arrives(world);
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'LINK_REFUSED',
      event: { details: { detail: expect.stringContaining('own value is not verified') } },
    });
    await expectUntouched(world, grace);
    expect(await world.happened()).toEqual({ 'provisioning.refused': 1, 'login.failed': 1 });
  });

  it('refuses where the provider does not say that it is verified', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    world.identityProvider.misbehave({ idToken: { email_verified: false }, userinfo: { email_verified: false } });
    expect(await readRefusal(world, await arrives(world))).toMatchObject({ code: 'LINK_REFUSED' });
    await expectUntouched(world, grace);
  });

  it('refuses where the connection is not trusted to know', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await world.changeConnection((one) => ({ ...one, trustsVerifiedEmail: false }));
    expect(await readRefusal(world, await arrives(world))).toMatchObject({ code: 'LINK_REFUSED' });
    await expectUntouched(world, grace);
  });

  it('the refusal is a failure that the script can answer, with its reason', async () => {
    await world.addUser('grace', { email: graceHopper.email, verified: [] });
    await world.publish({
      script: `function onLoginRequest(context) {
        executeStep(1);
        executeStep(2, { onFail: function (context) {
          fail({ errorCode: context.steps[1].provisioning.result + '.' + context.steps[1].provisioning.problem.code });
        } });
      }`,
    });
    const person = await arrives(world);
    await person.chooses('totp');
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'refused.LINK_REFUSED' });
  });

  it.each([{ locked: true }, { disabled: true }])('an account that is %j stays so', async (state) => {
    const grace = await world.addUser('grace', { email: graceHopper.email, ...state });
    const person = await arrives(world);
    expect((await askApplication(world, person)).signedIn).toBe(false);
    await expectUntouched(world, grace);
  });

  it('a second person of the connection does not get the account of the first', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await arrives(world);
    world.identityProvider.misbehave({
      idToken: { email: graceHopper.email },
      userinfo: { email: graceHopper.email },
    });
    const person = await arrives(world, 'Alan Turing');
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'LINK_REFUSED',
      event: { details: { detail: expect.stringContaining('another person of this connection') } },
    });
    expect(await world.app.database.read.users.listAssociations(grace.id)).toHaveLength(1);
    expect(await findLinkedAccount(world, alanTuring.sub)).toBeNull();
  });
});

describe('CONFIRM_WITH_PASSWORD', () => {
  beforeEach(() => setLinking(world, { proof: 'CONFIRM_WITH_PASSWORD' }));

  it('asks for the account’s password, shows nothing of it, and links', async () => {
    const grace = await world.addUser('grace-the-local', { email: graceHopper.email, verified: [] });
    const person = await arrives(world);
    expect(person.isAt()).toBe('Is this your account?');
    expect(person.page().text).toContain(graceHopper.email);
    expect(person.page().text).not.toContain('grace-the-local');
    await expectUntouched(world, grace);

    await person.submits({ password: 'not it' });
    expect(person.page()).toMatchObject({ status: 422 });
    await expectUntouched(world, grace);
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    expect(await findLinkedAccount(world)).toBe(grace.id);
    expect(await world.users()).toHaveLength(1);
    expect(await world.happened()).toEqual({ 'association.created': 1, 'user.updated': 1, 'login.succeeded': 1 });
    expect((await arrives(world)).isAt()).toBe('Signed in');
  });

  it('lets nobody guess: after five wrong ones the sign-in is refused', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    const person = await arrives(world);
    for (let n = 0; n < 5; n++) await person.submits({ password: `guess ${n}` });
    expect(await readRefusal(world, person)).toMatchObject({ code: 'LINK_REFUSED' });
    await expectUntouched(world, grace);
  });

  it('whoever says that it is not theirs gets one of their own', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email, verified: [] });
    const person = await arrives(world);
    await person.chooses('This is not my account');
    expect(person.isAt()).toBe('Signed in');
    expect(await findLinkedAccount(world)).not.toBe(grace.id);
    await expectUntouched(world, grace);
    expect(await world.users()).toHaveLength(2);
  });

  it('and is asked then what new people are asked', async () => {
    await setLinking(world, { proof: 'CONFIRM_WITH_PASSWORD' }, { scheme: 'PROMPT_CONSENT' });
    await world.addUser('grace', { email: graceHopper.email, verified: [] });
    const person = await arrives(world);
    await person.chooses('This is not my account');
    expect(person.isAt()).toBe('Create your account');
    await person.chooses('create');
    expect(person.isAt()).toBe('Signed in');
    expect(await world.users()).toHaveLength(2);
  });

  it('an account without a password cannot be confirmed', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await world.app.database.unit(({ users }) => users.setPasswordHash(grace.id, null));
    expect(await readRefusal(world, await arrives(world))).toMatchObject({
      code: 'LINK_REFUSED',
      event: { details: { detail: expect.stringContaining('has no password') } },
    });
  });

  it('a locked account stays locked, and that is told only to whoever has its password', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email, locked: true });
    const person = await arrives(world);
    expect(person.isAt()).toBe('Is this your account?');
    await person.submits({ password: 'not it' });
    expect(person.page().text).not.toContain('locked');
    await person.submits({ password });
    expect(await readRefusal(world, person)).toMatchObject({ code: 'ACCOUNT_LOCKED' });
    await expectUntouched(world, grace);
  });

  it('an account that was linked to somebody else meanwhile is not linked again', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    const person = await arrives(world);
    await world.app.database.unit(({ users }) =>
      users.insertAssociation({
        connectionId: world.connection.id,
        subject: 'another',
        userId: grace.id,
        createdAt: 1,
      }),
    );
    await person.submits({ password });
    expect(await readRefusal(world, person)).toMatchObject({ code: 'LINK_REFUSED' });
    expect(await findLinkedAccount(world)).toBeNull();
  });
});

describe('CONFIRM_WITH_EMAIL_CODE', () => {
  beforeEach(() => setLinking(world, { proof: 'CONFIRM_WITH_EMAIL_CODE' }));

  it('sends a code to the account’s own verified address, and links', async () => {
    const rules = [{ federatedAttribute: 'family_name', localAttribute: claims.lastName }];
    await setLinking(world, { proof: 'CONFIRM_WITH_EMAIL_CODE', rules });
    const grace = await world.addUser('grace', {
      attributes: [
        { uri: claims.email, value: 'grace@home.example', origin: 'admin' },
        { uri: claims.lastName, value: 'Hopper', origin: 'admin' },
      ],
      verified: [claims.email],
    });
    const person = await arrives(world);
    expect(person.isAt()).toBe('Is this your account?');
    expect(person.page().text).not.toContain('grace@home.example');
    await person.submits({ code: '00000000' });
    expect(person.page()).toMatchObject({ status: 422 });
    await expectUntouched(world, grace);
    await person.submits({ code: await mailedCode(world, 'grace@home.example') });
    expect(person.isAt()).toBe('Signed in');
    expect(await findLinkedAccount(world)).toBe(grace.id);
    expect(world.mails.mails().flatMap(({ to }) => to)).toEqual(['grace@home.example']);
  });

  it('a new code replaces the first', async () => {
    await world.addUser('grace', { email: graceHopper.email });
    const person = await arrives(world);
    const first = await mailedCode(world, graceHopper.email);
    await person.chooses('resend');
    const second = await mailedCode(world, graceHopper.email, 1);
    await person.submits({ code: first });
    expect(person.page().alerts.join()).toContain('That code is not right.');
    await person.submits({ code: second });
    expect(person.isAt()).toBe('Signed in');
  });

  it('an account without a verified address is sent nothing, and is not linked', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email, verified: [] });
    expect(await readRefusal(world, await arrives(world))).toMatchObject({ code: 'LINK_REFUSED' });
    expect(world.mails.mails()).toEqual([]);
    await expectUntouched(world, grace);
  });
});

describe('TRUST_CONNECTION', () => {
  const rules = [{ federatedAttribute: 'family_name', localAttribute: claims.lastName }];
  const named = (origin: User['attributes'][number]['origin']) => ({
    attributes: [{ uri: claims.lastName, value: 'Hopper', origin }],
  });

  it('links without asking what an admin entered', async () => {
    await setLinking(world, { proof: 'TRUST_CONNECTION', rules });
    const grace = await world.addUser('grace', named('admin'));
    expect((await arrives(world)).isAt()).toBe('Signed in');
    expect(await findLinkedAccount(world)).toBe(grace.id);
  });

  it.each(['person', 'script', 'connection:conn_other'] as const)(
    'does not link what the account says of itself (%s)',
    async (origin) => {
      await setLinking(world, { proof: 'TRUST_CONNECTION', rules });
      const eve = await world.addUser('eve', named(origin as 'person'));
      expect((await arrives(world)).isAt()).toBe('Signed in');
      expect(await findLinkedAccount(world)).not.toBe(eve.id);
      await expectUntouched(world, eve);
    },
  );

  it('a locked account stays locked', async () => {
    await setLinking(world, { proof: 'TRUST_CONNECTION', rules });
    const grace = await world.addUser('grace', { ...named('admin'), locked: true });
    expect(await readRefusal(world, await arrives(world))).toMatchObject({ code: 'ACCOUNT_LOCKED' });
    await expectUntouched(world, grace);
  });
});

describe('Rules', () => {
  const byName = { federatedAttribute: 'family_name', localAttribute: 'lastname' };
  const byUsername = { federatedAttribute: 'given_name', localAttribute: 'username' };
  const hoppers = (username: string) =>
    world.addUser(username, { attributes: [{ uri: claims.lastName, value: 'Hopper', origin: 'admin' }] });

  it('the first that one account fits wins', async () => {
    await setLinking(world, { proof: 'TRUST_CONNECTION', rules: [byName, byUsername] });
    const hopper = await hoppers('h');
    await world.addUser('grace');
    await arrives(world);
    expect(await findLinkedAccount(world)).toBe(hopper.id);
  });

  it('two accounts fit no rule: the fallback decides', async () => {
    await setLinking(world, { proof: 'TRUST_CONNECTION', rules: [byName, byUsername] });
    await hoppers('h1');
    await hoppers('h2');
    const grace = await world.addUser('GRACE');
    await arrives(world);
    expect(await findLinkedAccount(world)).toBe(grace.id);
  });

  it('none fits: an account is made', async () => {
    await setLinking(world, { proof: 'TRUST_CONNECTION', rules: [byName, byUsername] });
    await hoppers('h1');
    await hoppers('h2');
    await arrives(world);
    expect(await world.users()).toHaveLength(3);
    expect(await world.happened()).toMatchObject({ 'user.created': 1, 'association.created': 1 });
  });

  it('linking off: what would fit is left alone', async () => {
    await setLinking(world, { enabled: false, proof: 'TRUST_CONNECTION', rules: [byName] });
    const hopper = await hoppers('h');
    await arrives(world);
    await expectUntouched(world, hopper);
    expect(await world.users()).toHaveLength(2);
  });
});

describe('skipJitOnNoMatch', () => {
  beforeEach(() => setLinking(world, { proof: 'VERIFIED_ATTRIBUTE', skipJitOnNoMatch: true }));

  it('nobody fits: the sign-in goes on without an account, and nothing of the person stays', async () => {
    const person = await arrives(world, 'Alan Turing');
    expect(person.isAt()).toBe('Signed in');
    expect(await world.users()).toEqual([]);
    expect((await askApplication(world, person)).claims).toMatchObject({
      email: alanTuring.email,
      groups: ['research'],
    });
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
    const [login] = await world.app.database.read.logins.list({ after: null, limit: 1 });
    const journal = await world.app.database.read.logins.listEntries(login!.id);
    expect(journal.map(({ op }) => op)).toEqual(['start', 'step', 'provisioning']);
  });

  it('somebody fits: they are linked', async () => {
    const grace = await world.addUser('grace', { email: graceHopper.email });
    await arrives(world);
    expect(await findLinkedAccount(world)).toBe(grace.id);
  });

  it('a factor that needs an account is the step’s failure', async () => {
    await world.publish({ scriptEnabled: false });
    const person = await arrives(world);
    await person.chooses('totp');
    expect(person.page().text).toContain('you have none, this sign-in makes none, and «TOTP» belongs to an account');
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'ACCOUNT_NOT_MADE',
      event: { details: { detail: expect.stringContaining('No linking rule fits') } },
    });
    expect(await world.users()).toEqual([]);
  });

  it('whoever says that the account is not theirs goes on without one', async () => {
    await setLinking(world, { proof: 'CONFIRM_WITH_PASSWORD', skipJitOnNoMatch: true });
    const grace = await world.addUser('grace', { email: graceHopper.email });
    const person = await arrives(world);
    await person.chooses('This is not my account');
    expect(person.isAt()).toBe('Signed in');
    await expectUntouched(world, grace);
    expect(await world.users()).toHaveLength(1);
  });
});
