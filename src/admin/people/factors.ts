import { Type } from 'typebox';
import { newTotpKey, totpUri } from '../../authenticators/totp/time-code.ts';
import { AppError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { createRecords } from '../records.ts';
import { ById, Id } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { getUser } from './users.ts';

const tags = ['Users'];
const maxFactors = 10;

/** `/users/:id/factors`: second factors that an admin gives or takes away. */
export function addFactors(server: AdminServer, { database, box, clock, issuerLabel }: AdminDeps): void {
  const record = createRecords({ clock });

  server.route({
    method: 'POST',
    url: '/users/:id/factors/totp',
    schema: {
      operationId: 'addTotpFactor',
      tags,
      summary: 'Give an account an authenticator app',
      description: 'The secret is told once, here: put it into the person’s app.',
      params: ById,
      response: {
        201: Type.Object({
          id: Id,
          secret: Type.String({ description: 'The shared key in base32.' }),
          otpauthUri: Type.String({ description: 'The same as a URI for an app to scan.' }),
        }),
      },
    },
    handler: async ({ params }, reply) => {
      const id = newId('factor');
      const secret = newTotpKey();
      const user = await database.unit(async (stores) => {
        const found = await getUser(stores, params.id);
        if ((await stores.users.listFactors(found.id)).length >= maxFactors) {
          const message = `The account has ${maxFactors} factors; remove one first.`;
          throw new ContentError([createContentFinding('TOO_MANY_FACTORS', '', message)]);
        }
        const secretSealed = box.seal(secret, `factors/${id}/secret`);
        const factor = { id, userId: found.id, type: 'totp', secretSealed, lastTimeStep: null } as const;
        await stores.users.insertFactor({ ...factor, createdAt: clock.now() });
        await record(stores, { type: 'factor.added', target: found.id, details: { factor: id, type: 'totp' } });
        return found;
      });
      reply.code(201).header('cache-control', 'no-store');
      return { id, secret, otpauthUri: totpUri({ key: secret, issuer: issuerLabel, account: user.username }) };
    },
  });

  server.route({
    method: 'DELETE',
    url: '/users/:id/factors/:factorId',
    schema: {
      operationId: 'removeFactor',
      tags,
      summary: 'Take a factor away from an account',
      description: 'For a person who lost the device. Where the flow allows it, the next sign-in sets up a new one.',
      params: Type.Object({ id: Id, factorId: Id }),
      response: { 204: Type.Null() },
    },
    handler: async ({ params }, reply) => {
      await database.unit(async (stores) => {
        const user = await getUser(stores, params.id);
        const factor = (await stores.users.listFactors(user.id)).find(({ id }) => id === params.factorId);
        if (!factor) throw new AppError('NOT_FOUND', { detail: 'The account has no factor with this id.' });
        await stores.users.deleteFactor(factor.id);
        await record(stores, {
          type: 'factor.removed',
          target: user.id,
          details: { factor: factor.id, type: factor.type },
        });
      });
      return reply.code(204).send(null);
    },
  });
}
