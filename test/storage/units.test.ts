import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Stores } from '../../src/stores.ts';
import { dialects, useDatabase } from './dialects.ts';
import { aConnection, aFactor, aLogin, anApplication, anArtifact, anEntry, aUser, now } from './samples.ts';

const refusal = (code: string) => expect.objectContaining({ code });

describe.each(dialects)('a unit of work on $name', (dialect) => {
  const storage = useDatabase(dialect);
  const count = async (key: string) => (await storage.db.read.throttle.find(key, now)).count;
  const add = (stores: Stores, key: string) => stores.throttle.add(key, now, 1000);

  test('happens whole or not at all, and leaves its neighbours alone', async () => {
    const { db } = storage;
    const mistake = new Error('a mistake');
    const units = [
      db.unit((stores) => add(stores, 'kept')),
      db.unit(async (stores) => {
        await add(stores, 'kept');
        await add(stores, 'undone');
        throw mistake;
      }),
      db.unit((stores) => add(stores, 'kept')),
    ];
    expect(await Promise.allSettled(units)).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: mistake },
      { status: 'fulfilled', value: 2 },
    ]);
    expect([await count('kept'), await count('undone')]).toEqual([2, 0]);
    expect(storage.faults).toEqual([]);
  });

  test('that throws before it awaits anything fails like any other', async () => {
    const unit = storage.db.unit(() => {
      throw new Error('at once');
    });
    await expect(unit).rejects.toThrow('at once');
    expect(await storage.db.unit((stores) => add(stores, 'a'))).toBe(1);
  });

  test('sees what was done before it; others see it when it is on disk', async () => {
    const { db } = storage;
    const first = db.unit.early((stores) => add(stores, 'a'));
    const second = db.unit.early((stores) => stores.throttle.find('a', now));
    expect(await first.value).toBe(1);
    expect((await second.value).count).toBe(1);
    expect(await count('a')).toBe(0);
    await second.durable;
    expect(await count('a')).toBe(1);
  });

  test('that fails early is undone at once, and is told so in both halves', async () => {
    const { db } = storage;
    const failed = db.unit.early(async (stores) => {
      await add(stores, 'a');
      throw new Error('a mistake');
    });
    const next = db.unit.early((stores) => stores.throttle.find('a', now));
    await expect(failed.value).rejects.toThrow('a mistake');
    expect((await next.value).count).toBe(0);
    await expect(failed.durable).rejects.toThrow('a mistake');
    await next.durable;
  });

  test('in which a statement failed does not happen, even if its work goes on', async () => {
    const { db } = storage;
    const user = aUser();
    const unit = db.unit(async (stores) => {
      await stores.users.insert(user);
      await stores.users.insertFactor(aFactor(aUser())).catch(() => {});
      return 'as if nothing had been';
    });
    await expect(unit).rejects.toThrow(refusal('NOT_FOUND'));
    expect(await db.read.users.findById(user.id)).toBeNull();
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a timer', () => nextTurn()],
    ['nothing that ever comes', () => new Promise(() => {})],
    ['another unit', () => storage.db.unit((stores) => add(stores, 'inner'))],
  ])('that waits for %s is ended and told the rule; its neighbours live', async (_, wait) => {
    const { db } = storage;
    const before = db.unit((stores) => add(stores, 'before'));
    const stuck = db.unit(async (stores) => {
      await add(stores, 'stuck');
      await wait();
    });
    const after = db.unit((stores) => add(stores, 'after'));
    await expect(stuck).rejects.toThrow('may await nothing but the stores');
    expect([await before, await after]).toEqual([1, 1]);
    expect([await count('before'), await count('stuck'), await count('after')]).toEqual([1, 0, 1]);
  });

  test.each<[string, (late: Promise<void>) => Promise<void>]>([
    ['has ended', () => Promise.resolve()],
    ['was ended', (late) => late],
  ])('cannot use its stores after it %s, also while another one runs', async (_, wait) => {
    const { db } = storage;
    const { promise: late, resolve: goOn } = Promise.withResolvers<void>();
    let use: () => Promise<unknown> = () => Promise.resolve();
    const unit = db.unit(async (stores) => {
      use = () => add(stores, 'late');
      await wait(late);
    });
    await unit.catch(() => {});
    goOn();
    await expect(use()).rejects.toThrow('after its unit of work had ended');
    await db.unit(async (stores) => {
      await add(stores, 'other');
      await expect(use()).rejects.toThrow('after its unit of work had ended');
    });
    expect([await count('late'), await count('other')]).toEqual([0, 1]);
  });

  test('is the only way to change anything', async () => {
    const { read } = storage.db;
    await expect(read.throttle.add('a', now, 1000)).rejects.toThrow('changes go through `unit`');
    await expect(read.users.insert(aUser())).rejects.toThrow('changes go through `unit`');
    await expect(read.artifacts.deleteExpired(now, 1)).rejects.toThrow('changes go through `unit`');
    expect(await read.users.list({ after: null, limit: 1 })).toEqual([]);
  });

  test('keeps the context of whoever handed it in, also when it has to wait its turn', async () => {
    const context = new AsyncLocalStorage<number>();
    const unit = (number: number) =>
      context.run(number, () =>
        storage.db.unit(async (stores) => {
          await add(stores, 'a');
          return context.getStore();
        }),
      );
    expect(await Promise.all([1, 2, 3].map(unit))).toEqual([1, 2, 3]);
  });

  test('waits for no more than its batch: a rush of thousands is let through in order', async () => {
    const { db } = storage;
    const results = await Promise.all(Array.from({ length: 2000 }, () => db.unit((stores) => add(stores, 'a'))));
    expect(results).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
  });

  test('is finished when the database closes; later ones are refused', async () => {
    const { db } = storage;
    const units = Array.from({ length: 300 }, () => db.unit((stores) => add(stores, 'a')));
    const closed = db.close();
    const late = db.unit.early((stores) => add(stores, 'a'));
    await expect(late.value).rejects.toThrow(refusal('STORAGE_UNAVAILABLE'));
    await expect(late.durable).rejects.toThrow(refusal('STORAGE_UNAVAILABLE'));
    await expect(db.check()).rejects.toThrow(refusal('STORAGE_UNAVAILABLE'));
    await closed;
    expect((await Promise.all(units)).at(-1)).toBe(300);
  });
});

type Race = [what: string, prepare: (stores: Stores) => Promise<(stores: Stores, racer: number) => Promise<unknown>>];

const races: Race[] = [
  [
    'consumes a code',
    async ({ artifacts }) => {
      const code = anArtifact();
      await artifacts.upsert(code);
      return (stores, racer) => stores.artifacts.consume(code.model, code.id, now + racer);
    },
  ],
  [
    'uses a time step',
    async ({ users }) => {
      const user = aUser();
      const factor = aFactor(user, { lastTimeStep: 99 });
      await users.insert(user);
      await users.insertFactor(factor);
      return (stores) => stores.users.useTimeStep(factor.id, 100);
    },
  ],
  [
    'uses one of two reset tokens',
    async ({ users }) => {
      const user = aUser();
      await users.insert(user);
      for (const hash of ['0', '1']) await users.insertResetToken({ hash, userId: user.id, expiresAt: now });
      return (stores, racer) => stores.users.useResetToken(String(racer % 2));
    },
  ],
  [
    'uses an answer address',
    async ({ logins }) => {
      const login = aLogin();
      await logins.insert(login);
      await logins.insertFederationState({ hash: 'state', loginId: login.id, seq: 0, expiresAt: now });
      return (stores) => stores.logins.useFederationState('state');
    },
  ],
  [
    'moves a login on',
    async ({ logins }) => {
      const login = aLogin();
      await logins.insert(login);
      return (stores, racer) => stores.logins.update({ ...login, cursor: racer });
    },
  ],
  [
    'appends the next entry',
    async ({ logins }) => {
      const login = aLogin();
      await logins.insert(login);
      return (stores, racer) => stores.logins.appendEntry(login.id, anEntry(0, { op: `racer ${racer}` }));
    },
  ],
  [
    'begins the login of an interaction',
    async () => (stores) => stores.logins.insert(aLogin({ interactionUid: 'interaction' })),
  ],
  [
    'changes an application',
    async ({ applications }) => {
      const application = anApplication();
      await applications.insert(application);
      return (stores, racer) => stores.applications.update({ ...application, name: `Racer ${racer}` });
    },
  ],
  [
    'changes a person',
    async ({ users }) => {
      const user = aUser();
      await users.insert(user);
      return (stores, racer) => stores.users.update({ ...user, username: `Racer ${racer}` });
    },
  ],
  ['takes a user name', async () => (stores) => stores.users.insert(aUser({ usernameKey: 'ann' }))],
  [
    'links a connection’s person to a new account',
    async ({ connections }) => {
      const connection = aConnection();
      await connections.insert(connection);
      return async ({ users }) => {
        const user = aUser();
        await users.insert(user);
        await users.insertAssociation({
          connectionId: connection.id,
          subject: 'g-1',
          userId: user.id,
          createdAt: now,
        });
      };
    },
  ],
];

describe.each(dialects)('of a hundred at once on $name', (dialect) => {
  const storage = useDatabase(dialect);

  test.each(races)('exactly one %s', async (_, prepare) => {
    const { db } = storage;
    const attempt = await db.unit(prepare);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, racer) => {
        // Some meet in a turn of the event loop, some do not.
        for (let turn = 0; turn < racer % 3; turn++) await nextTurn();
        return db.unit((stores) => attempt(stores, racer));
      }),
    );
    const won = outcomes.filter(
      ({ status, ...rest }) => status === 'fulfilled' && !('value' in rest && rest.value === false),
    );
    expect(won.length).toBe(1);
    const { users, logins } = db.read;
    const accounts = await users.list({ after: null, limit: 1000 });
    expect(accounts.length).toBeLessThanOrEqual(1);
    for (const { id } of await logins.list({ after: null, limit: 1000 })) {
      expect((await logins.listEntries(id)).length).toBeLessThanOrEqual(1);
    }
    expect(storage.faults).toEqual([]);
  });

  test('none of the counted is lost', async () => {
    const { db } = storage;
    const counts = await Promise.all(
      Array.from({ length: 100 }, () => db.unit(({ throttle }) => throttle.add('ip:203.0.113.7', now, 1000))),
    );
    expect(new Set(counts).size).toBe(100);
    expect((await db.read.throttle.find('ip:203.0.113.7', now)).count).toBe(100);
  });
});
