import type { Kysely } from 'kysely';
import type { MailId } from '../../kernel/ids.ts';
import type { OutboxMail, OutboxStore } from '../../mail/outbox.ts';
import { prepare, type Session } from '../statement.ts';
import type { OutboxRow, Tables } from '../tables.ts';

export function defineOutboxStore(db: Kysely<Tables>): (session: Session) => OutboxStore {
  const insert = prepare((row: OutboxRow) => db.insertInto('outbox').values(row));
  const due = prepare(
    (p: { now: number; limit: number }) =>
      db
        .selectFrom('outbox')
        .selectAll()
        .where('next_attempt_at', '<=', p.now)
        .orderBy('next_attempt_at')
        .orderBy('created_at')
        .limit(p.limit),
    fromRow,
  );
  const nextDue = prepare(() => db.selectFrom('outbox').select('next_attempt_at').orderBy('next_attempt_at').limit(1));
  const postpone = prepare((p: { id: MailId; attempts: number; nextAttemptAt: number }) =>
    db.updateTable('outbox').set({ attempts: p.attempts, next_attempt_at: p.nextAttemptAt }).where('id', '=', p.id),
  );
  const remove = prepare((p: { id: MailId }) => db.deleteFrom('outbox').where('id', '=', p.id));

  return (session) => ({
    async insert(mail) {
      await insert.run(session, toRow(mail));
    },
    async listDue(now, limit) {
      return due.all(session, { now, limit });
    },
    async findNextDue() {
      return (await nextDue.first(session, {}))?.next_attempt_at ?? null;
    },
    async postpone(id, attempts, nextAttemptAt) {
      await postpone.run(session, { id, attempts, nextAttemptAt });
    },
    async delete(id) {
      await remove.run(session, { id });
    },
  });
}

function toRow(mail: OutboxMail): OutboxRow {
  return {
    id: mail.id,
    content_sealed: mail.contentSealed,
    created_at: mail.createdAt,
    expires_at: mail.expiresAt,
    attempts: mail.attempts,
    next_attempt_at: mail.nextAttemptAt,
  };
}

function fromRow(row: OutboxRow): OutboxMail {
  return {
    id: row.id,
    contentSealed: row.content_sealed,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
  };
}
