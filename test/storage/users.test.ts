import { describe, expect, test } from 'vitest';
import type { User } from '../../src/directory/user.ts';
import { newId } from '../../src/kernel/ids.ts';
import { dialects, useDatabase } from './dialects.ts';
import { aConnection, aFactor, aUser, mailUri, now } from './samples.ts';

describe.each(dialects)('users on $name', (dialect) => {
  const storage = useDatabase(dialect);
  const all = () => storage.db.read.users.list({ after: null, limit: 100 });
  const insert = (...users: User[]) =>
    storage.db.unit(async (stores) => {
      for (const user of users) await stores.users.insert(user);
    });
  const refusal = (code: string) => expect.objectContaining({ code });

  test('what was written is read, by id, user name and subject', async () => {
    const full = aUser({
      subject: 'pairwise',
      roles: [{ name: 'a', origin: 'script' }],
      groups: [{ name: 'b', origin: 'connection:conn_x' as never }],
    });
    const empty = aUser({ locked: true, disabled: true, attributes: [], verified: [], roles: [] });
    await insert(full, empty);
    const { users } = storage.db.read;
    expect(await users.findById(full.id)).toEqual(full);
    expect(await users.findById(empty.id)).toEqual(empty);
    expect(await users.findByUsernameKey(full.usernameKey)).toEqual(full);
    expect(await users.findBySubject('pairwise')).toEqual(full);
    expect(await users.findByUsernameKey(full.username)).toBeNull();
    expect(await users.findBySubject(full.id)).toBeNull();
    expect(await users.findById(newId('user'))).toBeNull();
  });

  test('a user name is taken once; the unit may go on with another', async () => {
    const first = aUser();
    const second = aUser({ usernameKey: first.usernameKey });
    await insert(first);
    await expect(insert(second)).rejects.toThrow(refusal('USERNAME_TAKEN'));
    expect(await all()).toEqual([first]);

    const suffixed = { ...second, usernameKey: `${first.usernameKey}2` };
    await storage.db.unit(async ({ users }) => {
      await expect(users.insert(second)).rejects.toThrow(refusal('USERNAME_TAKEN'));
      await users.insert(suffixed);
    });
    expect(new Set(await all())).toEqual(new Set([first, suffixed]));
  });

  test('a subject is one person’s', async () => {
    const first = aUser();
    await insert(first);
    await expect(insert(aUser({ subject: first.subject }))).rejects.toThrow(refusal('CONFLICT'));
    expect(await all()).toEqual([first]);
  });

  test('an update counts the revision up; a late one and one to a taken name change nothing', async () => {
    const [user, neighbour] = [aUser(), aUser()];
    await insert(user, neighbour);
    const update = (changes: Partial<User>) => storage.db.unit(({ users }) => users.update({ ...user, ...changes }));
    expect(await update({ username: 'New', usernameKey: 'new', locked: true })).toBe(true);
    expect(await update({ username: 'Late' })).toBe(false);
    expect(await update({ usernameKey: neighbour.usernameKey })).toBe(false);
    await expect(update({ usernameKey: neighbour.usernameKey, revision: 2 })).rejects.toThrow(
      refusal('USERNAME_TAKEN'),
    );
    expect(await storage.db.unit(({ users }) => users.update(aUser()))).toBe(false);
    const changed = { ...user, username: 'New', usernameKey: 'new', locked: true, revision: 2 };
    expect(new Set(await all())).toEqual(new Set([changed, neighbour]));
  });

  describe('are found by an attribute', () => {
    const shared = { uri: mailUri, value: 'Shared@example.com', origin: 'admin' } as const;
    const find = async (uri: string, value: string, limit = 10) =>
      (await storage.db.read.users.findByAttribute(uri, value, limit)).map(({ id }) => id);

    test('of exactly this value, and no other', async () => {
      const people = [aUser({ attributes: [shared] }), aUser({ attributes: [shared, shared] }), aUser()];
      await insert(...people);
      const ids = people
        .slice(0, 2)
        .map(({ id }) => id)
        .sort();
      expect(await find(mailUri, 'Shared@example.com')).toEqual(ids);
      expect(await find(mailUri, 'Shared@example.com', 1)).toEqual(ids.slice(0, 1));
      expect(await find(mailUri, 'sHARED@EXAMPLE.COM')).toEqual(ids.toSorted());
      expect(await find(mailUri, 'ſhared@example.com')).toEqual([]);
      expect(await find('http://wso2.org/claims/other', 'Shared@example.com')).toEqual([]);
      expect(await find(mailUri, '%')).toEqual([]);
    });

    test('by its present value, not by an old one', async () => {
      const user = aUser({ attributes: [shared] });
      await insert(user);
      const moved = { ...user, attributes: [{ ...shared, value: 'new@example.com' }] };
      await storage.db.unit(({ users }) => users.update(moved));
      await storage.db.unit(({ users }) => users.update({ ...moved, revision: 2, locked: true }));
      expect(await find(mailUri, shared.value)).toEqual([]);
      expect(await find(mailUri, 'new@example.com')).toEqual([user.id]);
      await storage.db.unit(({ users }) => users.delete(user.id));
      expect(await find(mailUri, 'new@example.com')).toEqual([]);
    });

    test('of any length', async () => {
      const value = 'x'.repeat(20_000);
      const user = aUser({ attributes: [{ ...shared, value }] });
      await insert(user);
      expect(await find(mailUri, value)).toEqual([user.id]);
      expect(await find(mailUri, `${value}x`)).toEqual([]);
    });
  });

  test('a password is set, changed and taken away', async () => {
    const [user, neighbour] = [aUser(), aUser()];
    await insert(user, neighbour);
    const { users } = storage.db.read;
    const set = (hash: string | null) => storage.db.unit((stores) => stores.users.setPasswordHash(user.id, hash));
    expect(await users.findPasswordHash(user.id)).toBeNull();
    await set('one');
    await set('two');
    expect(await users.findPasswordHash(user.id)).toBe('two');
    expect(await users.findPasswordHash(neighbour.id)).toBeNull();
    await set(null);
    expect(await users.findPasswordHash(user.id)).toBeNull();
    const unknown = storage.db.unit((stores) => stores.users.setPasswordHash(newId('user'), 'hash'));
    await expect(unknown).rejects.toThrow(refusal('NOT_FOUND'));
  });

  test('a factor’s time step only goes forward', async () => {
    const user = aUser();
    const [factor, other] = [aFactor(user), aFactor(user, { createdAt: now + 1, lastTimeStep: 7 })];
    await insert(user);
    const { db } = storage;
    await db.unit(async ({ users }) => {
      await users.insertFactor(factor);
      await users.insertFactor(other);
    });
    const use = (timeStep: number) => db.unit(({ users }) => users.useTimeStep(factor.id, timeStep));
    expect([await use(100), await use(100), await use(99), await use(101)]).toEqual([true, false, false, true]);
    expect(await db.unit(({ users }) => users.useTimeStep(newId('factor'), 1))).toBe(false);
    expect(await db.read.users.listFactors(user.id)).toEqual([{ ...factor, lastTimeStep: 101 }, other]);
    expect(await db.unit(({ users }) => users.deleteFactor(factor.id))).toBe(true);
    expect(await db.unit(({ users }) => users.deleteFactor(factor.id))).toBe(false);
    expect(await db.read.users.listFactors(user.id)).toEqual([other]);
  });

  test('a link is one person’s, and is taken away once', async () => {
    const [user, neighbour] = [aUser(), aUser()];
    const connection = aConnection();
    await insert(user, neighbour);
    const { db } = storage;
    const link = { connectionId: connection.id, subject: 'g-1', userId: user.id, createdAt: now };
    await db.unit(async ({ connections, users }) => {
      await connections.insert(connection);
      await users.insertAssociation(link);
      await users.insertAssociation({ ...link, subject: 'g-2' });
    });
    const again = db.unit(({ users }) => users.insertAssociation({ ...link, userId: neighbour.id }));
    await expect(again).rejects.toThrow(refusal('CONFLICT'));
    const nobody = db.unit(({ users }) => users.insertAssociation({ ...link, subject: 'g-3', userId: newId('user') }));
    await expect(nobody).rejects.toThrow(refusal('NOT_FOUND'));
    expect(await db.read.users.findAssociation(connection.id, 'g-1')).toEqual(link);
    expect(await db.read.users.findAssociation(connection.id, 'g-3')).toBeNull();
    expect(await db.read.users.findAssociation(newId('conn'), 'g-1')).toBeNull();
    expect(await db.read.users.listAssociations(neighbour.id)).toEqual([]);
    const remove = () => db.unit(({ users }) => users.deleteAssociation(connection.id, 'g-1'));
    expect([await remove(), await remove()]).toEqual([true, false]);
    expect(await db.read.users.listAssociations(user.id)).toEqual([{ ...link, subject: 'g-2' }]);
  });

  test('a reset token counts once, and takes the person’s others with it', async () => {
    const [user, neighbour] = [aUser(), aUser()];
    await insert(user, neighbour);
    const { db } = storage;
    await db.unit(async ({ users }) => {
      await users.insertResetToken({ hash: 'a', userId: user.id, expiresAt: now });
      await users.insertResetToken({ hash: 'b', userId: user.id, expiresAt: now + 1 });
      await users.insertResetToken({ hash: 'c', userId: neighbour.id, expiresAt: now + 2 });
    });
    const use = (hash: string) => db.unit(({ users }) => users.useResetToken(hash));
    expect(await db.read.users.findResetToken('a')).toEqual({ userId: user.id, expiresAt: now });
    expect([await use('unknown'), await use('a'), await use('a'), await use('b')]).toEqual([false, true, false, false]);
    expect(await db.read.users.findResetToken('b')).toBeNull();
    expect(await db.read.users.findResetToken('c')).toEqual({ userId: neighbour.id, expiresAt: now + 2 });
    expect(await db.unit(({ users }) => users.deleteExpiredResetTokens(now + 1, 10))).toBe(0);
    expect(await db.unit(({ users }) => users.deleteExpiredResetTokens(now + 2, 10))).toBe(1);
  });

  test('all that belongs to an account goes with it, and nothing of its neighbour', async () => {
    const [gone, kept] = [aUser(), aUser()];
    const connection = aConnection();
    await insert(gone, kept);
    const { db } = storage;
    await db.unit(async ({ connections, users }) => {
      await connections.insert(connection);
      for (const { id } of [gone, kept]) {
        await users.setPasswordHash(id, 'hash');
        await users.insertFactor(aFactor(id === gone.id ? gone : kept));
        await users.insertAssociation({ connectionId: connection.id, subject: id, userId: id, createdAt: now });
        await users.insertResetToken({ hash: id, userId: id, expiresAt: now });
      }
    });
    await db.unit(({ users }) => users.delete(gone.id));
    const left = async ({ id }: User) => {
      const { users } = db.read;
      const [factors, links] = [await users.listFactors(id), await users.listAssociations(id)];
      const [password, token] = [await users.findPasswordHash(id), await users.findResetToken(id)];
      return [factors.length, links.length, password, token?.userId ?? null];
    };
    expect(await left(gone)).toEqual([0, 0, null, null]);
    expect(await left(kept)).toEqual([1, 1, 'hash', kept.id]);
    expect(await all()).toEqual([kept]);
  });
});
