import type { Kysely } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { ApplicationId, SessionId, UserId } from '../../kernel/ids.ts';
import type { SessionStore, SsoSession } from '../../sessions/session.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { SessionRow, Tables } from '../tables.ts';

export function defineSessionStore(db: Kysely<Tables>): (session: Session) => SessionStore {
  const insert = prepare((row: SessionRow) =>
    db
      .insertInto('sessions')
      .values(row)
      .onConflict((oc) => oc.column('browser_uid').doNothing()),
  );
  const update = prepare(({ id, revision, ...fields }: SessionRow) =>
    db
      .updateTable('sessions')
      .set(fields)
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where('revision', '=', revision),
  );
  const byId = prepare((p: { id: SessionId }) => db.selectFrom('sessions').selectAll().where('id', '=', p.id), fromRow);
  const byBrowser = prepare(
    (p: { browserUid: string }) => db.selectFrom('sessions').selectAll().where('browser_uid', '=', p.browserUid),
    fromRow,
  );
  const bySubject = prepare(
    (p: { subject: string }) =>
      db
        .selectFrom('sessions')
        .selectAll()
        .where('subject', '=', p.subject)
        .orderBy('login_time', 'desc')
        .orderBy('id', 'desc'),
    fromRow,
  );
  const remove = prepare((p: { id: SessionId }) => db.deleteFrom('sessions').where('id', '=', p.id));
  const removeExpired = prepare((p: { now: number; limit: number }) =>
    db
      .deleteFrom('sessions')
      .where('id', 'in', (eb) =>
        eb.selectFrom('sessions').select('id').where('expires_at', '<=', p.now).orderBy('expires_at').limit(p.limit),
      ),
  );

  return (session) => ({
    async insert(record) {
      if (!(await insert.run(session, toRow(record)))) throw new AppError('CONFLICT');
    },
    async update(record) {
      return (await update.run(session, toRow(record))) > 0;
    },
    async findById(id) {
      return byId.first(session, { id });
    },
    async findByBrowser(browserUid) {
      return byBrowser.first(session, { browserUid });
    },
    async listBySubject(subject) {
      return bySubject.all(session, { subject });
    },
    async list({ after, limit, userId }) {
      let page = db.selectFrom('sessions').selectAll().orderBy('login_time', 'desc').orderBy('id', 'desc').limit(limit);
      if (after !== null) {
        page = page.where(({ eb, refTuple }) =>
          eb(
            refTuple('login_time', 'id'),
            '<',
            eb
              .selectFrom('sessions as last')
              .select(['last.login_time', 'last.id'])
              .where('last.id', '=', after as SessionId)
              .$asTuple('login_time', 'id'),
          ),
        );
      }
      if (userId !== undefined) page = page.where('user_id', '=', userId as UserId);
      return (await query(session, page)).map(fromRow);
    },
    async delete(id) {
      return (await remove.run(session, { id })) > 0;
    },
    async deleteExpired(now, limit) {
      return removeExpired.run(session, { now, limit });
    },
  });
}

function toRow(record: SsoSession): SessionRow {
  return {
    id: record.id,
    browser_uid: record.browserUid,
    subject: record.subject,
    user_id: record.userId,
    ip: record.ip,
    user_agent: record.userAgent,
    login_time: record.loginTime,
    last_access_time: record.lastAccessTime,
    expires_at: record.expiresAt,
    applications: JSON.stringify(record.applications),
    steps_sealed: record.stepsSealed,
    revision: record.revision,
  };
}

function fromRow(row: SessionRow): SsoSession {
  return {
    id: row.id,
    browserUid: row.browser_uid,
    subject: row.subject,
    userId: row.user_id,
    ip: row.ip,
    userAgent: row.user_agent,
    loginTime: row.login_time,
    lastAccessTime: row.last_access_time,
    expiresAt: row.expires_at,
    applications: JSON.parse(row.applications) as ApplicationId[],
    stepsSealed: row.steps_sealed,
    revision: row.revision,
  };
}
