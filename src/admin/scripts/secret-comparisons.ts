import { hash, timingSafeEqual } from 'node:crypto';
import { Type } from 'typebox';
import { openClientSecret } from '../../connections/client-secret.ts';
import { openSecret } from '../../secrets/secret.ts';
import { getConnection } from '../connections/connections.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import { ById, closed } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { getSecret } from './secrets.ts';

const Given = Type.Object(
  { value: Type.String({ minLength: 1, maxLength: 10_000, description: 'It is not kept.' }) },
  { ...closed, examples: [examples.secretPatch] },
);
const Comparison = Type.Object({ same: Type.Boolean() }, { title: 'Comparison' });

/**
 * `/secrets/:id/compare` and `/connections/:id/client-secret/compare`: does somebody have the value that is kept here? So
 * files that name secrets can be applied twice without changing anything, and the server need not tell a hash of them.
 */
export function addSecretComparisons(server: AdminServer, { database, box }: AdminDeps): void {
  server.route({
    method: 'POST',
    url: '/secrets/:id/compare',
    schema: {
      operationId: 'compareSecret',
      tags: ['Secrets'],
      summary: 'Ask whether a secret has a value',
      params: ById,
      body: Given,
      response: { 200: Comparison },
    },
    handler: async ({ params, body }) => {
      const { name, version } = await getSecret(database.read, params.id);
      const kept = await database.read.secrets.findVersion(name, version);
      return { same: kept !== null && areSame(openSecret(box, kept), body.value) };
    },
  });

  server.route({
    method: 'POST',
    url: '/connections/:id/client-secret/compare',
    schema: {
      operationId: 'compareClientSecret',
      tags: ['Connections'],
      summary: 'Ask whether a connection’s client secret has a value',
      params: ById,
      body: Given,
      response: { 200: Comparison },
    },
    handler: async ({ params, body }) => {
      const connection = await getConnection(database.read, params.id);
      const kept = connection.type === 'saml' ? null : openClientSecret(box, connection);
      return { same: kept !== null && areSame(kept, body.value) };
    },
  });
}

function areSame(one: string, other: string): boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer');
  return timingSafeEqual(digest(one), digest(other));
}
