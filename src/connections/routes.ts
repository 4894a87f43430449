import type { FastifyInstance } from 'fastify';
import type { ConnectionId } from '../kernel/ids.ts';
import type { Connection, ConnectionStore } from './connection.ts';
import { listPublicKeys } from './connection-keys.ts';
import { writeSamlMetadata } from './saml-metadata.ts';

/**
 * What identity providers may read of us; nothing of it is secret.
 *
 *   GET /connections/:id/metadata   our SAML metadata
 *   GET /connections/:id/jwks       our public keys towards an OpenID provider
 */
export function registerConnectionRoutes(
  server: FastifyInstance,
  { connections, publicUrl }: { connections: Pick<ConnectionStore, 'findById'>; publicUrl: string },
): void {
  const find = async <T extends Connection['type']>(id: string, type: T) => {
    const found = await connections.findById(id as ConnectionId);
    return found?.type === type ? (found as Extract<Connection, { type: T }>) : null;
  };

  server.get<{ Params: { id: string } }>('/connections/:id/metadata', async ({ params }, reply) => {
    const connection = await find(params.id, 'saml');
    if (!connection) return reply.callNotFound();
    return reply.type('application/samlmetadata+xml').send(writeSamlMetadata(connection, publicUrl));
  });

  server.get<{ Params: { id: string } }>('/connections/:id/jwks', async ({ params }, reply) => {
    const connection = await find(params.id, 'oidc');
    if (!connection) return reply.callNotFound();
    return { keys: listPublicKeys(connection) };
  });
}
