import type { Kysely } from 'kysely';
import type { Group, GroupStore } from '../../directory/group.ts';
import { AppError } from '../../kernel/errors.ts';
import type { GroupId, UserId } from '../../kernel/ids.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { GroupRow, Tables } from '../tables.ts';

export function defineGroupStore(db: Kysely<Tables>): (session: Session) => GroupStore {
  const insert = prepare((row: GroupRow) =>
    db
      .insertInto('groups')
      .values(row)
      .onConflict((oc) => oc.column('name').doNothing()),
  );
  const update = prepare(({ id, revision, ...fields }: GroupRow) =>
    db
      .updateTable('groups')
      .set(fields)
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where('revision', '=', revision),
  );
  const remove = prepare((p: { id: GroupId }) => db.deleteFrom('groups').where('id', '=', p.id));
  const byId = prepare((p: { id: GroupId }) => db.selectFrom('groups').selectAll().where('id', '=', p.id), fromRow);
  const byName = prepare(
    (p: { name: string }) => db.selectFrom('groups').selectAll().where('name', '=', p.name),
    fromRow,
  );

  return (session) => ({
    async insert(group) {
      if (!(await insert.run(session, toRow(group)))) throw new AppError('CONFLICT');
    },
    async update(group) {
      return (await update.run(session, toRow(group))) > 0;
    },
    async delete(id) {
      await remove.run(session, { id });
    },
    async findById(id) {
      return byId.first(session, { id });
    },
    async findByName(name) {
      return byName.first(session, { name });
    },
    async list({ after, limit }) {
      let page = db.selectFrom('groups').selectAll().orderBy('id').limit(limit);
      if (after !== null) page = page.where('id', '>', after as GroupId);
      return (await query(session, page)).map(fromRow);
    },
    async listMembers(id, { after, limit }) {
      let page = db
        .selectFrom('group_members')
        .innerJoin('users', 'users.id', 'group_members.user_id')
        .select(['users.id', 'users.username', 'group_members.origin'])
        .where('group_members.group_id', '=', id)
        .orderBy('group_members.user_id')
        .limit(limit);
      if (after !== null) page = page.where('group_members.user_id', '>', after as UserId);
      return query(session, page);
    },
  });
}

export function toRow(group: Group): GroupRow {
  return {
    id: group.id,
    name: group.name,
    created_at: group.createdAt,
    updated_at: group.updatedAt,
    revision: group.revision,
  };
}

function fromRow(row: GroupRow): Group {
  return { id: row.id, name: row.name, createdAt: row.created_at, updatedAt: row.updated_at, revision: row.revision };
}
