import { Type } from 'typebox';
import type { Role } from '../../directory/role.ts';
import { AppError } from '../../kernel/errors.ts';
import { type ApplicationId, newId, type RoleId } from '../../kernel/ids.ts';
import type { Stores } from '../../stores.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import { present } from '../merge.ts';
import { readPage } from '../paging.ts';
import { compare, createRecords } from '../records.ts';
import { ById, closed, Id, IfMatch, ListOf, Name, nullable, Page, Revision, Time } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { checkIfMatch, sendResource } from '../versioning.ts';
import { addMembers } from './members.ts';

const tags = ['Roles and groups'];

const NewRole = Type.Object(
  {
    name: Name,
    applicationId: Type.Optional(
      nullable(Id, 'The application that it is a role of. Null or missing: the whole organisation’s.'),
    ),
  },
  { ...closed, title: 'NewRole', examples: [examples.newRole] },
);
const RolePatch = Type.Object(
  { name: Type.Optional(Name) },
  { ...closed, title: 'RolePatch', examples: [examples.rolePatch] },
);
const RoleView = Type.Object(
  {
    id: Id,
    name: Type.String(),
    applicationId: nullable(Type.String(), 'Null: the whole organisation’s.'),
    createdAt: Time,
    updatedAt: Time,
    revision: Revision,
  },
  { title: 'Role' },
);

/** `/roles`: what people may do, in the organisation or in one application. */
export function addRoles(server: AdminServer, deps: AdminDeps): void {
  const { database, clock } = deps;
  const record = createRecords(deps);

  server.route({
    method: 'POST',
    url: '/roles',
    schema: {
      operationId: 'createRole',
      tags,
      summary: 'Make a role',
      description:
        'A role is also made by naming it in `roles` of a person. `owner`, `admin`, `author` and `auditor` of the organisation are administration roles: no script gives or takes them.',
      body: NewRole,
      response: { 201: RoleView },
    },
    handler: async ({ body }, reply) => {
      const now = clock.now();
      const applicationId = (body.applicationId ?? null) as ApplicationId | null;
      const role: Role = {
        id: newId('role'),
        name: body.name,
        applicationId,
        createdAt: now,
        updatedAt: now,
        revision: 1,
      };
      await database.unit(async (stores) => {
        if (applicationId !== null) await refuseUnknownApplication(stores, applicationId);
        await refuseTakenName(stores, role);
        await stores.roles.insert(role);
        await record(stores, {
          type: 'role.created',
          target: role.id,
          details: { before: null, after: showRole(role) },
        });
      });
      sendResource(reply, role).code(201);
      return showRole(role);
    },
  });

  server.route({
    method: 'GET',
    url: '/roles',
    schema: {
      operationId: 'listRoles',
      tags,
      summary: 'List roles, or find one by its name',
      querystring: Type.Object(
        {
          ...Page,
          name: Type.Optional(
            Type.String({
              maxLength: 200,
              description: 'Only the role of this name, in the application or else in the organisation.',
            }),
          ),
          applicationId: Type.Optional(Type.String({ maxLength: 100, description: 'Only roles of this application.' })),
        },
        closed,
      ),
      response: { 200: ListOf(RoleView) },
    },
    handler: async ({ query: { name, applicationId, ...page } }) => {
      const filter = applicationId === undefined ? {} : { applicationId: applicationId as ApplicationId };
      if (name === undefined)
        return readPage(page, (part) => database.read.roles.list({ ...part, ...filter }), showRole);
      const found = await database.read.roles.findByName(name, filter.applicationId ?? null);
      return { items: found ? [showRole(found)] : [] };
    },
  });

  server.route({
    method: 'GET',
    url: '/roles/:id',
    schema: { operationId: 'getRole', tags, summary: 'Read a role', params: ById, response: { 200: RoleView } },
    handler: async ({ params }, reply) => {
      const role = await getRole(database.read, params.id);
      sendResource(reply, role);
      return showRole(role);
    },
  });

  server.route({
    method: 'PATCH',
    url: '/roles/:id',
    schema: {
      operationId: 'changeRole',
      tags,
      summary: 'Rename a role',
      description: 'Those who have it keep it. Scripts and mappings name roles, and are not changed.',
      params: ById,
      headers: IfMatch,
      body: RolePatch,
      response: { 200: RoleView },
    },
    handler: async ({ params, headers, body }, reply) => {
      const role = await database.unit(async (stores) => {
        const before = await getRole(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        const after: Role = { ...before, ...present(body), updatedAt: clock.now() };
        const details = compare(showRole(before), showRole(after));
        if (!details) return before;
        await refuseTakenName(stores, after);
        if (!(await stores.roles.update(after))) throw new AppError('CHANGED_MEANWHILE');
        await record(stores, { type: 'role.updated', target: before.id, details });
        return { ...after, revision: after.revision + 1 };
      });
      sendResource(reply, role);
      return showRole(role);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/roles/:id',
    schema: {
      operationId: 'deleteRole',
      tags,
      summary: 'Delete a role',
      description: 'Nobody has it any more.',
      params: ById,
      headers: IfMatch,
      response: { 204: Type.Null() },
    },
    handler: async ({ params, headers }, reply) => {
      await database.unit(async (stores) => {
        const before = await getRole(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        await stores.roles.delete(before.id);
        await record(stores, {
          type: 'role.deleted',
          target: before.id,
          details: { before: showRole(before), after: null },
        });
      });
      return reply.code(204).send(null);
    },
  });

  addMembers<Role>(server, deps, {
    name: 'role',
    tags,
    get: getRole,
    listMembers: ({ roles }, { id }, page) => roles.listMembers(id, page),
    add(user, { name, applicationId }) {
      const { roles, applicationRoles } = user;
      if (applicationId === null) {
        const has = roles.some((one) => one.name === name);
        return has ? user : { ...user, roles: [...roles, { name, origin: 'admin' }] };
      }
      const has = applicationRoles.some((one) => one.name === name && one.applicationId === applicationId);
      return has
        ? user
        : { ...user, applicationRoles: [...applicationRoles, { name, applicationId, origin: 'admin' }] };
    },
    remove: (user, { name, applicationId }) =>
      applicationId === null
        ? { ...user, roles: user.roles.filter((one) => one.name !== name) }
        : {
            ...user,
            applicationRoles: user.applicationRoles.filter(
              (one) => one.name !== name || one.applicationId !== applicationId,
            ),
          },
  });
}

function showRole({ createdAt, updatedAt, ...role }: Role) {
  return {
    ...role,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

/** @throws AppError NOT_FOUND */
async function getRole({ roles }: Pick<Stores, 'roles'>, id: string): Promise<Role> {
  const found = await roles.findById(id as RoleId);
  if (!found) throw new AppError('NOT_FOUND', { detail: 'No role has this id.' });
  return found;
}

async function refuseUnknownApplication(stores: Stores, id: string): Promise<void> {
  if (await stores.applications.findById(id as ApplicationId)) return;
  const finding = createContentFinding('UNKNOWN_APPLICATION', '/applicationId', 'No application has this id.');
  throw new ContentError([finding]);
}

async function refuseTakenName({ roles }: Pick<Stores, 'roles'>, { name, applicationId }: Role): Promise<void> {
  if (!(await roles.findByName(name, applicationId))) return;
  const where = applicationId === null ? 'The organisation' : 'The application';
  const finding = createContentFinding('NAME_TAKEN', '/name', `${where} has a role named «${name}».`);
  throw new ContentError([finding], { code: 'CONFLICT' });
}
