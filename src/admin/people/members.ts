import { Type } from 'typebox';
import type { Group } from '../../directory/group.ts';
import type { Member, Role } from '../../directory/role.ts';
import type { User } from '../../directory/user.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Stores } from '../../stores.ts';
import type { AdminDeps } from '../deps.ts';
import { readPage } from '../paging.ts';
import { compare, createRecords } from '../records.ts';
import { closed, Id, ListOf, Page } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { showUserSummary } from './user-schemas.ts';
import { getUser } from './users.ts';

const MemberView = Type.Object(
  { id: Id, username: Type.String(), origin: Type.String({ description: '`admin`, `script` or `connection:<id>`.' }) },
  { title: 'Member' },
);
const OfMember = Type.Object({ id: Id, userId: Id });

/** Something that people are in or have. */
export interface Collection<Item extends Role | Group> {
  /** As routes and sentences name it. */
  name: Item extends Role ? 'role' : 'group';
  tags: string[];
  /** @throws AppError NOT_FOUND */
  get(stores: Stores, id: string): Promise<Item>;
  listMembers(stores: Stores, item: Item, page: { after: string | null; limit: number }): Promise<Member[]>;
  /** The account with it, or without. */
  add(user: User, item: Item): User;
  remove(user: User, item: Item): User;
}

/** `/roles/:id/members` and `/groups/:id/members`: the account changes, and so does its ETag. */
export function addMembers<Item extends Role | Group>(
  server: AdminServer,
  deps: Pick<AdminDeps, 'database' | 'clock'>,
  collection: Collection<Item>,
): void {
  const { database, clock } = deps;
  const record = createRecords(deps);
  const { name, tags } = collection;
  const verb = name === 'role' ? { add: 'Give a role to', remove: 'Take a role from' } : groupVerbs;
  const title = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const url = `/${name}s/:id/members`;

  server.route({
    method: 'GET',
    url,
    schema: {
      operationId: `list${title}Members`,
      tags,
      summary: name === 'role' ? 'List who has a role' : 'List who is in a group',
      params: Type.Object({ id: Id }),
      querystring: Type.Object(Page, closed),
      response: { 200: ListOf(MemberView) },
    },
    handler: async ({ params, query }) => {
      const item = await collection.get(database.read, params.id);
      return readPage(
        query,
        (page) => collection.listMembers(database.read, item, page),
        (member) => member,
      );
    },
  });

  server.route({
    method: 'PUT',
    url: `${url}/:userId`,
    schema: {
      operationId: `add${title}Member`,
      tags,
      summary: `${verb.add} a person`,
      params: OfMember,
      response: { 204: Type.Null() },
    },
    handler: async ({ params }, reply) => {
      await change(params, collection.add);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'DELETE',
    url: `${url}/:userId`,
    schema: {
      operationId: `remove${title}Member`,
      tags,
      summary: `${verb.remove} a person`,
      params: OfMember,
      response: { 204: Type.Null() },
    },
    handler: async ({ params }, reply) => {
      await change(params, collection.remove);
      return reply.code(204).send(null);
    },
  });

  async function change(
    { id, userId }: { id: string; userId: string },
    apply: (user: User, item: Item) => User,
  ): Promise<void> {
    await database.unit(async (stores) => {
      const item = await collection.get(stores, id);
      const before = await getUser(stores, userId);
      const after = { ...apply(before, item), updatedAt: clock.now() };
      const details = compare(showUserSummary(before), showUserSummary(after));
      if (!details) return;
      if (!(await stores.users.update(after))) throw new AppError('CHANGED_MEANWHILE');
      await record(stores, { type: 'user.updated', target: before.id, details });
    });
  }
}

const groupVerbs = { add: 'Put into a group', remove: 'Take out of a group' };
