import type { Kysely } from 'kysely';
import type { ApplicationId, SessionId } from '../../kernel/ids.ts';
import type { OwedLogout, OwedLogoutStore } from '../../sessions/owed-logout.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { OwedLogoutRow, Tables } from '../tables.ts';

export function defineOwedLogoutStore(db: Kysely<Tables>): (session: Session) => OwedLogoutStore {
  const owe = prepare((row: OwedLogoutRow) =>
    db
      .insertInto('owed_logouts')
      .values(row)
      .onConflict((oc) => oc.columns(['session_id', 'application_id']).doNothing()),
  );
  const due = (p: { now: number; limit: number; except: readonly ApplicationId[] }) =>
    db
      .selectFrom('owed_logouts')
      .selectAll()
      .where('next_attempt_at', '<=', p.now)
      .where('application_id', 'not in', p.except)
      .orderBy('next_attempt_at')
      .limit(p.limit);
  const claim = prepare(
    (p: { sessionId: SessionId; applicationId: ApplicationId; attempts: number; nextAttemptAt: number; was: number }) =>
      db
        .updateTable('owed_logouts')
        .set({ attempts: p.attempts, next_attempt_at: p.nextAttemptAt })
        .where('session_id', '=', p.sessionId)
        .where('application_id', '=', p.applicationId)
        .where('next_attempt_at', '=', p.was),
  );
  const remove = prepare((p: { sessionId: SessionId; applicationId: ApplicationId }) =>
    db.deleteFrom('owed_logouts').where('session_id', '=', p.sessionId).where('application_id', '=', p.applicationId),
  );

  return (session) => ({
    async owe(logout) {
      await owe.run(session, toRow(logout));
    },
    async listDue(of) {
      return (await query(session, due(of))).map(fromRow);
    },
    async claim({ sessionId, applicationId, nextAttemptAt: was }, { attempts, nextAttemptAt }) {
      return (await claim.run(session, { sessionId, applicationId, attempts, nextAttemptAt, was })) === 1;
    },
    async delete({ sessionId, applicationId }) {
      await remove.run(session, { sessionId, applicationId });
    },
  });
}

function toRow(logout: OwedLogout): OwedLogoutRow {
  return {
    session_id: logout.sessionId,
    application_id: logout.applicationId,
    browser_uid: logout.browserUid,
    subject: logout.subject,
    attempts: logout.attempts,
    next_attempt_at: logout.nextAttemptAt,
    expires_at: logout.expiresAt,
  };
}

function fromRow(row: OwedLogoutRow): OwedLogout {
  return {
    sessionId: row.session_id,
    applicationId: row.application_id,
    browserUid: row.browser_uid,
    subject: row.subject,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    expiresAt: row.expires_at,
  };
}
