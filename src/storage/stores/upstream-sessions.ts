import type { Kysely } from 'kysely';
import type { ConnectionId, LoginId } from '../../kernel/ids.ts';
import type { OwedSignOut, UpstreamSession, UpstreamSessionStore } from '../../sessions/upstream.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { OwedSignOutRow, Tables, UpstreamSessionRow } from '../tables.ts';

export function defineUpstreamSessionStore(db: Kysely<Tables>): (session: Session) => UpstreamSessionStore {
  const all = () => db.selectFrom('upstream_sessions').selectAll();
  const put = prepare((row: UpstreamSessionRow) => {
    const { login_id: _login, seq: _seq, ...fields } = row;
    return db
      .insertInto('upstream_sessions')
      .values(row)
      .onConflict((oc) => oc.columns(['login_id', 'seq']).doUpdateSet(fields));
  });
  const byLogin = prepare((p: { loginId: LoginId }) => all().where('login_id', '=', p.loginId).orderBy('seq'), fromRow);
  const byBrowser = prepare(
    (p: { browserUid: string }) => all().where('browser_uid', '=', p.browserUid).orderBy('login_id').orderBy('seq'),
    fromRow,
  );
  const byName = prepare(
    (p: { connectionId: ConnectionId; name: string }) =>
      all().where('connection_id', '=', p.connectionId).where('name', '=', p.name),
    fromRow,
  );
  const bySid = prepare(
    (p: { connectionId: ConnectionId; sid: string }) =>
      all().where('connection_id', '=', p.connectionId).where('sid', '=', p.sid),
    fromRow,
  );
  const update = prepare(
    ({
      login_id,
      seq,
      ...fields
    }: Pick<UpstreamSessionRow, 'login_id' | 'seq' | 'browser_uid' | 'content_sealed' | 'expires_at'>) =>
      db.updateTable('upstream_sessions').set(fields).where('login_id', '=', login_id).where('seq', '=', seq),
  );
  const remove = prepare((p: { loginId: LoginId; seq: number }) =>
    db.deleteFrom('upstream_sessions').where('login_id', '=', p.loginId).where('seq', '=', p.seq),
  );
  const removeExpired = prepare((p: { now: number; limit: number }) =>
    db
      .deleteFrom('upstream_sessions')
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('login_id', 'seq'),
          'in',
          selectFrom('upstream_sessions')
            .select(['login_id', 'seq'])
            .where('expires_at', '<=', p.now)
            .orderBy('expires_at')
            .limit(p.limit)
            .$asTuple('login_id', 'seq'),
        ),
      ),
  );

  const owe = prepare((row: OwedSignOutRow) =>
    db
      .insertInto('owed_sign_outs')
      .values(row)
      .onConflict((oc) => oc.columns(['login_id', 'seq']).doNothing()),
  );
  const owed = (p: { now: number; limit: number; except: readonly ConnectionId[] }) =>
    db
      .selectFrom('owed_sign_outs')
      .selectAll()
      .where('next_attempt_at', '<=', p.now)
      .where('connection_id', 'not in', p.except)
      .orderBy('next_attempt_at')
      .limit(p.limit);
  const claim = prepare((p: Pick<OwedSignOut, 'loginId' | 'seq' | 'attempts' | 'nextAttemptAt'> & { was: number }) =>
    db
      .updateTable('owed_sign_outs')
      .set({ attempts: p.attempts, next_attempt_at: p.nextAttemptAt })
      .where('login_id', '=', p.loginId)
      .where('seq', '=', p.seq)
      .where('next_attempt_at', '=', p.was),
  );
  const removeOwed = prepare((p: { loginId: LoginId; seq: number }) =>
    db.deleteFrom('owed_sign_outs').where('login_id', '=', p.loginId).where('seq', '=', p.seq),
  );

  return (session) => ({
    async put(record) {
      await put.run(session, toRow(record));
    },
    async listByLogin(loginId) {
      return byLogin.all(session, { loginId });
    },
    async listByBrowser(browserUid) {
      return byBrowser.all(session, { browserUid });
    },
    async listByName(connectionId, name) {
      return byName.all(session, { connectionId, name });
    },
    async listBySid(connectionId, sid) {
      return bySid.all(session, { connectionId, sid });
    },
    async update({ loginId, seq, browserUid, contentSealed, expiresAt }) {
      await update.run(session, {
        login_id: loginId,
        seq,
        browser_uid: browserUid,
        content_sealed: contentSealed,
        expires_at: expiresAt,
      });
    },
    async delete({ loginId, seq }) {
      await remove.run(session, { loginId, seq });
    },
    async deleteExpired(now, limit) {
      return removeExpired.run(session, { now, limit });
    },
    async owe({ loginId, seq, connectionId, contentSealed, attempts, nextAttemptAt, expiresAt }) {
      await owe.run(session, {
        login_id: loginId,
        seq,
        connection_id: connectionId,
        content_sealed: contentSealed,
        attempts,
        next_attempt_at: nextAttemptAt,
        expires_at: expiresAt,
      });
    },
    async listOwed(of) {
      return (await query(session, owed(of))).map(fromOwedRow);
    },
    async claimOwed({ loginId, seq, nextAttemptAt: was }, { attempts, nextAttemptAt }) {
      return (await claim.run(session, { loginId, seq, attempts, nextAttemptAt, was })) === 1;
    },
    async deleteOwed({ loginId, seq }) {
      await removeOwed.run(session, { loginId, seq });
    },
  });
}

function toRow(record: UpstreamSession): UpstreamSessionRow {
  return {
    login_id: record.loginId,
    seq: record.seq,
    connection_id: record.connectionId,
    subject: record.subject,
    name: record.name,
    sid: record.sid,
    browser_uid: record.browserUid,
    back_channel: record.backChannel,
    content_sealed: record.contentSealed,
    expires_at: record.expiresAt,
  };
}

function fromRow(row: UpstreamSessionRow): UpstreamSession {
  return {
    loginId: row.login_id,
    seq: row.seq,
    connectionId: row.connection_id,
    subject: row.subject,
    name: row.name,
    sid: row.sid,
    browserUid: row.browser_uid,
    backChannel: row.back_channel,
    contentSealed: row.content_sealed,
    expiresAt: row.expires_at,
  };
}

function fromOwedRow(row: OwedSignOutRow): OwedSignOut {
  return {
    loginId: row.login_id,
    seq: row.seq,
    connectionId: row.connection_id,
    contentSealed: row.content_sealed,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    expiresAt: row.expires_at,
  };
}
