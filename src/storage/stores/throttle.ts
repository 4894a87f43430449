import type { Kysely } from 'kysely';
import type { ThrottleStore } from '../../directory/throttle.ts';
import { prepare, type Session } from '../statement.ts';
import type { Tables, ThrottleRow } from '../tables.ts';

export function defineThrottleStore(db: Kysely<Tables>): (session: Session) => ThrottleStore {
  const open = prepare((p: { key: string; now: number }) =>
    db.selectFrom('throttles').select(['count', 'last_at']).where('key', '=', p.key).where('ends_at', '>', p.now),
  );
  // One statement, so that of many at once none is lost.
  const add = prepare((row: ThrottleRow) =>
    db
      .insertInto('throttles')
      .values(row)
      .onConflict((oc) =>
        oc.column('key').doUpdateSet((eb) => ({
          count: eb
            .case()
            .when('throttles.ends_at', '>', eb.ref('excluded.last_at'))
            .then(eb('throttles.count', '+', eb.ref('excluded.count')))
            .else(eb.ref('excluded.count'))
            .end(),
          last_at: eb.ref('excluded.last_at'),
          ends_at: eb.ref('excluded.ends_at'),
        })),
      )
      .returning('count'),
  );
  const remove = prepare((p: { key: string }) => db.deleteFrom('throttles').where('key', '=', p.key));
  const removeExpired = prepare((p: { now: number; limit: number }) =>
    db
      .deleteFrom('throttles')
      .where('key', 'in', (eb) =>
        eb.selectFrom('throttles').select('key').where('ends_at', '<=', p.now).orderBy('ends_at').limit(p.limit),
      ),
  );

  return (session) => ({
    async find(key, now) {
      const row = await open.first(session, { key, now });
      return row ? { count: row.count, lastAt: row.last_at } : { count: 0, lastAt: 0 };
    },
    async add(key, now, windowMs) {
      const row = await add.first(session, { key, count: 1, last_at: now, ends_at: now + windowMs });
      if (!row) throw new Error('the count of a throttle was not returned');
      return row.count;
    },
    async clear(key) {
      await remove.run(session, { key });
    },
    async deleteExpired(now, limit) {
      return removeExpired.run(session, { now, limit });
    },
  });
}
