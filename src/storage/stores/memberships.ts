import { isDeepStrictEqual } from 'node:util';
import type { Kysely } from 'kysely';
import type { ApplicationMembership, Membership, Origin, User } from '../../directory/user.ts';
import { type ApplicationId, type GroupId, newId, type UserId } from '../../kernel/ids.ts';
import { prepare, query, type Session } from '../statement.ts';
import type { GroupMemberRow, GroupRow, RoleMemberRow, RoleRow, Tables } from '../tables.ts';
import { toRow as toGroupRow } from './groups.ts';
import { roleKey, toRow as toRoleRow } from './roles.ts';

/** The part of an account that stands in tables of its own, so that a role or group is renamed or deleted in one place. */
export type Memberships = Pick<User, 'roles' | 'applicationRoles' | 'groups'>;

interface Row {
  user_id: UserId;
  kind: 'role' | 'group';
  name: string;
  application_id: ApplicationId | null;
  origin: Origin;
  position: number;
}

export function defineMemberships(db: Kysely<Tables>) {
  const rolesOf = () =>
    db
      .selectFrom('role_members')
      .innerJoin('roles', 'roles.id', 'role_members.role_id')
      .select(({ val, ref }) => [
        'role_members.user_id',
        val<string>('role').as('kind'),
        'roles.name',
        ref('roles.application_id').as('application_id'),
        'role_members.origin',
        'role_members.position',
      ]);
  const groupsOf = () =>
    db
      .selectFrom('group_members')
      .innerJoin('groups', 'groups.id', 'group_members.group_id')
      .select(({ val, lit }) => [
        'group_members.user_id',
        val<string>('group').as('kind'),
        'groups.name',
        lit(null).as('application_id'),
        'group_members.origin',
        'group_members.position',
      ]);
  const ofUser = prepare((p: { id: UserId }) =>
    rolesOf()
      .where('role_members.user_id', '=', p.id)
      .unionAll(groupsOf().where('group_members.user_id', '=', p.id)),
  );
  const roleByKey = prepare((p: { key: string }) => db.selectFrom('roles').select('id').where('name_key', '=', p.key));
  const groupByName = prepare((p: { name: string }) => db.selectFrom('groups').select('id').where('name', '=', p.name));
  const insertRole = prepare((row: RoleRow) => db.insertInto('roles').values(row));
  const insertGroup = prepare((row: GroupRow) => db.insertInto('groups').values(row));
  const addRole = prepare((row: RoleMemberRow) => db.insertInto('role_members').values(row));
  const addGroup = prepare((row: GroupMemberRow) => db.insertInto('group_members').values(row));
  const removeRoles = prepare((p: { id: UserId }) => db.deleteFrom('role_members').where('user_id', '=', p.id));
  const removeGroups = prepare((p: { id: UserId }) => db.deleteFrom('group_members').where('user_id', '=', p.id));

  async function getRoleId(session: Session, name: string, applicationId: ApplicationId | null, now: number) {
    const known = await roleByKey.first(session, { key: roleKey(name, applicationId) });
    if (known) return known.id;
    const role = { id: newId('role'), name, applicationId, createdAt: now, updatedAt: now, revision: 1 };
    await insertRole.run(session, toRoleRow(role));
    return role.id;
  }

  async function getGroupId(session: Session, name: string, now: number): Promise<GroupId> {
    const known = await groupByName.first(session, { name });
    if (known) return known.id;
    const group = { id: newId('group'), name, createdAt: now, updatedAt: now, revision: 1 };
    await insertGroup.run(session, toGroupRow(group));
    return group.id;
  }

  async function add(session: Session, user: User): Promise<void> {
    const { id: user_id, updatedAt: now } = user;
    const roles = [...user.roles.map((one) => ({ ...one, applicationId: null })), ...user.applicationRoles];
    for (const [position, { name, applicationId, origin }] of roles.entries()) {
      await addRole.run(session, {
        role_id: await getRoleId(session, name, applicationId, now),
        user_id,
        origin,
        position,
      });
    }
    for (const [position, { name, origin }] of user.groups.entries()) {
      await addGroup.run(session, { group_id: await getGroupId(session, name, now), user_id, origin, position });
    }
  }

  async function read(session: Session, id: UserId): Promise<Memberships> {
    return collect((await ofUser.all(session, { id })) as Row[]);
  }

  return {
    add,
    read,
    /** Brings the tables in line with a user who was there before. */
    async replace(session: Session, user: User): Promise<void> {
      const { roles, applicationRoles, groups } = user;
      const before = await read(session, user.id);
      if (isDeepStrictEqual(before, { roles, applicationRoles, groups })) return;
      await removeRoles.run(session, { id: user.id });
      await removeGroups.run(session, { id: user.id });
      await add(session, user);
    },
    /** Those of many people at once, by the person's id. */
    async readAll(session: Session, ids: readonly UserId[]): Promise<Map<UserId, Memberships>> {
      if (ids.length === 0) return new Map();
      const rows = (await query(
        session,
        rolesOf()
          .where('role_members.user_id', 'in', ids)
          .unionAll(groupsOf().where('group_members.user_id', 'in', ids)),
      )) as Row[];
      const byUser = Map.groupBy(rows, (row) => row.user_id);
      return new Map(ids.map((id) => [id, collect(byUser.get(id) ?? [])]));
    },
  };
}

function collect(rows: readonly Row[]): Memberships {
  const roles: Membership[] = [];
  const applicationRoles: ApplicationMembership[] = [];
  const groups: Membership[] = [];
  for (const { kind, name, application_id: applicationId, origin } of rows.toSorted(
    (a, b) => a.position - b.position,
  )) {
    if (kind === 'group') groups.push({ name, origin });
    else if (applicationId === null) roles.push({ name, origin });
    else applicationRoles.push({ name, applicationId, origin });
  }
  return { roles, applicationRoles, groups };
}
