import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../src/directory/throttling.ts';
import type { User } from '../../src/directory/user.ts';
import { hour, minute } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/ids.ts';
import { monday, verifiedAddress } from '../authenticators/fixture.ts';
import { aConnection } from '../provisioning/people.ts';
import { openRecovery } from './fixture.ts';

const invalid = expect.objectContaining({ code: 'RESET_INVALID' });

/** Ann with a link in her mailbox. */
async function openMailed() {
  const opened = await openRecovery();
  await opened.request();
  const [token = 'none'] = await opened.tokens();
  return { ...opened, token };
}

describe('asking for a link', () => {
  test.each(['ann', ' ANN ', 'ann@example.com'])('as %j sends it to the verified address', async (identifier) => {
    const { request, readOutbox, tokens, recovery, countEvents } = await openRecovery();
    await request(identifier);
    expect(await readOutbox()).toMatchObject([{ to: 'ann@example.com', expiresAt: monday + 30 * minute }]);
    const [token = ''] = await tokens();
    expect(token).toMatch(/^user_[\w-]{22}\.[\w-]{43}$/);
    expect(await recovery.check(token)).toEqual({ username: 'ann' });
    expect(await countEvents()).toMatchObject({ 'password.reset-requested': 1 });
  });

  test.each<[string, Partial<User>]>([
    ['nobody has the name', { username: 'bob' }],
    ['the account has no address', { attributes: [], verified: [] }],
    ['nobody verified the address', { verified: [] }],
    ['the account is disabled', { disabled: true }],
    ['the account is locked', { locked: true }],
  ])('comes to the same, without a mail, where %s', async (_case, change) => {
    const { request, readOutbox, countEvents } = await openRecovery({ password: 'correct horse', ...change });
    await expect(request()).resolves.toBeUndefined();
    expect(await readOutbox()).toEqual([]);
    expect(await countEvents()).toMatchObject({ 'password.reset-requested': 1 });
  });

  test('gives no password to somebody who signs in through a connection alone', async () => {
    const { request, readOutbox, database, user, clock } = await openRecovery({});
    const connectionId = newId('conn');
    await database.unit(async ({ connections, users }) => {
      await connections.insert(aConnection({ id: connectionId }));
      await users.insertAssociation({ connectionId, subject: 'g-1', userId: user.id, createdAt: clock.now() });
    });
    await request();
    expect(await readOutbox()).toEqual([]);
  });

  test('gives a first password to an account that an admin made without one', async () => {
    const { request, tokens, recovery, passwordIs } = await openRecovery({});
    await request();
    await recovery.reset((await tokens())[0] ?? '', 'battery staple');
    expect(await passwordIs('battery staple')).toBe(true);
  });

  test.each(['ann', 'nobody'])(
    'again and again as %s has to wait, whether there is such an account or not',
    async (name) => {
      const { request, clock, readOutbox } = await openRecovery();
      for (let mail = 0; mail < 4; mail++) await request(name);
      const late = (wait: string) => expect.objectContaining({ code: 'TRY_LATER', params: { wait } });
      await expect(request(name)).rejects.toEqual(late('60'));
      clock.turn(minute);
      await request(name);
      await expect(request(name)).rejects.toEqual(late('120'));
      expect(await readOutbox()).toHaveLength(name === 'ann' ? 5 : 0);
    },
  );

  test('for many names from one network has to wait, too', async () => {
    const { request } = await openRecovery();
    for (let name = 0; name < 21; name++) await request(`name${name}`, '198.51.100.9');
    await expect(request('ann', '198.51.100.9')).rejects.toMatchObject({ code: 'TRY_LATER' });
    await request('ann');
  });

  test('needs a name', async () => {
    const { request } = await openRecovery();
    await expect(request('  ')).rejects.toMatchObject({ code: 'USERNAME_MISSING' });
  });

  test('keeps the token as a keyed hash only', async () => {
    const { token, database, box } = await openMailed();
    expect(await database.read.users.findResetToken(token)).toBeNull();
    expect(await database.read.users.findResetToken(box.mac('reset-token', token))).toBeNull();
    const events = JSON.stringify(await database.read.audit.list({ after: null, limit: 10 }));
    expect(events).not.toContain(token.split('.')[1]);
  });
});

describe('a link', () => {
  test('changes the password, ends what is open and is used up', async () => {
    const { token, recovery, passwordIs, endings, ended, user, countEvents } = await openMailed();
    await recovery.reset(token, 'battery staple');
    expect(await passwordIs('battery staple')).toBe(true);
    expect(await passwordIs('correct horse')).toBe(false);
    expect(await endings()).toBe(1);
    expect(ended).toEqual([user.id]);
    expect(await countEvents()).toMatchObject({ 'password.reset': 1 });
    await expect(recovery.check(token)).rejects.toEqual(invalid);
    await expect(recovery.reset(token, 'another staple')).rejects.toEqual(invalid);
  });

  test('used a hundred times at once has one winner', async () => {
    const { token, recovery, passwordIs, endings, passwords } = await openMailed();
    const ends = await Promise.allSettled(
      Array.from({ length: 100 }, (_, number) => recovery.reset(token, `battery staple ${number}`)),
    );
    const winners = ends.flatMap((end, number) => (end.status === 'fulfilled' ? [number] : []));
    expect(winners).toHaveLength(1);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toEqual(invalid);
    expect(await passwordIs(`battery staple ${winners[0]}`)).toBe(true);
    expect(await endings()).toBe(1);
    expect(passwords.load()).toMatchObject({ running: 0, waiting: 0 });
  });

  test('works for half an hour', async () => {
    const { token, recovery, clock } = await openMailed();
    clock.turn(30 * minute - 1);
    await recovery.check(token);
    clock.turn(1);
    await expect(recovery.check(token)).rejects.toEqual(invalid);
    await expect(recovery.reset(token, 'battery staple')).rejects.toEqual(invalid);
  });

  test('ends with a newer one', async () => {
    const { token, recovery, request, tokens, clock } = await openMailed();
    clock.turn(minute);
    await request();
    const [, newer = 'none'] = await tokens();
    await expect(recovery.check(token)).rejects.toEqual(invalid);
    await recovery.reset(newer, 'battery staple');
    await expect(recovery.reset(token, 'another staple')).rejects.toEqual(invalid);
  });

  test.each<[string, (opened: Awaited<ReturnType<typeof openMailed>>) => Promise<unknown>]>([
    ['another address', ({ changeUser, user }) => changeUser(user, verifiedAddress('new@example.com'))],
    ['an address that is no longer proven', ({ changeUser, user }) => changeUser(user, { verified: [] })],
    ['a disabled account', ({ changeUser, user }) => changeUser(user, { disabled: true })],
    ['a locked account', ({ changeUser, user }) => changeUser(user, { locked: true })],
    ['a deleted account', ({ database, user }) => database.unit(({ users }) => users.delete(user.id))],
    [
      'a password that was changed meanwhile',
      async ({ database, user, passwords }) => {
        const hash = await passwords.hash('a third horse');
        await database.unit(({ users }) => users.setPasswordHash(user.id, hash));
      },
    ],
  ])('is worth nothing with %s', async (_case, change) => {
    const opened = await openMailed();
    await change(opened);
    await expect(opened.recovery.reset(opened.token, 'battery staple')).rejects.toEqual(invalid);
    expect(await opened.endings()).toBe(0);
    expect(await opened.passwordIs('battery staple')).toBe(false);
  });

  test('cannot be guessed or bent to another account, and hashing is not done for it', async () => {
    const { token, recovery, addUser, passwords } = await openMailed();
    const bob = await addUser({ username: 'bob', password: 'correct horse', ...verifiedAddress('bob@example.com') });
    const [id = '', secret = ''] = token.split('.');
    const before = passwords.load().finished;
    for (const bad of ['', '.', id, `${id}.`, `.${secret}`, `${bob.id}.${secret}`, `${token}x`, token.toLowerCase()]) {
      await expect(recovery.reset(bad, 'battery staple')).rejects.toEqual(invalid);
    }
    expect(passwords.load().finished).toBe(before);
  });

  test('stays good when the new password is refused', async () => {
    const { token, recovery, passwordIs } = await openMailed();
    await expect(recovery.reset(token, 'short')).rejects.toMatchObject({
      code: 'PASSWORD_TOO_SHORT',
      params: { minimum: '8' },
    });
    for (const easy of ['Password1', 'Ann@Example.com']) {
      await expect(recovery.reset(token, easy)).rejects.toMatchObject({ code: 'PASSWORD_COMMON' });
    }
    expect(await passwordIs('correct horse')).toBe(true);
    await recovery.reset(token, 'battery staple');
  });

  test('forgives wrong passwords: the owner can sign in at once', async () => {
    const { token, recovery, database, throttling, clock } = await openMailed();
    const attempts = ['ann', 'ann@example.com'].map(
      (subject): Attempt => ({ kind: 'password', subject, ip: '198.51.100.9' }),
    );
    for (const attempt of attempts) {
      for (let guess = 0; guess < 30; guess++) {
        await database.unit(({ throttle }) => throttling.count(throttle, attempt, clock.now()));
      }
    }
    await recovery.reset(token, 'battery staple');
    for (const attempt of attempts) {
      expect(await throttling.findWait(database.read.throttle, attempt, clock.now())).toBe(0);
    }
  });

  test('leaves the waits for second factors as they are', async () => {
    const { token, recovery, database, throttling, clock, user } = await openMailed();
    const attempt: Attempt = { kind: 'totp', subject: user.id, ip: '198.51.100.9' };
    for (let guess = 0; guess < 30; guess++) {
      await database.unit(({ throttle }) => throttling.count(throttle, attempt, clock.now()));
    }
    await recovery.reset(token, 'battery staple');
    expect(await throttling.findWait(database.read.throttle, attempt, clock.now())).toBe(hour);
  });
});
