import type { Kysely } from 'kysely';
import type { AuditEvent, AuditStore } from '../../audit/event.ts';
import type { EventId } from '../../kernel/ids.ts';
import { jsonContains } from '../json-contains.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { AuditEventRow, Tables } from '../tables.ts';

type Row = Omit<AuditEventRow, 'seq'>;

/** SQLite takes conditions of a thousand parts at most. */
const textsAtOnce = 100;

export function defineAuditStore(db: Kysely<Tables>): (session: Session) => AuditStore {
  const insert = prepare((row: Row) => db.insertInto('audit_events').values(row));

  const setDetails = prepare((p: { id: EventId; details: string }) =>
    db.updateTable('audit_events').set({ details: p.details }).where('id', '=', p.id),
  );

  // Only the oldest are looked at, in the order that they were written in: no index of times is needed.
  const removeOld = prepare((p: { before: number; limit: number }) =>
    db
      .deleteFrom('audit_events')
      .where('at', '<', p.before)
      .where('seq', '<', ({ eb, selectFrom }) =>
        selectFrom('audit_events as first').select(({ fn }) => eb(fn.min('first.seq'), '+', p.limit).as('end')),
      ),
  );

  return (session) => ({
    async append(event) {
      await insert.run(session, toRow(event));
    },
    async list({ after, limit, type, target, loginId, reference }) {
      let page = db.selectFrom('audit_events').selectAll().orderBy('seq', 'desc').limit(limit);
      if (after !== null) {
        page = page.where('seq', '<', (eb) =>
          eb
            .selectFrom('audit_events as last')
            .select('last.seq')
            .where('last.id', '=', after as EventId),
        );
      }
      if (type !== undefined) page = page.where('type', '=', type);
      if (target !== undefined) page = page.where('target', '=', target);
      if (loginId !== undefined) page = page.where('login_id', '=', loginId);
      if (reference !== undefined) page = page.where('reference', '=', reference);
      return (await query(session, page)).map(fromRow);
    },
    async listAboutNobody(texts) {
      const found = new Map<EventId, AuditEvent>();
      for (let at = 0; at < texts.length; at += textsAtOnce) {
        const some = texts.slice(at, at + textsAtOnce).map((text) => jsonContains('details', text));
        const events = db
          .selectFrom('audit_events')
          .selectAll()
          .where('target', 'is', null)
          .where(({ or }) => or(some));
        for (const row of await query(session, events)) found.set(row.id, fromRow(row));
      }
      return [...found.values()];
    },
    async replaceDetails(id, details) {
      await setDetails.run(session, { id, details: JSON.stringify(details) });
    },
    async deleteOlderThan(before, limit) {
      return removeOld.run(session, { before, limit });
    },
  });
}

function toRow(event: AuditEvent): Row {
  return {
    id: event.id,
    at: event.at,
    type: event.type,
    actor: event.actor,
    target: event.target,
    login_id: event.loginId,
    reference: event.reference,
    code: event.code,
    details: JSON.stringify(event.details),
  };
}

function fromRow(row: Row): AuditEvent {
  return {
    id: row.id,
    at: row.at,
    type: row.type,
    actor: row.actor,
    target: row.target,
    loginId: row.login_id,
    reference: row.reference,
    code: row.code,
    details: JSON.parse(row.details) as Record<string, unknown>,
  };
}
