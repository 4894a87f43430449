import { Type } from 'typebox';
import type { Connection, ConnectionKey } from '../../connections/connection.ts';
import { makeConnectionKey } from '../../connections/connection-keys.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { Stores } from '../../stores.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { createRecords } from '../records.ts';
import { ById, Id } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { sendResource } from '../versioning.ts';
import { ConnectionView, showConnection } from './connection-schemas.ts';

const tags = ['Connections'];
const ByKey = Type.Object({ id: Id, key: Id });

/** More are confusing, and make metadata that some providers do not take. */
const mostKeys = 4;

/**
 * `/connections/:id/keys`: our own keys towards a provider, changed without a break: make the next one (it is published and
 * opens what comes encrypted), let the provider read it, activate it (it signs), and delete the one before.
 */
export function addConnectionKeys(server: AdminServer, deps: AdminDeps): void {
  const { database, box, clock, settings } = deps;
  const record = createRecords(deps);

  /** Writes other keys, and tells what was done. */
  async function change(
    id: string,
    how: { type: string; keys(connection: Connection): ConnectionKey[] },
  ): Promise<Connection> {
    return database.unit(async (stores) => {
      const before = await getWithKeys(stores, id);
      const after = { ...before, keys: how.keys(before), updatedAt: clock.now() };
      if (!(await stores.connections.update(after))) throw new AppError('CHANGED_MEANWHILE');
      const brief = ({ keys }: Connection) => keys.map(({ id: key, state }) => ({ key, state }));
      const details = { before: { keys: brief(before) }, after: { keys: brief(after) } };
      await record(stores, { type: how.type, target: before.id, details });
      return { ...after, revision: after.revision + 1 };
    });
  }

  server.route({
    method: 'POST',
    url: '/connections/:id/keys',
    schema: {
      operationId: 'makeConnectionKey',
      tags,
      summary: 'Make the connection’s next key',
      description: 'It is published at once, and opens what is encrypted for it; the active one goes on signing.',
      params: ById,
      response: { 201: ConnectionView },
    },
    handler: async ({ params }, reply) => {
      await getWithKeys(database.read, params.id);
      const now = clock.now();
      const key = await makeConnectionKey(box, params.id as ConnectionId, { state: 'next', now });
      const connection = await change(params.id, {
        type: 'connection.key-made',
        keys({ keys }) {
          if (keys.length >= mostKeys)
            throw refusal('TOO_MANY_KEYS', `There are ${keys.length} keys: delete one first.`);
          return [...keys, keys.length === 0 ? { ...key, state: 'active' } : key];
        },
      });
      sendResource(reply, connection).code(201);
      return showConnection(connection, settings);
    },
  });

  server.route({
    method: 'POST',
    url: '/connections/:id/keys/:key/activate',
    schema: {
      operationId: 'activateConnectionKey',
      tags,
      summary: 'Sign with this key from now on',
      description: 'Do this when the provider has read our metadata or keys. The one before still opens what comes.',
      params: ByKey,
      response: { 200: ConnectionView },
    },
    handler: async ({ params }, reply) => {
      const connection = await change(params.id, {
        type: 'connection.key-activated',
        keys: ({ keys }) => {
          const chosen = getKey(keys, params.key);
          return keys.map((key) => {
            if (key === chosen) return { ...key, state: 'active' };
            return key.state === 'active' ? { ...key, state: 'previous' } : key;
          });
        },
      });
      sendResource(reply, connection);
      return showConnection(connection, settings);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/connections/:id/keys/:key',
    schema: {
      operationId: 'deleteConnectionKey',
      tags,
      summary: 'Delete a key that does not sign',
      params: ByKey,
      response: { 204: Type.Null() },
    },
    handler: async ({ params }, reply) => {
      await change(params.id, {
        type: 'connection.key-deleted',
        keys: ({ keys }) => {
          const gone = getKey(keys, params.key);
          if (gone.state === 'active') throw refusal('KEY_ACTIVE', 'This key signs: activate another one first.');
          return keys.filter((key) => key !== gone);
        },
      });
      return reply.code(204).send(null);
    },
  });
}

/** @throws AppError NOT_FOUND; ContentError for a connection whose protocol has no keys of ours */
async function getWithKeys({ connections }: Pick<Stores, 'connections'>, id: string): Promise<Connection> {
  const found = await connections.findById(id as ConnectionId);
  if (!found) throw new AppError('NOT_FOUND', { detail: 'No connection has this id.' });
  if (found.type === 'oauth2') throw refusal('NOT_FOR_TYPE', 'OAuth 2.0 connections have no keys of ours.');
  return found;
}

function getKey(keys: readonly ConnectionKey[], id: string): ConnectionKey {
  const found = keys.find((key) => key.id === id);
  if (!found) throw new AppError('NOT_FOUND', { detail: 'The connection has no such key.' });
  return found;
}

function refusal(code: string, message: string): ContentError {
  return new ContentError([createContentFinding(code, '/keys', message)]);
}
