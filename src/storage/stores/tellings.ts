import type { Kysely } from 'kysely';
import type { LoginId } from '../../kernel/ids.ts';
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
  const find = prepare((p: Pick<Telling, 'loginId' | 'seq'>) =>
    db.selectFrom('tellings').select('seq').where('login_id', '=', p.loginId).where('seq', '=', p.seq),
  );
  const remove = prepare((p: Pick<Telling, 'loginId' | 'seq'>) =>
    db.deleteFrom('tellings').where('login_id', '=', p.loginId).where('seq', '=', p.seq),
  );
  const removeByLogin = prepare((p: { loginId: LoginId }) =>
    db.deleteFrom('tellings').where('login_id', '=', p.loginId),
  );
  const removeExpired = prepare((p: { now: number; limit: number }) =>
    db
      .deleteFrom('tellings')
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('login_id', 'seq'),
          'in',
          selectFrom('tellings')
            .select(['login_id', 'seq'])
            .where('expires_at', '<=', p.now)
            .orderBy('expires_at')
            .limit(p.limit)
            .$asTuple('login_id', 'seq'),
        ),
      ),
  );

  return (session) => ({
    async insert({ loginId, seq, contentSealed, expiresAt }) {
      await insert.run(session, { login_id: loginId, seq, content_sealed: contentSealed, expires_at: expiresAt });
    },
    async list(now, limit) {
      return list.all(session, { now, limit });
    },
    async has({ loginId, seq }) {
      return (await find.first(session, { loginId, seq })) !== null;
    },
    async delete({ loginId, seq }) {
      await remove.run(session, { loginId, seq });
    },
    async deleteByLogin(loginId) {
      await removeByLogin.run(session, { loginId });
    },
    async deleteExpired(now, limit) {
      return removeExpired.run(session, { now, limit });
    },
  });
}

function fromRow(row: TellingRow): Telling {
  return { loginId: row.login_id, seq: row.seq, contentSealed: row.content_sealed, expiresAt: row.expires_at };
}
