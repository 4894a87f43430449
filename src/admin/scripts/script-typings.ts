import { Type } from 'typebox';
import { listOffered } from '../../validator/offered.ts';
import { getApplication } from '../applications/applications.ts';
import { findLive } from '../applications/sign-in-flow.ts';
import type { AdminDeps } from '../deps.ts';
import { readKnowledge } from '../knowledge.ts';
import { listAll } from '../paging.ts';
import { ById } from '../schemas.ts';
import type { AdminServer } from '../server.ts';

/** `/applications/:id/script-typings`: what an editor checks the application's script with. */
export function addScriptTypings(server: AdminServer, deps: AdminDeps): void {
  const { database, scriptReference, writeTypings } = deps;
  server.route({
    method: 'GET',
    url: '/applications/:id/script-typings',
    schema: {
      operationId: 'getScriptTypings',
      tags: ['Scripts'],
      summary: 'Read the typings for an application’s script',
      description:
        'TypeScript declarations (`.d.ts`), with the steps and options of the draft, or else of the live flow, and with connections and roles by name.',
      produces: ['application/typescript'],
      params: ById,
      response: { 200: Type.String() },
    },
    handler: async ({ params }, reply) => {
      const application = await getApplication(database.read, params.id);
      const flow = application.draft ?? (await findLive(database.read, application))?.flow ?? null;
      const knowledge = await readKnowledge(deps, database.read, application.id);
      const typings = writeTypings({
        steps: listOffered(flow?.steps ?? [], knowledge).map((options) => ({ options })),
        authenticators: scriptReference.authenticators,
        connections: knowledge.connections?.map(({ name }) => name) ?? null,
        libraries: knowledge.libraries?.map(({ name }) => name) ?? null,
        roles: knowledge.names?.role ?? null,
        applicationRoles: knowledge.names?.['application role'] ?? null,
        groups: (await listAll((page) => database.read.groups.list(page))).map(({ name }) => name),
        secrets: knowledge.names?.secret ?? null,
      });
      return reply.type('application/typescript; charset=utf-8').send(typings);
    },
  });
}
