import type { Kysely } from 'kysely';
import type { Role, RoleStore } from '../../directory/role.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ApplicationId, RoleId, UserId } from '../../kernel/ids.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { RoleRow, Tables } from '../tables.ts';

export function defineRoleStore(db: Kysely<Tables>): (session: Session) => RoleStore {
  const insert = prepare((row: RoleRow) =>
    db
      .insertInto('roles')
      .values(row)
      .onConflict((oc) => oc.column('name_key').doNothing()),
  );
  const update = prepare(({ id, revision, ...fields }: RoleRow) =>
    db
      .updateTable('roles')
      .set(fields)
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .where('id', '=', id)
      .where('revision', '=', revision),
  );
  const remove = prepare((p: { id: RoleId }) => db.deleteFrom('roles').where('id', '=', p.id));
  const byId = prepare((p: { id: RoleId }) => db.selectFrom('roles').selectAll().where('id', '=', p.id), fromRow);
  const byKey = prepare(
    (p: { key: string }) => db.selectFrom('roles').selectAll().where('name_key', '=', p.key),
    fromRow,
  );

  return (session) => ({
    async insert(role) {
      if (!(await insert.run(session, toRow(role)))) throw new AppError('CONFLICT');
    },
    async update(role) {
      return (await update.run(session, toRow(role))) > 0;
    },
    async delete(id) {
      await remove.run(session, { id });
    },
    async findById(id) {
      return byId.first(session, { id });
    },
    async findByName(name, applicationId) {
      return byKey.first(session, { key: roleKey(name, applicationId) });
    },
    async list({ after, limit, applicationId }) {
      let page = db.selectFrom('roles').selectAll().orderBy('id').limit(limit);
      if (after !== null) page = page.where('id', '>', after as RoleId);
      if (applicationId === null) page = page.where('application_id', 'is', null);
      else if (applicationId !== undefined) page = page.where('application_id', '=', applicationId);
      return (await query(session, page)).map(fromRow);
    },
    async listMembers(id, { after, limit }) {
      let page = db
        .selectFrom('role_members')
        .innerJoin('users', 'users.id', 'role_members.user_id')
        .select(['users.id', 'users.username', 'role_members.origin'])
        .where('role_members.role_id', '=', id)
        .orderBy('role_members.user_id')
        .limit(limit);
      if (after !== null) page = page.where('role_members.user_id', '>', after as UserId);
      return query(session, page);
    },
  });
}

/** As JSON, so that no name can be taken for another application's. */
export function roleKey(name: string, applicationId: ApplicationId | null): string {
  return JSON.stringify([applicationId, name]);
}

export function toRow(role: Role): RoleRow {
  return {
    id: role.id,
    name: role.name,
    application_id: role.applicationId,
    name_key: roleKey(role.name, role.applicationId),
    created_at: role.createdAt,
    updated_at: role.updatedAt,
    revision: role.revision,
  };
}

function fromRow(row: RoleRow): Role {
  return {
    id: row.id,
    name: row.name,
    applicationId: row.application_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revision: row.revision,
  };
}
