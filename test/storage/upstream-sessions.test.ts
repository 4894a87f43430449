import { describe, expect, test } from 'vitest';
import { type ConnectionId, newId } from '../../src/kernel/ids.ts';
import type { UpstreamSession } from '../../src/sessions/upstream.ts';
import { dialects, useDatabase } from './dialects.ts';
import { aConnection, now } from './samples.ts';

describe.each(dialects)('sign-ins at providers on $name', (dialect) => {
  const storage = useDatabase(dialect);

  async function put(changes: Partial<UpstreamSession> = {}): Promise<UpstreamSession> {
    const connection = aConnection();
    const record: UpstreamSession = {
      loginId: newId('login'),
      seq: 1,
      connectionId: connection.id,
      subject: 'person-1',
      name: 'person-1',
      sid: 'sid-1',
      browserUid: null,
      backChannel: 'never',
      contentSealed: 'sealed',
      expiresAt: now + 1000,
      ...changes,
    };
    await storage.db.unit(async ({ connections, upstreamSessions }) => {
      if (!changes.connectionId) await connections.insert(connection);
      await upstreamSessions.put(record);
    });
    return record;
  }

  test('are found by login, by name and by sid, at their own connection alone', async () => {
    const record = await put();
    const other = await put();
    const { upstreamSessions } = storage.db.read;
    expect(await upstreamSessions.listByLogin(record.loginId)).toEqual([record]);
    expect(await upstreamSessions.listByName(record.connectionId, 'person-1')).toEqual([record]);
    expect(await upstreamSessions.listBySid(other.connectionId, 'sid-1')).toEqual([other]);
    expect(await upstreamSessions.listBySid(record.connectionId, 'sid-2')).toEqual([]);
  });

  test('of one step are one: the newer stands', async () => {
    const record = await put();
    const newer = await put({ ...record, subject: 'person-2', name: 'person-2', sid: null });
    const { upstreamSessions } = storage.db.read;
    expect(await upstreamSessions.listByLogin(record.loginId)).toEqual([newer]);
    expect(await upstreamSessions.listByName(record.connectionId, 'person-1')).toEqual([]);
  });

  test('become a browser’s', async () => {
    const record = await put();
    const attached = {
      ...record,
      browserUid: `browser of ${record.loginId}`,
      contentSealed: 'other',
      expiresAt: now + 9,
    };
    await storage.db.unit(({ upstreamSessions }) => upstreamSessions.update(attached));
    const { upstreamSessions } = storage.db.read;
    expect(await upstreamSessions.listByBrowser(attached.browserUid)).toEqual([attached]);
  });

  test('are owed to their provider once, the longest due first, until it is told', async () => {
    const [first, second] = [await put(), await put()];
    const owed = (
      { loginId, seq, connectionId, contentSealed, expiresAt }: UpstreamSession,
      nextAttemptAt: number,
    ) => ({
      ...{ loginId, seq, connectionId, contentSealed, expiresAt, attempts: 0, nextAttemptAt },
    });
    const list = async (at: number, except: ConnectionId[] = []) =>
      (await storage.db.read.upstreamSessions.listOwed({ now: at, limit: 100, except })).filter(({ loginId }) =>
        [first.loginId, second.loginId].includes(loginId),
      );
    await storage.db.unit(async ({ upstreamSessions }) => {
      await upstreamSessions.owe(owed(first, now + 2));
      await upstreamSessions.owe(owed(second, now + 1));
      await upstreamSessions.owe({ ...owed(second, now), attempts: 9 });
    });
    expect(await list(now)).toEqual([]);
    expect(await list(now + 2)).toEqual([owed(second, now + 1), owed(first, now + 2)]);
    expect(await list(now + 2, [second.connectionId])).toEqual([owed(first, now + 2)]);
    const later = { ...owed(second, now + 5), attempts: 1 };
    const claim = () =>
      storage.db.unit(({ upstreamSessions }) => upstreamSessions.claimOwed(owed(second, now + 1), later));
    expect(await Promise.all([claim(), claim()])).toEqual([true, false]);
    expect(await list(now + 5)).toEqual([owed(first, now + 2), later]);
    await storage.db.unit(async ({ connections, upstreamSessions }) => {
      await upstreamSessions.deleteOwed(first);
      await connections.delete(second.connectionId);
    });
    expect(await list(now + 5)).toEqual([]);
    expect(await claim()).toBe(false);
  });

  test('go one by one, when their time is over, and with their connection', async () => {
    const [gone, over, orphan, kept] = [await put(), await put({ expiresAt: now - 1 }), await put(), await put()];
    await storage.db.unit(async ({ connections, upstreamSessions }) => {
      await upstreamSessions.delete(gone);
      expect(await upstreamSessions.deleteExpired(now, 100)).toBeGreaterThan(0);
      await connections.delete(orphan.connectionId);
    });
    const { upstreamSessions } = storage.db.read;
    for (const { loginId } of [gone, over, orphan]) expect(await upstreamSessions.listByLogin(loginId)).toEqual([]);
    expect(await upstreamSessions.listByLogin(kept.loginId)).toEqual([kept]);
  });
});
