import { describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import type { SsoSession } from '../../src/sessions/session.ts';
import { dialects, useDatabase } from './dialects.ts';
import { aSession, now } from './samples.ts';

describe.each(dialects)('sessions on $name', (dialect) => {
  const storage = useDatabase(dialect);
  const put = (...records: SsoSession[]) =>
    storage.db.unit(async ({ sessions }) => {
      for (const record of records) await sessions.insert(record);
    });

  test('what was written is found by id, browser and subject', async () => {
    const userId = newId('user');
    const record = aSession({ userId, subject: userId });
    await put(record, aSession());
    const { sessions } = storage.db.read;
    expect(await sessions.findById(record.id)).toEqual(record);
    expect(await sessions.findByBrowser(record.browserUid)).toEqual(record);
    expect(await sessions.listBySubject(userId)).toEqual([record]);
    expect(await sessions.listBySubject('nobody')).toEqual([]);
    expect(await sessions.findByBrowser('elsewhere')).toBeNull();
  });

  test('a browser has one session; the second is refused and changes nothing', async () => {
    const record = aSession();
    await put(record);
    await expect(put(aSession({ browserUid: record.browserUid }))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await storage.db.read.sessions.findByBrowser(record.browserUid)).toEqual(record);
  });

  test('of two changes made from one state the second is told', async () => {
    const record = aSession();
    await put(record);
    const change = (lastAccessTime: number) =>
      storage.db.unit(({ sessions }) => sessions.update({ ...record, lastAccessTime, applications: [] }));
    expect([await change(now + 5), await change(now + 6)]).toEqual([true, false]);
    expect(await storage.db.read.sessions.findById(record.id)).toEqual({
      ...record,
      applications: [],
      lastAccessTime: now + 5,
      revision: 2,
    });
  });

  test('they are listed newest first, page by page, all or those of a person', async () => {
    const userId = newId('user');
    const mine = [1, 2, 3].map((n) => aSession({ userId, loginTime: now + 100_000 + n }));
    const other = aSession({ loginTime: now + 100_002 });
    await put(...mine, other);
    const { sessions } = storage.db.read;
    const ids = async (page: Parameters<typeof sessions.list>[0]) => (await sessions.list(page)).map(({ id }) => id);
    const [first, second, third] = mine.map(({ id }) => id);
    expect(await ids({ after: null, limit: 10, userId })).toEqual([third, second, first]);
    expect(await ids({ after: third!, limit: 1, userId })).toEqual([second]);
    expect(await ids({ after: first!, limit: 10, userId })).toEqual([]);
    expect(await ids({ after: null, limit: 4 })).toContain(other.id);
  });

  test('one is deleted once; what is over is removed, oldest first and no more than asked', async () => {
    const [gone, oldest, old, live] = [
      aSession(),
      aSession({ expiresAt: now - 2 }),
      aSession({ expiresAt: now }),
      aSession({ expiresAt: now + 1 }),
    ];
    await put(gone, oldest, old, live);
    const remove = () => storage.db.unit(({ sessions }) => sessions.delete(gone.id));
    expect([await remove(), await remove()]).toEqual([true, false]);
    const sweep = (limit: number) => storage.db.unit(({ sessions }) => sessions.deleteExpired(now, limit));
    const { sessions } = storage.db.read;
    expect(await sweep(1)).toBe(1);
    expect(await sessions.findById(oldest.id)).toBeNull();
    expect([await sweep(10), await sweep(10)]).toEqual([1, 0]);
    expect(await sessions.findById(live.id)).toEqual(live);
  });
});
