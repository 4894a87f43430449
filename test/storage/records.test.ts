import { describe, expect, test } from 'vitest';
import { type LoginId, newId } from '../../src/kernel/ids.ts';
import type { SigningKey } from '../../src/oidc/signing-keys.ts';
import { dialects, useDatabase } from './dialects.ts';
import { aMail, anEvent, now } from './samples.ts';

describe.each(dialects)('the record on $name', (dialect) => {
  const storage = useDatabase(dialect);

  test('events are listed newest first, also of one millisecond, from behind the last one', async () => {
    const events = [1, 2, 3, 4].map((n) => anEvent({ type: `type.${n}` }));
    await storage.db.unit(async ({ audit }) => {
      for (const event of events) await audit.append(event);
    });
    const list = (after: string | null, limit: number) => storage.db.read.audit.list({ after, limit });
    expect(await list(null, 10)).toEqual(events.toReversed());
    expect(await list(events[2]?.id ?? null, 10)).toEqual([events[1], events[0]]);
    expect(await list(events[0]?.id ?? null, 10)).toEqual([]);
    expect(await list('unknown', 10)).toEqual([]);
    expect(await list(null, 1)).toEqual([events[3]]);
  });

  test('filters leave the rest out', async () => {
    const plain = anEvent();
    const full = anEvent({
      type: 'login.failed',
      target: 'user_1',
      loginId: 'login_1',
      reference: '7C1FA-20DXK',
      code: 'ACCESS_DENIED',
    });
    await storage.db.unit(async ({ audit }) => {
      await audit.append(full);
      await audit.append(plain);
    });
    const list = (filter: object) => storage.db.read.audit.list({ after: null, limit: 10, ...filter });
    expect(await list({})).toEqual([plain, full]);
    expect(await list({ type: 'login.failed' })).toEqual([full]);
    expect(await list({ target: 'user_1', loginId: 'login_1' })).toEqual([full]);
    expect(await list({ reference: '7C1FA-20DXK' })).toEqual([full]);
    expect(await list({ reference: '7C1FA-20DXK', type: 'user.created' })).toEqual([]);
  });

  test('events about nobody are found by a text in them, whatever the case of its letters, and their details replaced', async () => {
    const [theirs, named, others] = [
      anEvent({ target: null, details: { subject: 'ANN_50%"Ö"' } }),
      anEvent({ target: 'user_1', details: { subject: 'ann_50%"Ö"' } }),
      anEvent({ target: null, details: { subject: 'annx50 "Ö"' } }),
    ];
    await storage.db.unit(async ({ audit }) => {
      for (const event of [theirs, named, others]) await audit.append(event);
    });
    expect(await storage.db.read.audit.listAboutNobody(['nobody', 'ann_50%"Ö"'])).toEqual([theirs]);
    expect(await storage.db.read.audit.listAboutNobody([])).toEqual([]);
    await storage.db.unit(({ audit }) => audit.replaceDetails(theirs.id, { subject: 'x' }));
    expect(await storage.db.read.audit.list({ after: null, limit: 10 })).toEqual([
      others,
      named,
      { ...theirs, details: { subject: 'x' } },
    ]);
  });
});

describe.each(dialects)('the throttle on $name', (dialect) => {
  const storage = useDatabase(dialect);
  const add = (key: string, at: number) => storage.db.unit(({ throttle }) => throttle.add(key, at, 100));
  const find = (key: string, at: number) => storage.db.read.throttle.find(key, at);

  test('counts within a window that each wrong answer opens anew', async () => {
    expect([await add('a', now), await add('a', now + 99), await add('a', now + 198)]).toEqual([1, 2, 3]);
    expect(await find('a', now + 297)).toEqual({ count: 3, lastAt: now + 198 });
    expect(await find('a', now + 298)).toEqual({ count: 0, lastAt: 0 });
    expect(await add('a', now + 298)).toBe(1);
    expect(await find('b', now)).toEqual({ count: 0, lastAt: 0 });
  });

  test('forgets what is cleared or over, and nothing else', async () => {
    await add('old', now);
    await add('cleared', now + 50);
    await add('open', now + 50);
    await storage.db.unit(({ throttle }) => throttle.clear('cleared'));
    const remove = () => storage.db.unit(({ throttle }) => throttle.deleteExpired(now + 100, 10));
    expect([await remove(), await remove()]).toEqual([1, 0]);
    expect((await find('cleared', now + 60)).count).toBe(0);
    expect((await find('open', now + 60)).count).toBe(1);
  });
});

describe.each(dialects)('the outbox on $name', (dialect) => {
  const storage = useDatabase(dialect);

  test('gives out what is due, oldest first, and puts off what failed', async () => {
    const [first, second, later] = [aMail(), aMail({ createdAt: now + 1 }), aMail({ nextAttemptAt: now + 50 })];
    const { db } = storage;
    expect(await db.read.outbox.findNextDue()).toBeNull();
    await db.unit(async ({ outbox }) => {
      for (const mail of [later, second, first]) await outbox.insert(mail);
    });
    const due = (at: number, limit = 10) => db.read.outbox.listDue(at, limit);
    expect(await due(now - 1)).toEqual([]);
    expect(await due(now)).toEqual([first, second]);
    expect(await due(now + 50, 1)).toEqual([first]);
    expect(await db.read.outbox.findNextDue()).toBe(now);

    await db.unit(({ outbox }) => outbox.postpone(first.id, 1, now + 70));
    await db.unit(({ outbox }) => outbox.delete(second.id));
    expect(await due(now)).toEqual([]);
    expect(await db.read.outbox.findNextDue()).toBe(now + 50);
    expect(await due(now + 70)).toEqual([later, { ...first, attempts: 1, nextAttemptAt: now + 70 }]);
  });
});

describe.each(dialects)('what scripts tell on $name', (dialect) => {
  const storage = useDatabase(dialect);

  test('is listed until it is told, what expires first first', async () => {
    const loginId = newId('login');
    const telling = (seq: number, expiresAt: number) => ({ loginId, seq, contentSealed: 'x', expiresAt });
    const { db } = storage;
    await db.unit(async ({ tellings }) => {
      for (const each of [telling(1, now + 2), telling(2, now + 1), telling(3, now + 2)]) await tellings.insert(each);
    });
    await expect(db.unit(({ tellings }) => tellings.insert(telling(1, now)))).rejects.toThrow();
    expect((await db.read.tellings.list(now, 2)).map(({ seq }) => seq)).toEqual([2, 1]);
    await db.unit(({ tellings }) => tellings.delete({ loginId, seq: 2 }));
    expect(await db.read.tellings.list(now, 10)).toEqual([telling(1, now + 2), telling(3, now + 2)]);
    expect(await db.read.tellings.list(now + 2, 10)).toEqual([]);
    expect(await db.unit(({ tellings }) => tellings.deleteExpired(now + 2, 1))).toBe(1);
    expect(await db.unit(({ tellings }) => tellings.deleteExpired(now + 2, 10))).toBe(1);
    expect(await db.read.tellings.list(now, 10)).toEqual([]);
  });

  test('is forgotten with its sign-in, and nothing of another', async () => {
    const [theirs, others] = [newId('login'), newId('login')];
    const telling = (loginId: LoginId, seq: number) => ({ loginId, seq, contentSealed: 'x', expiresAt: now + 1 });
    const { db } = storage;
    await db.unit(async ({ tellings }) => {
      for (const each of [telling(theirs, 1), telling(theirs, 2), telling(others, 1)]) await tellings.insert(each);
      await tellings.deleteByLogin(theirs);
    });
    expect(await db.read.tellings.list(now, 10)).toEqual([telling(others, 1)]);
    expect(await db.read.tellings.has({ loginId: theirs, seq: 1 })).toBe(false);
    expect(await db.read.tellings.has({ loginId: others, seq: 1 })).toBe(true);
  });
});

describe.each(dialects)('signing keys on $name', (dialect) => {
  const storage = useDatabase(dialect);

  test('are listed in the order in which they sign, and retired one by one', async () => {
    const key = (kid: string, activeAt: number): SigningKey => {
      return { kid, alg: 'ES256', jwkSealed: 'sealed', createdAt: now, activeAt, retiredAt: null };
    };
    const { db } = storage;
    await db.unit(async ({ signingKeys }) => {
      await signingKeys.insert(key('b', now + 1));
      await signingKeys.insert(key('a', now));
      await signingKeys.retire('a', now + 2);
    });
    expect(await db.read.signingKeys.list()).toEqual([{ ...key('a', now), retiredAt: now + 2 }, key('b', now + 1)]);
    const again = db.unit(({ signingKeys }) => signingKeys.insert(key('b', now + 5)));
    await expect(again).rejects.toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect((await db.read.signingKeys.list()).length).toBe(2);
  });
});
