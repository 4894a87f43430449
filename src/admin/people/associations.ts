import { Type } from 'typebox';
import type { Association, User } from '../../directory/user.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { Stores } from '../../stores.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { createRecords, type RecordEvent } from '../records.ts';
import { ById, closed, Id } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { associationId } from './association-id.ts';
import { AssociationView, showAssociation } from './user-schemas.ts';
import { getUser } from './users.ts';

const tags = ['Users'];

/** `/users/:id/associations`: who a person is at the connections. An admin links and unlinks without a proof. */
export function addAssociations(server: AdminServer, deps: AdminDeps): void {
  const { database, clock, endAccess } = deps;
  const record = createRecords(deps);

  server.route({
    method: 'POST',
    url: '/users/:id/associations',
    schema: {
      operationId: 'linkAccount',
      tags,
      summary: 'Link an account to a person of a connection',
      description:
        'Whoever the provider vouches for under this `subject` signs in to this account from then on. A person who is linked elsewhere must be unlinked there first.',
      params: ById,
      body: Type.Object(
        {
          connectionId: Id,
          subject: Type.String({
            minLength: 1,
            maxLength: 255,
            pattern: '^\\P{C}+$',
            description: 'The provider’s own name for the person (`sub`).',
          }),
        },
        { ...closed, title: 'NewAssociation', examples: [{ connectionId: 'conn_…', subject: '1234567890' }] },
      ),
      response: { 201: AssociationView },
    },
    handler: async ({ params, body }, reply) => {
      const view = await database.unit(async (stores) => {
        const user = await getUser(stores, params.id);
        const connection = await stores.connections.findById(body.connectionId as ConnectionId);
        if (!connection) {
          throw new ContentError([
            createContentFinding('UNKNOWN_CONNECTION', '/connectionId', 'There is no such connection.'),
          ]);
        }
        const known = await stores.users.findAssociation(connection.id, body.subject);
        if (known) throw refuseLinked(known, user);
        const link = { connectionId: connection.id, subject: body.subject, userId: user.id };
        const association = { ...link, createdAt: clock.now() };
        await stores.users.insertAssociation(association);
        const details = { connection: connection.name, ...link, by: 'admin', before: null, after: link };
        await record(stores, { type: 'association.created', target: user.id, details });
        return showAssociation(association, connection.name);
      });
      reply.code(201);
      return view;
    },
  });

  server.route({
    method: 'DELETE',
    url: '/users/:id/associations/:associationId',
    schema: {
      operationId: 'unlinkAccount',
      tags,
      summary: 'Unlink an account from a person of a connection',
      description:
        'Sessions, tokens and pending sign-ins of the account end at once. The account stays; at the next sign-in through the connection the person is new.',
      params: Type.Object({ id: Id, associationId: Id }),
      response: { 204: Type.Null() },
    },
    handler: async ({ params }, reply) => {
      await database.unit(async (stores) => {
        const user = await getUser(stores, params.id);
        const links = await stores.users.listAssociations(user.id);
        const association = links.find((link) => associationId(link) === params.associationId);
        if (!association) throw new AppError('NOT_FOUND', { detail: 'The account has no link with this id.' });
        await endAccess(stores, user.id, 'ACCESS_DENIED');
        const connection = await stores.connections.findById(association.connectionId);
        await unlink(stores, record, association, connection?.name ?? null);
      });
      return reply.code(204).send(null);
    },
  });
}

/** Removes a link, with an event. Must be called in the unit of what it is for. */
export async function unlink(
  stores: Pick<Stores, 'users' | 'audit'>,
  record: RecordEvent,
  { connectionId, subject, userId }: Association,
  connection: string | null,
): Promise<void> {
  await stores.users.deleteAssociation(connectionId, subject);
  const before = { connectionId, subject, userId };
  const details = { connection, connectionId, subject, by: 'admin', before, after: null };
  await record(stores, { type: 'association.removed', target: userId, details });
}

function refuseLinked({ userId }: Association, user: User): ContentError {
  const message =
    userId === user.id
      ? 'This link is there already.'
      : `This person of the connection is linked to the account ${userId}.`;
  const mend = userId === user.id ? 'Nothing is to be done.' : 'Unlink it there first.';
  return new ContentError([createContentFinding('LINKED', '/subject', message, mend)], { code: 'CONFLICT' });
}
