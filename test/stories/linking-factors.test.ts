import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import { minute } from '../../src/kernel/clock.ts';
import { addApp, arrives, expectUntouched, findLinkedAccount, setLinking } from './linking-moves.ts';
import { mailedCode, readRefusal } from './moves.ts';
import { password, startWorld, type World } from './world.ts';

/* An account that is protected by a second factor is linked only to somebody who shows that factor, too. */

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world?.close();
});

const grace = (more: object = {}) => world.addUser('grace', { email: graceHopper.email, ...more });

describe('An account with an authenticator app, to be confirmed with its password', () => {
  beforeEach(() => setLinking(world, { proof: 'CONFIRM_WITH_PASSWORD' }));

  it('is linked after the password and a code of the app', async () => {
    const account = await grace();
    const app = await addApp(world, account);
    const person = await arrives(world);
    await person.submits({ password });
    expect(person.isAt()).toBe('Is this your account?');
    expect(person.page().text).toContain('also protected by a second factor');
    await expectUntouched(world, account);

    await person.submits({ code: app.nextCode() });
    expect(person.isAt()).toBe('Signed in');
    expect(await findLinkedAccount(world)).toBe(account.id);
    expect(world.mails.mails()).toEqual([]);
    expect(await world.lastEvent('association.created')).toMatchObject({
      target: account.id,
      details: { proof: 'CONFIRM_WITH_PASSWORD', shown: ['password', 'totp'] },
    });
    expect((await arrives(world)).isAt()).toBe('Signed in');
  });

  it('lets nobody guess codes: after five wrong ones the sign-in is refused, and after ten the next has to wait', async () => {
    const account = await grace();
    const app = await addApp(world, account);
    const person = await arrives(world);
    await person.submits({ password });
    for (let n = 0; n < 4; n++) {
      await person.submits({ code: '000000' });
      expect(person.page()).toMatchObject({ status: 422, alerts: [expect.stringContaining('That code is not right')] });
    }
    await person.submits({ code: '000000' });
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'LINK_REFUSED',
      event: { code: 'LINK_REFUSED', details: { detail: expect.stringContaining('not proven in 5 attempts') } },
    });
    await expectUntouched(world, account);
    expect(await world.users()).toHaveLength(1);
    expect(await world.happened()).toEqual({ 'provisioning.refused': 1, 'login.failed': 1 });

    const again = await arrives(world);
    await again.submits({ password });
    for (let n = 0; n < 5; n++) await again.submits({ code: '000000' });
    const third = await arrives(world);
    await third.submits({ password });
    await third.submits({ code: '000000' });
    await third.submits({ code: app.nextCode() });
    expect(third.page().alerts.join()).toContain('too many wrong answers');
    await expectUntouched(world, account);
  });

  it('the password again is no second proof, nor is an empty code', async () => {
    const account = await grace();
    await addApp(world, account);
    const person = await arrives(world);
    const asked = person.page();
    await person.submits({ password });
    await person.submits({ code: ' ' });
    person.returnsTo(asked);
    await person.submits({ password });
    expect(person.isAt()).toBe('Is this your account?');
    await expectUntouched(world, account);
  });

  it('a code counts once: the one that linked it opens no other sign-in', async () => {
    const account = await grace();
    const app = await addApp(world, account);
    const code = app.nextCode();
    const person = await arrives(world);
    await person.submits({ password });
    await person.submits({ code });
    expect(person.isAt()).toBe('Signed in');
    await world.app.database.unit(({ users }) => users.deleteAssociation(world.connection.id, graceHopper.sub));
    const other = await arrives(world);
    await other.submits({ password });
    await other.submits({ code });
    expect(other.page().alerts.join()).toMatch(/code/);
    expect(await findLinkedAccount(world)).toBeNull();
  });

  it('a browser that goes away leaves nothing, and the next one begins with the password again', async () => {
    const account = await grace();
    const app = await addApp(world, account);
    const gone = await arrives(world);
    await gone.submits({ password });
    await expectUntouched(world, account);

    const person = await arrives(world);
    await person.submits({ password: 'not it' });
    expect(person.page()).toMatchObject({ status: 422, alerts: [expect.stringContaining('password')] });
    await expectUntouched(world, account);
    world.clock.skip(11 * minute);
    await gone.submits({ code: app.nextCode() });
    expect(gone.isAt()).not.toBe('Signed in');
    await expectUntouched(world, account);
    expect(await world.users()).toHaveLength(1);
  });

  it('an app that was added between the password and the end is asked for, too', async () => {
    const account = await grace({ verified: [] });
    await setLinking(world, { proof: 'CONFIRM_WITH_PASSWORD' });
    const person = await arrives(world);
    const app = await addApp(world, account);
    await person.submits({ password });
    await expectUntouched(world, account);
    await person.submits({ code: app.nextCode() });
    expect(person.isAt()).toBe('Signed in');
    expect(await findLinkedAccount(world)).toBe(account.id);
  });

  it('whoever says only then that it is not theirs gets one of their own', async () => {
    const account = await grace({ verified: [] });
    await addApp(world, account);
    const person = await arrives(world);
    await person.submits({ password });
    await person.chooses('This is not my account');
    expect(person.isAt()).toBe('Signed in');
    await expectUntouched(world, account);
    expect(await world.users()).toHaveLength(2);
  });

  it('a locked account stays locked after both proofs', async () => {
    const account = await grace();
    const app = await addApp(world, account);
    const person = await arrives(world);
    await person.submits({ password });
    const locked = { ...account, locked: true };
    await world.app.database.unit(({ users }) => users.update(locked));
    await person.submits({ code: app.nextCode() });
    expect(await readRefusal(world, person)).toMatchObject({ code: 'ACCOUNT_LOCKED' });
    expect(await findLinkedAccount(world)).toBeNull();
  });
});

describe('An account with a verified mail address and no app, to be confirmed with its password', () => {
  beforeEach(() => setLinking(world, { proof: 'CONFIRM_WITH_PASSWORD' }));

  it('is linked after the password and a code by mail', async () => {
    const account = await grace();
    const person = await arrives(world);
    expect(world.mails.mails()).toEqual([]);
    await person.submits({ password });
    await expectUntouched(world, account);
    await person.submits({ code: await mailedCode(world, graceHopper.email) });
    expect(person.isAt()).toBe('Signed in');
    expect(await findLinkedAccount(world)).toBe(account.id);
    expect(await world.lastEvent('association.created')).toMatchObject({
      details: { shown: ['password', 'email-code'] },
    });
  });

  it('is not linked by a wrong code', async () => {
    const account = await grace();
    const person = await arrives(world);
    await person.submits({ password });
    for (let n = 0; n < 5; n++) await person.submits({ code: '00000000' });
    expect((await readRefusal(world, person)).event).toMatchObject({ type: 'login.failed' });
    await expectUntouched(world, account);
  });
});

describe('An account with an authenticator app, to be confirmed with a code by mail', () => {
  beforeEach(() => setLinking(world, { proof: 'CONFIRM_WITH_EMAIL_CODE' }));

  it('is linked after both codes', async () => {
    const account = await grace();
    const app = await addApp(world, account);
    const person = await arrives(world);
    await person.submits({ code: await mailedCode(world, graceHopper.email) });
    await expectUntouched(world, account);
    await person.submits({ code: app.nextCode() });
    expect(person.isAt()).toBe('Signed in');
    expect(await findLinkedAccount(world)).toBe(account.id);
  });
});
