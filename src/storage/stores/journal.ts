import type { Kysely } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { LoginId } from '../../kernel/ids.ts';
import type { FederationState, LoginStore, StoredEntry, StoredLog } from '../../login/login.ts';
import { prepare, type Session } from '../statement.ts';
import type { FederationStateRow, JournalEntryRow, LogLineRow, Tables } from '../tables.ts';

type JournalStore = Pick<
  LoginStore,
  | 'appendEntry'
  | 'listEntries'
  | 'setEntryCpu'
  | 'eraseJournal'
  | 'addLogs'
  | 'listLogs'
  | 'insertFederationState'
  | 'findFederationState'
  | 'keepFederationAnswer'
  | 'useFederationState'
>;

/** The part of the login store about what happened in a login. */
export function defineJournalStore(db: Kysely<Tables>): (session: Session) => JournalStore {
  const append = prepare((row: JournalEntryRow) =>
    db
      .insertInto('journal_entries')
      .values(row)
      .onConflict((oc) => oc.columns(['login_id', 'seq']).doNothing()),
  );
  const entries = prepare(
    (p: { id: LoginId }) => db.selectFrom('journal_entries').selectAll().where('login_id', '=', p.id).orderBy('seq'),
    fromEntryRow,
  );
  const setCpu = prepare((p: { id: LoginId; seq: number; cpuUs: number }) =>
    db.updateTable('journal_entries').set({ cpu_us: p.cpuUs }).where('login_id', '=', p.id).where('seq', '=', p.seq),
  );

  const eraseEntries = prepare((p: { id: LoginId }) => db.deleteFrom('journal_entries').where('login_id', '=', p.id));
  const eraseLogs = prepare((p: { id: LoginId }) => db.deleteFrom('log_lines').where('login_id', '=', p.id));

  const addLog = prepare((row: LogLineRow) =>
    db
      .insertInto('log_lines')
      .values(row)
      .onConflict((oc) => oc.columns(['login_id', 'after_seq', 'ordinal']).doNothing()),
  );
  const logs = prepare(
    (p: { id: LoginId }) =>
      db.selectFrom('log_lines').selectAll().where('login_id', '=', p.id).orderBy('after_seq').orderBy('ordinal'),
    fromLogRow,
  );

  const insertState = prepare((row: FederationStateRow) => db.insertInto('federation_states').values(row));
  const state = prepare(
    (p: { hash: string }) => db.selectFrom('federation_states').selectAll().where('hash', '=', p.hash),
    fromStateRow,
  );
  const keepAnswer = prepare((p: { hash: string; answerSealed: string }) =>
    db
      .updateTable('federation_states')
      .set({ answer_sealed: p.answerSealed })
      .where('hash', '=', p.hash)
      .where('answer_sealed', 'is', null),
  );
  const useState = prepare((p: { hash: string }) => db.deleteFrom('federation_states').where('hash', '=', p.hash));

  return (session) => ({
    async appendEntry(id, entry) {
      if (!(await append.run(session, toEntryRow(id, entry)))) throw new AppError('CONFLICT');
    },
    async listEntries(id) {
      return entries.all(session, { id });
    },
    async setEntryCpu(id, seq, cpuUs) {
      await setCpu.run(session, { id, seq, cpuUs });
    },

    async eraseJournal(id) {
      await eraseEntries.run(session, { id });
      await eraseLogs.run(session, { id });
    },

    async addLogs(id, lines) {
      const added: boolean[] = [];
      for (const line of lines) added.push(Boolean(await addLog.run(session, toLogRow(id, line))));
      return added;
    },
    async listLogs(id) {
      return logs.all(session, { id });
    },

    async insertFederationState(state) {
      await insertState.run(session, {
        hash: state.hash,
        login_id: state.loginId,
        seq: state.seq,
        expires_at: state.expiresAt,
        answer_sealed: null,
      });
    },
    async findFederationState(hash) {
      return state.first(session, { hash });
    },
    async keepFederationAnswer(hash, answerSealed) {
      return (await keepAnswer.run(session, { hash, answerSealed })) > 0;
    },
    async useFederationState(hash) {
      return (await useState.run(session, { hash })) > 0;
    },
  });
}

function toEntryRow(id: LoginId, entry: StoredEntry): JournalEntryRow {
  return {
    login_id: id,
    seq: entry.seq,
    op: entry.op,
    content_sealed: entry.contentSealed,
    note: Number(entry.note),
    at: entry.at,
    line_number: entry.line,
    column_number: entry.column,
    library: entry.library,
    cpu_us: entry.cpuUs,
  };
}

function fromEntryRow(row: JournalEntryRow): StoredEntry {
  return {
    seq: row.seq,
    op: row.op,
    contentSealed: row.content_sealed,
    note: row.note === 1,
    at: row.at,
    line: row.line_number,
    column: row.column_number,
    library: row.library,
    cpuUs: row.cpu_us,
  };
}

function toLogRow(id: LoginId, line: StoredLog): LogLineRow {
  return {
    login_id: id,
    after_seq: line.after,
    ordinal: line.ordinal,
    level: line.level,
    text_sealed: line.textSealed,
    line_number: line.line,
    column_number: line.column,
    library: line.library,
  };
}

function fromLogRow(row: LogLineRow): StoredLog {
  return {
    after: row.after_seq,
    ordinal: row.ordinal,
    level: row.level,
    textSealed: row.text_sealed,
    line: row.line_number,
    column: row.column_number,
    library: row.library,
  };
}

function fromStateRow(row: FederationStateRow): FederationState {
  return {
    hash: row.hash,
    loginId: row.login_id,
    seq: row.seq,
    expiresAt: row.expires_at,
    answerSealed: row.answer_sealed,
  };
}
