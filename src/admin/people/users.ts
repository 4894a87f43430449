import { Type } from 'typebox';
import { identifierKeys } from '../../directory/find-by-identifier.ts';
import { checkNewPassword } from '../../directory/passwords.ts';
import { createThrottling } from '../../directory/throttling.ts';
import type { User } from '../../directory/user.ts';
import { isUsername, usernameKey } from '../../directory/usernames.ts';
import { AppError } from '../../kernel/errors.ts';
import { newId, type UserId } from '../../kernel/ids.ts';
import type { Stores } from '../../stores.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { listAll, readPage } from '../paging.ts';
import { compare, createRecords, masked } from '../records.ts';
import { ById, closed, IfMatch, ListOf, Page } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { checkIfMatch, sendResource } from '../versioning.ts';
import { deleteUser } from './delete-user.ts';
import { forgiveUser } from './forgive-user.ts';
import { changeUser } from './user-content.ts';
import { NewUser, showUser, showUserSummary, UserPatch, UserSummary, UserView } from './user-schemas.ts';

const tags = ['Users'];

/** `/users`: the people who have an account here. */
export function addUsers(server: AdminServer, deps: AdminDeps): void {
  const { database, clock, passwords, endAccess } = deps;
  const record = createRecords(deps);
  const throttling = createThrottling(deps);

  server.route({
    method: 'POST',
    url: '/users',
    schema: {
      operationId: 'createUser',
      tags,
      summary: 'Make an account',
      description:
        'Without a password the person signs in through a connection, or sets one with «forgotten password».',
      body: NewUser,
      response: { 201: UserView },
    },
    handler: async ({ body }, reply) => {
      const { password, ...content } = body;
      const now = clock.now();
      const id = newId('user');
      const empty = {
        username: '',
        usernameKey: '',
        attributes: [],
        verified: [],
        roles: [],
        applicationRoles: [],
        groups: [],
      };
      const base = { ...empty, id, subject: id, userStore: 'PRIMARY', locked: false, disabled: false };
      const user = changeUser({ ...base, createdAt: now, updatedAt: now, revision: 1 }, content, now);
      const hash = password === undefined ? null : await hashPassword(password, user);
      const view = await database.unit(async (stores) => {
        await refuseTakenName(stores, user);
        await stores.users.insert(user);
        if (hash !== null) await stores.users.setPasswordHash(id, hash);
        const secret = hash === null ? {} : { password: masked };
        const details = { before: null, after: { ...showUserSummary(user), ...secret } };
        await record(stores, { type: 'user.created', target: id, details });
        return readView(stores, user);
      });
      sendResource(reply, user).code(201);
      return view;
    },
  });

  server.route({
    method: 'GET',
    url: '/users',
    schema: {
      operationId: 'listUsers',
      tags,
      summary: 'List accounts, or find one by its user name',
      querystring: Type.Object(
        {
          ...Page,
          username: Type.Optional(
            Type.String({ maxLength: 255, description: 'Only the account with this user name.' }),
          ),
        },
        closed,
      ),
      response: { 200: ListOf(UserSummary) },
    },
    handler: async ({ query: { username, ...page } }) => {
      if (username === undefined) return readPage(page, (part) => database.read.users.list(part), showUserSummary);
      const found = isUsername(username) ? await database.read.users.findByUsernameKey(usernameKey(username)) : null;
      return { items: found ? [showUserSummary(found)] : [] };
    },
  });

  server.route({
    method: 'GET',
    url: '/users/:id',
    schema: { operationId: 'getUser', tags, summary: 'Read an account', params: ById, response: { 200: UserView } },
    handler: async ({ params }, reply) => {
      const user = await getUser(database.read, params.id);
      sendResource(reply, user);
      return readView(database.read, user);
    },
  });

  server.route({
    method: 'PATCH',
    url: '/users/:id',
    schema: {
      operationId: 'changeUser',
      tags,
      summary: 'Change an account',
      params: ById,
      headers: IfMatch,
      body: UserPatch,
      response: { 200: UserView },
    },
    handler: async ({ params, headers, body }, reply) => {
      const { password, ...patch } = body;
      const hash =
        typeof password === 'string' ? await hashPassword(password, await getUser(database.read, params.id)) : null;
      const { user, view } = await database.unit(async (stores) => {
        const before = await getUser(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        const after = changeUser(before, patch, clock.now());
        if (patch.locked === false) await forgiveUser(throttling, stores, after);
        const secret = password === undefined ? {} : { password: masked };
        const details = compare(showUserSummary(before), { ...showUserSummary(after), ...secret });
        if (!details) return { user: before, view: await readView(stores, before) };

        if (after.usernameKey !== before.usernameKey) await refuseTakenName(stores, after);
        if (!(await stores.users.update(after))) throw new AppError('CHANGED_MEANWHILE');
        if (password !== undefined) {
          await stores.users.setPasswordHash(before.id, hash);
          await forgiveUser(throttling, stores, after);
          await endAccess(stores, before.id, 'ACCESS_DENIED');
        }
        if (after.locked && !before.locked) await endAccess(stores, before.id, 'ACCOUNT_LOCKED');
        if (after.disabled && !before.disabled) await endAccess(stores, before.id, 'ACCOUNT_DISABLED');
        await record(stores, { type: 'user.updated', target: before.id, details });
        const written = { ...after, revision: after.revision + 1 };
        return { user: written, view: await readView(stores, written) };
      });
      sendResource(reply, user);
      return view;
    },
  });

  server.route({
    method: 'DELETE',
    url: '/users/:id',
    schema: {
      operationId: 'deleteUser',
      tags,
      summary: 'Delete an account',
      description:
        'Sessions, tokens and pending sign-ins end at once; password, factors and linked accounts go with it. The person is erased from scenarios, from the details of audit events and from the journals of past sign-ins, which cannot be read or played again.',
      params: ById,
      headers: IfMatch,
      response: { 204: Type.Null() },
    },
    handler: async ({ params, headers }, reply) => {
      await database.unit(async (stores) => {
        const before = await getUser(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        await deleteUser(deps, stores, record, before);
      });
      return reply.code(204).send(null);
    },
  });

  async function hashPassword(password: string, user: User): Promise<string> {
    try {
      checkNewPassword(password, identifierKeys(user));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const finding = createContentFinding(error.code, '/password', error.message);
      throw new ContentError([finding], { code: error.code });
    }
    return passwords.hash(password);
  }

  async function readView(stores: Stores, user: User) {
    const connections = await listAll((page) => stores.connections.list(page));
    return showUser(user, {
      hasPassword: (await stores.users.findPasswordHash(user.id)) !== null,
      factors: await stores.users.listFactors(user.id),
      associations: await stores.users.listAssociations(user.id),
      connections: new Map(connections.map((connection) => [connection.id, connection])),
    });
  }
}

/** @throws AppError NOT_FOUND */
export async function getUser({ users }: Pick<Stores, 'users'>, id: string): Promise<User> {
  const found = await users.findById(id as UserId);
  if (!found) throw new AppError('NOT_FOUND', { detail: 'No user has this id.' });
  return found;
}

async function refuseTakenName({ users }: Pick<Stores, 'users'>, { username, usernameKey: key }: User): Promise<void> {
  const other = await users.findByUsernameKey(key);
  if (!other) return;
  const finding = createContentFinding(
    'USERNAME_TAKEN',
    '/username',
    `«${username}» is the user name of another account.`,
  );
  throw new ContentError([finding], { code: 'USERNAME_TAKEN' });
}
