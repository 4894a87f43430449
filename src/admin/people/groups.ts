import { Type } from 'typebox';
import type { Group } from '../../directory/group.ts';
import { AppError } from '../../kernel/errors.ts';
import { type GroupId, newId } from '../../kernel/ids.ts';
import type { Stores } from '../../stores.ts';
import { carryRules } from '../applications/carry-rules.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import { present } from '../merge.ts';
import { readPage } from '../paging.ts';
import { compare, createRecords } from '../records.ts';
import { ById, closed, Id, IfMatch, ListOf, Name, Page, Revision, Time } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { checkIfMatch, sendResource } from '../versioning.ts';
import { addMembers } from './members.ts';

const tags = ['Roles and groups'];

const NewGroup = Type.Object({ name: Name }, { ...closed, title: 'NewGroup', examples: [examples.newGroup] });
const GroupPatch = Type.Object(
  { name: Type.Optional(Name) },
  { ...closed, title: 'GroupPatch', examples: [examples.groupPatch] },
);
const GroupView = Type.Object(
  { id: Id, name: Type.String(), createdAt: Time, updatedAt: Time, revision: Revision },
  { title: 'Group' },
);

/** `/groups`: people who belong together. */
export function addGroups(server: AdminServer, deps: AdminDeps): void {
  const { database, clock } = deps;
  const record = createRecords(deps);

  server.route({
    method: 'POST',
    url: '/groups',
    schema: {
      operationId: 'createGroup',
      tags,
      summary: 'Make a group',
      description: 'A group is also made by naming it in `groups` of a person.',
      body: NewGroup,
      response: { 201: GroupView },
    },
    handler: async ({ body }, reply) => {
      const now = clock.now();
      const group: Group = { id: newId('group'), name: body.name, createdAt: now, updatedAt: now, revision: 1 };
      await database.unit(async (stores) => {
        await refuseTakenName(stores, group);
        await stores.groups.insert(group);
        const details = { before: null, after: showGroup(group) };
        await record(stores, { type: 'group.created', target: group.id, details });
      });
      sendResource(reply, group).code(201);
      return showGroup(group);
    },
  });

  server.route({
    method: 'GET',
    url: '/groups',
    schema: {
      operationId: 'listGroups',
      tags,
      summary: 'List groups, or find one by its name',
      querystring: Type.Object(
        { ...Page, name: Type.Optional(Type.String({ maxLength: 200, description: 'Only the group of this name.' })) },
        closed,
      ),
      response: { 200: ListOf(GroupView) },
    },
    handler: async ({ query: { name, ...page } }) => {
      if (name === undefined) return readPage(page, (part) => database.read.groups.list(part), showGroup);
      const found = await database.read.groups.findByName(name);
      return { items: found ? [showGroup(found)] : [] };
    },
  });

  server.route({
    method: 'GET',
    url: '/groups/:id',
    schema: { operationId: 'getGroup', tags, summary: 'Read a group', params: ById, response: { 200: GroupView } },
    handler: async ({ params }, reply) => {
      const group = await getGroup(database.read, params.id);
      sendResource(reply, group);
      return showGroup(group);
    },
  });

  server.route({
    method: 'PATCH',
    url: '/groups/:id',
    schema: {
      operationId: 'changeGroup',
      tags,
      summary: 'Rename a group',
      description:
        'Its people stay in it, and rules of applications about it stay about it; where there are connections, they stay about its old name as well, which a provider may go on telling. Scripts and mappings name groups, and are not changed.',
      params: ById,
      headers: IfMatch,
      body: GroupPatch,
      response: { 200: GroupView },
    },
    handler: async ({ params, headers, body }, reply) => {
      const group = await database.unit(async (stores) => {
        const before = await getGroup(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        const after: Group = { ...before, ...present(body), updatedAt: clock.now() };
        const details = compare(showGroup(before), showGroup(after));
        if (!details) return before;
        await refuseTakenName(stores, after);
        if (!(await stores.groups.update(after))) throw new AppError('CHANGED_MEANWHILE');
        await record(stores, { type: 'group.updated', target: before.id, details });
        if (after.name !== before.name) await keepRules(stores, before.name, after.name);
        return { ...after, revision: after.revision + 1 };
      });
      sendResource(reply, group);
      return showGroup(group);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/groups/:id',
    schema: {
      operationId: 'deleteGroup',
      tags,
      summary: 'Delete a group',
      description: 'Nobody is in it any more; the people stay.',
      params: ById,
      headers: IfMatch,
      response: { 204: Type.Null() },
    },
    handler: async ({ params, headers }, reply) => {
      await database.unit(async (stores) => {
        const before = await getGroup(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        await stores.groups.delete(before.id);
        const details = { before: showGroup(before), after: null };
        await record(stores, { type: 'group.deleted', target: before.id, details });
      });
      return reply.code(204).send(null);
    },
  });

  addMembers<Group>(server, deps, {
    name: 'group',
    tags,
    get: getGroup,
    listMembers: ({ groups }, { id }, page) => groups.listMembers(id, page),
    add: (user, { name }) =>
      user.groups.some((one) => one.name === name)
        ? user
        : { ...user, groups: [...user.groups, { name, origin: 'admin' }] },
    remove: (user, { name }) => ({ ...user, groups: user.groups.filter((one) => one.name !== name) }),
  });

  /**
   * Whoever had to pass a factor yesterday has to pass it today, whatever their group is called. Where there are connections,
   * the rule stays under the old name as well: a provider may go on telling it in its own words, or a mapping giving it.
   */
  async function keepRules(stores: Stores, from: string, to: string): Promise<void> {
    const [connection] = await stores.connections.list({ after: null, limit: 1 });
    await carryRules(deps, stores, (rule) =>
      rule.kind === 'group-factor' && rule.group === from
        ? [...(connection ? [rule] : []), { ...rule, group: to }]
        : [rule],
    );
  }
}

function showGroup({ createdAt, updatedAt, ...group }: Group) {
  return { ...group, createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() };
}

/** @throws AppError NOT_FOUND */
async function getGroup({ groups }: Pick<Stores, 'groups'>, id: string): Promise<Group> {
  const found = await groups.findById(id as GroupId);
  if (!found) throw new AppError('NOT_FOUND', { detail: 'No group has this id.' });
  return found;
}

async function refuseTakenName({ groups }: Pick<Stores, 'groups'>, { name }: Group): Promise<void> {
  if (!(await groups.findByName(name))) return;
  const finding = createContentFinding('NAME_TAKEN', '/name', `There is a group named «${name}».`);
  throw new ContentError([finding], { code: 'CONFLICT' });
}
