import { type Static, Type } from 'typebox';
import { AppError } from '../../kernel/errors.ts';
import { newId, type SecretId } from '../../kernel/ids.ts';
import { type Secret, type SecretVersion, sealSecret, secretName } from '../../secrets/secret.ts';
import type { Stores } from '../../stores.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import { readPage } from '../paging.ts';
import { createRecords, masked } from '../records.ts';
import { ById, closed, Id, IfMatch, ListOf, Page, Revision, Time } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { checkIfMatch, sendResource } from '../versioning.ts';

const tags = ['Secrets'];

const Value = Type.String({
  minLength: 1,
  maxLength: 10_000,
  description: 'Taken in and never shown again.',
});
const NewSecret = Type.Object(
  {
    name: Type.String({
      pattern: secretName.source,
      description: 'As scripts say it, `secrets.RISK_KEY`: letters, digits, `_` and `-`.',
    }),
    value: Value,
  },
  { ...closed, title: 'NewSecret', examples: [examples.newSecret] },
);
const SecretPatch = Type.Object(
  { value: Type.Optional(Value) },
  { ...closed, title: 'SecretPatch', examples: [examples.secretPatch] },
);
const SecretView = Type.Object(
  {
    id: Id,
    name: Type.String(),
    version: Type.Integer({ description: 'How many values it has had.' }),
    createdAt: Time,
    updatedAt: Time,
    revision: Revision,
  },
  { title: 'Secret' },
);

/** `/secrets`: values that scripts send, and that neither they nor anybody else gets to see. */
export function addSecrets(server: AdminServer, deps: AdminDeps): void {
  const { database, clock, box } = deps;
  const record = createRecords(deps);

  server.route({
    method: 'POST',
    url: '/secrets',
    schema: {
      operationId: 'createSecret',
      tags,
      summary: 'Keep a secret',
      body: NewSecret,
      response: { 201: SecretView },
    },
    handler: async ({ body: { name, value } }, reply) => {
      const now = clock.now();
      const secret: Secret = { id: newId('secret'), name, version: 1, createdAt: now, updatedAt: now, revision: 1 };
      await database.unit(async (stores) => {
        if (await stores.secrets.findByName(name)) {
          const message = `There is a secret named «${name}»: give it another value with PATCH.`;
          throw new ContentError([createContentFinding('NAME_TAKEN', '/name', message)], { code: 'CONFLICT' });
        }
        await stores.secrets.insert(secret, sealVersion(secret, value));
        const details = { before: null, after: { name, value: masked } };
        await record(stores, { type: 'secret.created', target: secret.id, details });
      });
      sendResource(reply, secret).code(201);
      return showSecret(secret);
    },
  });

  server.route({
    method: 'GET',
    url: '/secrets',
    schema: {
      operationId: 'listSecrets',
      tags,
      summary: 'List secrets, without their values',
      querystring: Type.Object(Page, closed),
      response: { 200: ListOf(SecretView) },
    },
    handler: ({ query }) => readPage(query, (page) => database.read.secrets.list(page), showSecret),
  });

  server.route({
    method: 'GET',
    url: '/secrets/:id',
    schema: {
      operationId: 'getSecret',
      tags,
      summary: 'Read about a secret, without its value',
      params: ById,
      response: { 200: SecretView },
    },
    handler: async ({ params }, reply) => {
      const secret = await getSecret(database.read, params.id);
      sendResource(reply, secret);
      return showSecret(secret);
    },
  });

  server.route({
    method: 'PATCH',
    url: '/secrets/:id',
    schema: {
      operationId: 'rotateSecret',
      tags,
      summary: 'Give a secret another value',
      description: 'Sign-ins that have begun go on with the value they began with; new ones get the new one.',
      params: ById,
      headers: IfMatch,
      body: SecretPatch,
      response: { 200: SecretView },
    },
    handler: async ({ params, headers, body: { value } }, reply) => {
      const secret = await database.unit(async (stores) => {
        const before = await getSecret(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        if (value === undefined) return before;
        const after: Secret = { ...before, version: before.version + 1, updatedAt: clock.now() };
        if (!(await stores.secrets.rotate(after, sealVersion(after, value)))) throw new AppError('CHANGED_MEANWHILE');
        const details = { before: { version: before.version }, after: { version: after.version, value: masked } };
        await record(stores, { type: 'secret.rotated', target: before.id, details });
        return { ...after, revision: after.revision + 1 };
      });
      sendResource(reply, secret);
      return showSecret(secret);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/secrets/:id',
    schema: {
      operationId: 'deleteSecret',
      tags,
      summary: 'Delete a secret and all its values',
      description: 'Scripts that name it fail from then on, also in sign-ins that have begun.',
      params: ById,
      headers: IfMatch,
      response: { 204: Type.Null() },
    },
    handler: async ({ params, headers }, reply) => {
      await database.unit(async (stores) => {
        const before = await getSecret(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        await stores.secrets.delete(before.id);
        const details = { before: { name: before.name }, after: null };
        await record(stores, { type: 'secret.deleted', target: before.id, details });
      });
      return reply.code(204).send(null);
    },
  });

  function sealVersion({ id, version, updatedAt }: Secret, value: string): SecretVersion {
    return { id, version, valueSealed: sealSecret(box, id, version, value), createdAt: updatedAt };
  }
}

/** @throws AppError NOT_FOUND */
export async function getSecret({ secrets }: Pick<Stores, 'secrets'>, id: string): Promise<Secret> {
  const found = await secrets.findById(id as SecretId);
  if (!found) throw new AppError('NOT_FOUND', { detail: 'No secret has this id.' });
  return found;
}

function showSecret({ createdAt, updatedAt, ...secret }: Secret): Static<typeof SecretView> {
  return { ...secret, createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() };
}
