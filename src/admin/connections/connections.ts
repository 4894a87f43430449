import { Type } from 'typebox';
import type { SignInRule } from '../../applications/sign-in-rule.ts';
import { type Connection, connectionKey } from '../../connections/connection.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { Stores } from '../../stores.ts';
import { AffectedApplication, listAffected } from '../applications/affected-applications.ts';
import { carryRules } from '../applications/carry-rules.ts';
import { ContentError, createContentFinding, refuseIfAny } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { toKnown } from '../knowledge.ts';
import { readPage } from '../paging.ts';
import { compare, createRecords, masked } from '../records.ts';
import { ById, closed, IfMatch, ListOf, Page } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { checkIfMatch, sendResource } from '../versioning.ts';
import { checkConnection, findChangedSubjects, findUnsentSecret } from './connection-checks.ts';
import { makeConnection, makeSpareKey, mergeConnection } from './connection-content.ts';
import { ConnectionPatch, ConnectionView, NewConnection, showConnection } from './connection-schemas.ts';
import { deleteConnection, People } from './delete-connection.ts';

const tags = ['Connections'];

/** `/connections`: the identity providers whose people may sign in. */
export function addConnections(server: AdminServer, deps: AdminDeps): void {
  const { database, settings } = deps;
  const record = createRecords(deps);
  const show = (connection: Connection) => showConnection(connection, settings);

  server.route({
    method: 'POST',
    url: '/connections',
    schema: {
      operationId: 'createConnection',
      tags,
      summary: 'Make a connection',
      description:
        'Register `callbackUrl` from the answer at the provider. The provider is not asked before the first sign-in, or before `POST /connections/:id/test`.',
      body: NewConnection,
      response: { 201: ConnectionView },
    },
    handler: async ({ body }, reply) => {
      const connection = await makeConnection(deps, body);
      refuseIfAny(checkConnection(connection, settings));
      await database.unit(async (stores) => {
        await refuseTakenName(stores, connection);
        await refuseTakenDomains(stores, connection);
        await stores.connections.insert(connection);
        const details = { before: null, after: show(connection) };
        await record(stores, { type: 'connection.created', target: connection.id, details });
      });
      sendResource(reply, connection).code(201);
      return show(connection);
    },
  });

  server.route({
    method: 'GET',
    url: '/connections',
    schema: {
      operationId: 'listConnections',
      tags,
      summary: 'List connections',
      querystring: Type.Object(Page, closed),
      response: { 200: ListOf(ConnectionView) },
    },
    handler: ({ query }) => readPage(query, (page) => database.read.connections.list(page), show),
  });

  server.route({
    method: 'GET',
    url: '/connections/:id',
    schema: {
      operationId: 'getConnection',
      tags,
      summary: 'Read a connection',
      params: ById,
      response: { 200: ConnectionView },
    },
    handler: async ({ params }, reply) => {
      const connection = await getConnection(database.read, params.id);
      sendResource(reply, connection);
      return show(connection);
    },
  });

  server.route({
    method: 'PATCH',
    url: '/connections/:id',
    schema: {
      operationId: 'changeConnection',
      tags,
      summary: 'Change a connection',
      description:
        'Turning JIT provisioning off, linking alone (skipJitOnNoMatch), disabling and renaming answer with `affectedApplications`: those whose flow offers the connection, or whose script or scenarios have the name that it had, with the warnings that their flow has now. Sign-in rules that name it go along with the new name; flows, scripts and scenarios do not. A connection that people are linked through keeps its provider and what they are known by there. Another `issuer` or `tokenEndpoint`, or `clientAuthentication` set to `secret`, needs the `clientSecret` again: the stored one is sent to nobody else.',
      params: ById,
      headers: IfMatch,
      body: ConnectionPatch,
      response: {
        200: Type.Interface(
          [ConnectionView],
          { affectedApplications: Type.Optional(Type.Array(AffectedApplication)) },
          { title: 'ChangedConnection' },
        ),
      },
    },
    handler: async ({ params, headers, body }, reply) => {
      const spareKey = await makeSpareKey(deps, params.id as ConnectionId, body);
      const { connection, affects } = await database.unit(async (stores) => {
        const before = await getConnection(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        const after = mergeConnection(deps, before, body, spareKey);
        const secret = body.clientSecret === undefined ? {} : { clientSecret: masked };
        const details = compare(show(before), { ...show(after), ...secret });
        if (!details) return { connection: before, affects: null };
        refuseIfAny(checkConnection(after, settings));
        const changedSubjects = findChangedSubjects(before, after);
        if (changedSubjects.length > 0 && (await stores.users.listAssociationsOf(before.id, 1)).length > 0)
          throw new ContentError(changedSubjects, { code: 'CONFLICT' });
        refuseIfAny(findUnsentSecret(before, after, body));
        const renamed = connectionKey(after.name) !== connectionKey(before.name);
        if (renamed) await refuseTakenName(stores, after);
        await refuseTakenDomains(stores, after);
        if (!(await stores.connections.update(after))) throw new AppError('CHANGED_MEANWHILE');
        await record(stores, { type: 'connection.updated', target: before.id, details });
        if (renamed) await carryRules(deps, stores, (rule) => [rename(rule, before.name, after.name)]);
        const turnedOff = lacksAccounts(after) > lacksAccounts(before) || (before.enabled && !after.enabled);
        return {
          connection: { ...after, revision: after.revision + 1 },
          affects: turnedOff || renamed ? { from: before.name, to: renamed ? after.name : null } : null,
        };
      });
      const affected = affects === null ? null : await listAffected(deps, database.read, affects);
      sendResource(reply, connection);
      return { ...show(connection), ...(affected ? { affectedApplications: affected } : {}) };
    },
  });

  server.route({
    method: 'DELETE',
    url: '/connections/:id',
    schema: {
      operationId: 'deleteConnection',
      tags,
      summary: 'Delete a connection',
      description:
        'The links of its people go with it. Where there are any, `people` says what becomes of their accounts. Flows that offer the connection have an error from then on.',
      params: ById,
      headers: IfMatch,
      querystring: Type.Object({ people: Type.Optional(People) }, closed),
      response: { 204: Type.Null() },
    },
    handler: async ({ params, headers, query }, reply) => {
      await deleteConnection(deps, { id: params.id, ifMatch: headers['if-match'], people: query.people, show });
      return reply.code(204).send(null);
    },
  });
}

/** A rule that lets people in by the connection goes on doing so. */
function rename(rule: SignInRule, from: string, to: string): SignInRule {
  if (rule.kind !== 'connections') return rule;
  const allowed = rule.allowed.map((name) => (connectionKey(name) === connectionKey(from) ? to : name));
  return { ...rule, allowed };
}

/** How far people can come through it without an account: 0 not at all, 1 where no linking rule fits, 2 all. */
function lacksAccounts(connection: Connection): number {
  return ['always', 'if-linked', 'never'].indexOf(toKnown(connection).accounts);
}

/** @throws AppError NOT_FOUND */
export async function getConnection({ connections }: Pick<Stores, 'connections'>, id: string): Promise<Connection> {
  const found = await connections.findById(id as ConnectionId);
  if (!found) throw new AppError('NOT_FOUND', { detail: 'No connection has this id.' });
  return found;
}

async function refuseTakenDomains(
  { connections }: Pick<Stores, 'connections'>,
  { id, domains }: Connection,
): Promise<void> {
  for (const [i, domain] of domains.entries()) {
    const other = await connections.findByDomain(domain);
    if (!other || other.id === id) continue;
    const message = `«${domain}» belongs to the connection «${other.name}».`;
    throw new ContentError([createContentFinding('DOMAIN_TAKEN', `/domains/${i}`, message)], { code: 'CONFLICT' });
  }
}

async function refuseTakenName({ connections }: Pick<Stores, 'connections'>, { name }: Connection): Promise<void> {
  const other = await connections.findByName(name);
  if (!other) return;
  const message =
    other.name === name
      ? `There is a connection named «${name}».`
      : `There is a connection named «${other.name}», and a space and an underscore are the same.`;
  throw new ContentError([createContentFinding('NAME_TAKEN', '/name', message)], { code: 'CONFLICT' });
}
