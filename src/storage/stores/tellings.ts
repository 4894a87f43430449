import type { Kysely } from 'kysely';
import type { Telling, TellingStore } from '../../login/telling.ts';
import { prepare, type Session } from '../statement.ts';
import type { Tables, TellingRow } from '../tables.ts';

export function defineTellingStore(db: Kysely<Tables>): (session: Session) => TellingStore {
  const insert = prepare((row: TellingRow) => db.insertInto('tellings').values(row));
  const list = prepare(
    (p: { now: number; limit: number }) =>
      db
        .selectFrom('tellings')
        .selectAll()
        .where('expires_at', '>', p.now)
        .orderBy('expires_at')
        .orderBy('login_id')
        .orderBy('seq')
        .limit(p.limit),
    fromRow,
  );
  const remove = prepare((p: Pick<Telling, 'loginId' | 'seq'>) =>
    db.deleteFrom('tellings').where('login_id', '=', p.loginId).where('seq', '=', p.seq),
  );
  const removeExpired = prepare((p: { now: number }) => db.deleteFrom('tellings').where('expires_at', '<=', p.now));

  return (session) => ({
    async insert({ loginId, seq, contentSealed, expiresAt }) {
      await insert.run(session, { login_id: loginId, seq, content_sealed: contentSealed, expires_at: expiresAt });
    },
    async list(now, limit) {
      return list.all(session, { now, limit });
    },
    async delete({ loginId, seq }) {
      await remove.run(session, { loginId, seq });
    },
    async deleteExpired(now) {
      await removeExpired.run(session, { now });
    },
  });
}

function fromRow(row: TellingRow): Telling {
  return { loginId: row.login_id, seq: row.seq, contentSealed: row.content_sealed, expiresAt: row.expires_at };
}
