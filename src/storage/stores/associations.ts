import type { Kysely } from 'kysely';
import type { Association, UserStore } from '../../directory/user.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId, UserId } from '../../kernel/ids.ts';
import { prepare, type Session } from '../statement.ts';
import type { AssociationRow, Tables } from '../tables.ts';

type AssociationStore = Pick<
  UserStore,
  'insertAssociation' | 'deleteAssociation' | 'findAssociation' | 'listAssociations' | 'listAssociationsOf'
>;

/** The part of the user store about who a connection's people are here. */
export function defineAssociationStore(db: Kysely<Tables>): (session: Session) => AssociationStore {
  const insert = prepare((row: AssociationRow) =>
    db
      .insertInto('associations')
      .values(row)
      .onConflict((oc) => oc.columns(['connection_id', 'subject']).doNothing()),
  );
  const remove = prepare((p: { connectionId: ConnectionId; subject: string }) =>
    db.deleteFrom('associations').where('connection_id', '=', p.connectionId).where('subject', '=', p.subject),
  );
  const bySubject = prepare(
    (p: { connectionId: ConnectionId; subject: string }) =>
      db
        .selectFrom('associations')
        .selectAll()
        .where('connection_id', '=', p.connectionId)
        .where('subject', '=', p.subject),
    fromRow,
  );
  const byUser = prepare(
    (p: { userId: UserId }) =>
      db
        .selectFrom('associations')
        .selectAll()
        .where('user_id', '=', p.userId)
        .orderBy('created_at')
        .orderBy('connection_id')
        .orderBy('subject'),
    fromRow,
  );
  const byConnection = prepare(
    (p: { connectionId: ConnectionId; limit: number }) =>
      db
        .selectFrom('associations')
        .selectAll()
        .where('connection_id', '=', p.connectionId)
        .orderBy('subject')
        .limit(p.limit),
    fromRow,
  );

  return (session) => ({
    async insertAssociation(association) {
      if (!(await insert.run(session, toRow(association)))) throw new AppError('CONFLICT');
    },
    async deleteAssociation(connectionId, subject) {
      return (await remove.run(session, { connectionId, subject })) > 0;
    },
    async findAssociation(connectionId, subject) {
      return bySubject.first(session, { connectionId, subject });
    },
    async listAssociations(userId) {
      return byUser.all(session, { userId });
    },
    async listAssociationsOf(connectionId, limit) {
      return byConnection.all(session, { connectionId, limit });
    },
  });
}

function toRow(association: Association): AssociationRow {
  return {
    connection_id: association.connectionId,
    subject: association.subject,
    user_id: association.userId,
    created_at: association.createdAt,
  };
}

function fromRow(row: AssociationRow): Association {
  return {
    connectionId: row.connection_id,
    subject: row.subject,
    userId: row.user_id,
    createdAt: row.created_at,
  };
}
