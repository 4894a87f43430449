import { describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
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

  test('become a browser’s, and go with it', async () => {
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
    await storage.db.unit((stores) => stores.upstreamSessions.deleteByBrowser(attached.browserUid));
    expect(await upstreamSessions.listByLogin(record.loginId)).toEqual([]);
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
