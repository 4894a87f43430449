import { type Kysely, sql } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { ApplicationId, LoginId, UserId } from '../../kernel/ids.ts';
import type { Login, LoginStore } from '../../login/login.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { LoginRow, Tables } from '../tables.ts';
import { defineJournalStore } from './journal.ts';

// Written into the statement, not bound to it: else the index of running logins could not be chosen for it.
const running = sql.lit('running' as const);

export function defineLoginStore(db: Kysely<Tables>): (session: Session) => LoginStore {
  const journal = defineJournalStore(db);
  const insert = prepare((row: LoginRow) =>
    db
      .insertInto('logins')
      .values(row)
      .onConflict((oc) => oc.column('interaction_uid').doNothing()),
  );
  const update = prepare(({ id, revision, ...fields }: LoginRow) =>
    db
      .updateTable('logins')
      .set(fields)
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where('revision', '=', revision),
  );
  const byId = prepare((p: { id: LoginId }) => db.selectFrom('logins').selectAll().where('id', '=', p.id), fromRow);
  const byInteraction = prepare(
    (p: { uid: string }) => db.selectFrom('logins').selectAll().where('interaction_uid', '=', p.uid),
    fromRow,
  );
  const byReference = prepare(
    (p: { reference: string }) =>
      db.selectFrom('logins').selectAll().where('reference', '=', p.reference).orderBy('created_at', 'desc'),
    fromRow,
  );
  const runningOfUser = prepare(
    (p: { userId: UserId }) =>
      db.selectFrom('logins').selectAll().where('user_id', '=', p.userId).where('status', '=', running).orderBy('id'),
    fromRow,
  );
  const runningOfVersion = prepare(
    (p: { applicationId: ApplicationId; version: number }) =>
      db
        .selectFrom('logins')
        .selectAll()
        .where('application_id', '=', p.applicationId)
        .where('version', '=', p.version)
        .where('status', '=', running)
        .orderBy('id'),
    fromRow,
  );
  const removeOver = prepare((p: { before: number; limit: number }) =>
    db
      .deleteFrom('logins')
      .where('id', 'in', (eb) =>
        eb.selectFrom('logins').select('id').where('over_at', '<', p.before).orderBy('over_at').limit(p.limit),
      ),
  );

  const removeAbandoned = prepare((p: { before: number; now: number; limit: number }) =>
    db.deleteFrom('logins').where('id', 'in', (eb) =>
      eb
        .selectFrom('logins')
        .select('id')
        .where('status', '=', running)
        .where('user_id', 'is', null)
        .where('over_at', '<=', p.now)
        .where((or) => or.or([or('over_at', '<', p.before), or('cursor', '>', 1)]))
        .orderBy('over_at')
        .limit(p.limit),
    ),
  );

  return (session) => ({
    ...journal(session),
    async insert(login) {
      if (!(await insert.run(session, toRow(login)))) throw new AppError('CONFLICT');
    },
    async update(login) {
      return (await update.run(session, toRow(login))) > 0;
    },
    async findById(id) {
      return byId.first(session, { id });
    },
    async findByInteraction(uid) {
      return byInteraction.first(session, { uid });
    },
    async findByReference(reference) {
      return byReference.first(session, { reference });
    },
    async list({ after, limit, applicationId, userId, state }) {
      let page = db.selectFrom('logins').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit);
      if (after !== null) {
        page = page.where(({ eb, refTuple }) =>
          eb(
            refTuple('created_at', 'id'),
            '<',
            eb
              .selectFrom('logins as last')
              .select(['last.created_at', 'last.id'])
              .where('last.id', '=', after as LoginId)
              .$asTuple('created_at', 'id'),
          ),
        );
      }
      if (applicationId !== undefined) page = page.where('application_id', '=', applicationId as ApplicationId);
      if (userId !== undefined) page = page.where('user_id', '=', userId as UserId);
      if (state) {
        const { status, now } = state;
        page = page.where('status', '=', status === 'expired' ? running : status);
        if (status === 'expired') page = page.where('expires_at', '<=', now);
        if (status === 'running') page = page.where('expires_at', '>', now);
      }
      return (await query(session, page)).map(fromRow);
    },
    async listRunning(of) {
      if ('userId' in of) return runningOfUser.all(session, { userId: of.userId });
      return runningOfVersion.all(session, { applicationId: of.applicationId, version: of.version });
    },
    async deleteAbandoned({ before, now }, limit) {
      return removeAbandoned.run(session, { before, now, limit });
    },
    async deleteOlderThan(before, limit) {
      return removeOver.run(session, { before, limit });
    },
  });
}

function toRow(login: Login): LoginRow {
  return {
    id: login.id,
    interaction_uid: login.interactionUid,
    application_id: login.applicationId,
    version: login.version,
    browser_hash: login.browserHash,
    status: login.status,
    cursor: login.cursor,
    waiting_sealed: login.waitingSealed,
    result_sealed: login.resultSealed,
    user_id: login.userId,
    reference: login.reference,
    failure_code: login.failureCode,
    created_at: login.createdAt,
    expires_at: login.expiresAt,
    ended_at: login.endedAt,
    over_at: login.endedAt ?? login.expiresAt,
    revision: login.revision,
  };
}

function fromRow(row: LoginRow): Login {
  return {
    id: row.id,
    interactionUid: row.interaction_uid,
    applicationId: row.application_id,
    version: row.version,
    browserHash: row.browser_hash,
    status: row.status,
    cursor: row.cursor,
    waitingSealed: row.waiting_sealed,
    resultSealed: row.result_sealed,
    userId: row.user_id,
    reference: row.reference,
    failureCode: row.failure_code,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    revision: row.revision,
  };
}
