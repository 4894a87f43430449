import { describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import type { Login, LoginStatus, StoredLog } from '../../src/login/login.ts';
import { dialects, useDatabase } from './dialects.ts';
import { aLogin, anEntry, now } from './samples.ts';

describe.each(dialects)('logins on $name', (dialect) => {
  const storage = useDatabase(dialect);
  const insert = (...logins: Login[]) =>
    storage.db.unit(async (stores) => {
      for (const login of logins) await stores.logins.insert(login);
    });
  const ids = (logins: Login[]) => logins.map(({ id }) => id);
  const refusal = (code: string) => expect.objectContaining({ code });

  test('what was written is read, by id, interaction and reference', async () => {
    const running = aLogin({ waitingSealed: 'sealed', cursor: 3 });
    const failed = aLogin({
      status: 'failed',
      reference: '7C1FA-20DXK',
      failureCode: 'ACCESS_DENIED',
      userId: newId('user'),
      endedAt: now,
      resultSealed: 'sealed',
    });
    await insert(running, failed);
    const { logins } = storage.db.read;
    expect(await logins.findById(running.id)).toEqual(running);
    expect(await logins.findByInteraction(running.interactionUid)).toEqual(running);
    expect(await logins.findByReference('7C1FA-20DXK')).toEqual(failed);
    expect(await logins.findById(newId('login'))).toBeNull();
    expect(await logins.findByInteraction('unknown')).toBeNull();
    expect(await logins.findByReference('')).toBeNull();
  });

  test('an interaction has one login', async () => {
    const login = aLogin();
    await insert(login);
    await expect(insert(aLogin({ interactionUid: login.interactionUid }))).rejects.toThrow(refusal('CONFLICT'));
    expect(await storage.db.read.logins.findByInteraction(login.interactionUid)).toEqual(login);
  });

  test('of two that move it on, the second changes nothing', async () => {
    const login = aLogin();
    await insert(login);
    const update = (changes: Partial<Login>) =>
      storage.db.unit(({ logins }) => logins.update({ ...login, ...changes }));
    expect(await update({ cursor: 1, waitingSealed: 'sealed' })).toBe(true);
    expect(await update({ status: 'succeeded' })).toBe(false);
    expect(await storage.db.unit(({ logins }) => logins.update(aLogin()))).toBe(false);
    const changed = { ...login, cursor: 1, waitingSealed: 'sealed', revision: 2 };
    expect(await storage.db.read.logins.findById(login.id)).toEqual(changed);
  });

  test('a list is newest first, goes on behind the last one, and keeps to its filters', async () => {
    const [applicationId, userId] = [newId('app'), newId('user')];
    const old = aLogin({ createdAt: now - 1, userId });
    const same = [aLogin({ applicationId }), aLogin({ applicationId, status: 'failed', userId }), aLogin()];
    await insert(...same, old);
    const list = async (page: Partial<Parameters<typeof storage.db.read.logins.list>[0]>) =>
      ids(await storage.db.read.logins.list({ after: null, limit: 100, ...page }));
    const order = [...ids(same).sort().reverse(), old.id];
    expect(await list({})).toEqual(order);
    expect(await list({ limit: 2 })).toEqual(order.slice(0, 2));
    expect(await list({ limit: 2, after: order[1] ?? null })).toEqual(order.slice(2));
    expect(await list({ after: old.id })).toEqual([]);
    expect(await list({ after: 'unknown' })).toEqual([]);
    expect(await list({ applicationId })).toEqual(order.filter((id) => ids(same.slice(0, 2)).includes(id)));
    expect(await list({ userId })).toEqual([same[1]?.id, old.id]);
    expect(await list({ userId, state: { status: 'failed', now } })).toEqual([same[1]?.id]);
    expect(await list({ applicationId, after: order.at(-2) ?? null })).toEqual([]);
  });

  test('one whose time is over is listed as expired, and no more as running', async () => {
    const applicationId = newId('app');
    const open = aLogin({ applicationId, expiresAt: now + 1 });
    const over = aLogin({ applicationId, expiresAt: now });
    await insert(open, over, aLogin({ applicationId, expiresAt: now, status: 'succeeded', endedAt: now }));
    const list = async (status: LoginStatus) =>
      ids(await storage.db.read.logins.list({ after: null, limit: 9, applicationId, state: { status, now } }));
    expect(await list('running')).toEqual([open.id]);
    expect(await list('expired')).toEqual([over.id]);
    expect(await list('failed')).toEqual([]);
  });

  test('running ones are listed by account and by version, ended ones never', async () => {
    const [applicationId, userId] = [newId('app'), newId('user')];
    const first = aLogin({ applicationId, userId });
    const second = aLogin({ applicationId, version: 2 });
    const done = aLogin({ applicationId, userId, status: 'succeeded', endedAt: now });
    await insert(first, second, done, aLogin());
    const { logins } = storage.db.read;
    expect(ids(await logins.listRunning({ userId }))).toEqual([first.id]);
    expect(ids(await logins.listRunning({ applicationId, version: 1 }))).toEqual([first.id]);
    expect(ids(await logins.listRunning({ applicationId, version: 2 }))).toEqual([second.id]);
    expect(ids(await logins.listRunning({ applicationId, version: 3 }))).toEqual([]);
  });

  test('a journal keeps its order, and a number is taken once', async () => {
    const [login, neighbour] = [aLogin(), aLogin()];
    await insert(login, neighbour);
    const { db } = storage;
    await db.unit(async ({ logins }) => {
      await logins.appendEntry(login.id, anEntry(1, { note: true, line: null, column: null }));
      await logins.appendEntry(login.id, anEntry(0));
      await logins.appendEntry(neighbour.id, anEntry(0));
      await logins.setEntryCpu(login.id, 0, 1234);
    });
    const again = db.unit(({ logins }) => logins.appendEntry(login.id, anEntry(1, { op: 'other' })));
    await expect(again).rejects.toThrow(refusal('CONFLICT'));
    const orphan = db.unit(({ logins }) => logins.appendEntry(newId('login'), anEntry(0)));
    await expect(orphan).rejects.toThrow(refusal('NOT_FOUND'));
    expect(await db.read.logins.listEntries(login.id)).toEqual([
      anEntry(0, { cpuUs: 1234 }),
      anEntry(1, { note: true, line: null, column: null }),
    ]);
    expect(await db.read.logins.listEntries(neighbour.id)).toEqual([anEntry(0)]);
  });

  test('a line that is logged again stays as it was', async () => {
    const login = aLogin();
    await insert(login);
    const line = (after: number, ordinal: number, textSealed: string): StoredLog => {
      const place = { line: ordinal || null, column: ordinal ? 5 : null, library: ordinal ? 'roles.js' : null };
      return { after, ordinal, level: 'info', textSealed, ...place };
    };
    const { db } = storage;
    await db.unit(({ logins }) => logins.addLogs(login.id, [line(1, 0, 'c'), line(0, 1, 'b'), line(0, 0, 'a')]));
    await db.unit(({ logins }) => logins.addLogs(login.id, [line(0, 0, 'changed'), line(2, 0, 'd')]));
    await db.unit(({ logins }) => logins.addLogs(login.id, []));
    const stored = await db.read.logins.listLogs(login.id);
    expect(stored).toEqual([line(0, 0, 'a'), line(0, 1, 'b'), line(1, 0, 'c'), line(2, 0, 'd')]);
  });

  test('an answer address counts once', async () => {
    const login = aLogin();
    await insert(login);
    const { db } = storage;
    const state = { hash: 'a', loginId: login.id, seq: 2, expiresAt: now };
    await db.unit(async ({ logins }) => {
      await logins.insertFederationState(state);
      await logins.insertFederationState({ ...state, hash: 'b' });
    });
    expect(await db.read.logins.findFederationState('a')).toEqual({ ...state, answerSealed: null });
    const use = (hash: string) => db.unit(({ logins }) => logins.useFederationState(hash));
    expect([await use('a'), await use('a'), await use('unknown')]).toEqual([true, false, false]);
    expect(await db.read.logins.findFederationState('a')).toBeNull();
    expect(await db.read.logins.findFederationState('b')).toEqual({ ...state, hash: 'b', answerSealed: null });
  });

  test('the first answer is kept, and goes with its state', async () => {
    const login = aLogin();
    await insert(login);
    const { db } = storage;
    await db.unit(({ logins }) =>
      logins.insertFederationState({ hash: 'kept', loginId: login.id, seq: 2, expiresAt: now }),
    );
    const keep = (hash: string, answer: string) => db.unit(({ logins }) => logins.keepFederationAnswer(hash, answer));
    expect([await keep('kept', 'first'), await keep('kept', 'second'), await keep('unknown', 'x')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(await db.read.logins.findFederationState('kept')).toMatchObject({ answerSealed: 'first' });
  });

  test('old ones are removed whole, oldest first; those that are not over stay', async () => {
    const ended = aLogin({ status: 'failed', endedAt: now - 2 });
    const expired = aLogin({ expiresAt: now - 1 });
    const recent = aLogin({ status: 'succeeded', endedAt: now, expiresAt: now - 5 });
    const open = aLogin();
    await insert(ended, expired, recent, open);
    const { db } = storage;
    await db.unit(async ({ logins }) => {
      for (const { id } of [ended, open]) {
        await logins.appendEntry(id, anEntry(0));
        await logins.addLogs(id, [
          { after: 0, ordinal: 0, level: 'info', textSealed: 'a', line: null, column: null, library: null },
        ]);
        await logins.insertFederationState({ hash: id, loginId: id, seq: 0, expiresAt: now });
      }
    });
    const remove = (limit: number) => db.unit(({ logins }) => logins.deleteOlderThan(now, limit));
    expect(await remove(1)).toBe(1);
    expect(await db.read.logins.findById(ended.id)).toBeNull();
    expect(await db.read.logins.findById(expired.id)).not.toBeNull();
    expect([await remove(10), await remove(10)]).toEqual([1, 0]);
    const rest = await db.read.logins.list({ after: null, limit: 10 });
    expect(new Set(ids(rest))).toEqual(new Set([recent.id, open.id]));
    const left = async ({ id }: Login) => {
      const { logins } = db.read;
      const [entries, logs] = [await logins.listEntries(id), await logins.listLogs(id)];
      return [entries.length, logs.length, (await logins.findFederationState(id)) !== null];
    };
    expect(await left(ended)).toEqual([0, 0, false]);
    expect(await left(open)).toEqual([1, 1, true]);
  });

  test('one that ends is over then, not when it would have expired', async () => {
    const login = aLogin({ expiresAt: now - 10 });
    await insert(login);
    const { db } = storage;
    await db.unit(({ logins }) => logins.update({ ...login, status: 'succeeded', endedAt: now + 10 }));
    expect(await db.unit(({ logins }) => logins.deleteOlderThan(now, 10))).toBe(0);
    expect(await db.unit(({ logins }) => logins.deleteOlderThan(now + 11, 10))).toBe(1);
  });
});
