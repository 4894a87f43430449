import { Type } from 'typebox';
import { AppError } from '../kernel/errors.ts';
import type { LoginId } from '../kernel/ids.ts';
import { ReplayAnswer, WhatIfAnswer } from '../lab/replay-types.ts';
import type { OtherFlow } from '../lab/replays.ts';
import type { PublishedFlow } from '../login/flow.ts';
import { pinFlow } from '../validator/validate.ts';
import { getApplication } from './applications.ts';
import type { AdminDeps } from './deps.ts';
import { flowParts, readGivenFlow } from './flow-checks.ts';
import { readKnowledge } from './knowledge.ts';
import { listAll } from './paging.ts';
import { ById, closed } from './schemas.ts';
import type { AdminServer } from './server.ts';
import { getVersion } from './sign-in-flow.ts';

const version = Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 }));

/** `/logins/:id/replay` and `/applications/:id/what-if`: past sign-ins, played again. */
export function addReplays(server: AdminServer, deps: AdminDeps): void {
  const { database, replays } = deps;

  server.route({
    method: 'POST',
    url: '/logins/:id/replay',
    schema: {
      operationId: 'replayLogin',
      tags: ['History'],
      summary: 'Play a sign-in again',
      description:
        'With what its journal has, and nobody else to answer. Nothing is sent and nothing is changed. Without content: with the version that it began with; else with another version, the draft, or the script and the steps that are given, up to what the journal cannot answer. `differs` is the first thing that is otherwise.',
      params: ById,
      body: Type.Object(
        {
          ...flowParts,
          version,
          draft: Type.Optional(Type.Boolean({ description: 'With the draft; what is live where there is none.' })),
        },
        { ...closed, examples: [{ version: 3 }] },
      ),
      response: { 200: ReplayAnswer },
    },
    preValidation: async (request) => {
      request.body ??= {};
    },
    handler: async ({ params, body }) => {
      const login = await database.read.logins.findById(params.id as LoginId);
      if (!login) throw new AppError('NOT_FOUND', { detail: 'No sign-in has this id; old ones are removed.' });
      const { draft = false, ...given } = body;
      const other = draft || Object.keys(given).length > 0 ? await findOther(login.applicationId, given) : null;
      return replays.replay(login, other);
    },
  });

  server.route({
    method: 'POST',
    url: '/applications/:id/what-if',
    schema: {
      operationId: 'whatIf',
      tags: ['Sign-in flows'],
      summary: 'Play the newest sign-ins of an application with another flow',
      description:
        'Each is played with the version that it began with and with the draft (or the version, or the script and the steps that are given), and what comes of both is compared. With `progress` the answer comes as lines of JSON: `{"progress": {"done", "of"}}` as it goes on, and `{"result"}` at the end.',
      params: ById,
      body: Type.Object(
        {
          ...flowParts,
          version,
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200 })),
          progress: Type.Optional(Type.Boolean()),
        },
        { ...closed, examples: [{ limit: 1000 }] },
      ),
      response: { 200: WhatIfAnswer },
    },
    preValidation: async (request) => {
      request.body ??= {};
    },
    handler: async ({ params, body: { limit = 200, progress = false, ...given } }, reply) => {
      const { id } = await getApplication(database.read, params.id);
      const other = await findOther(id, given);
      if (!progress) return replays.whatIf(id, other, { limit });
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
      const write = (line: object) => raw.write(`${JSON.stringify(line)}\n`);
      try {
        const result = await replays.whatIf(id, other, {
          limit,
          progress: (done, of) => done % 20 === 0 && write({ progress: { done, of } }),
        });
        write({ result });
      } catch (failure) {
        if (!(failure instanceof AppError)) throw failure;
        write({ failure: { code: failure.code, message: failure.message } });
      } finally {
        raw.end();
      }
    },
  });

  async function findOther(
    id: string,
    { version, ...given }: Parameters<typeof readGivenFlow>[2] & { version?: number },
  ): Promise<OtherFlow> {
    const application = await getApplication(database.read, id);
    const flow: PublishedFlow =
      version === undefined
        ? (await readGivenFlow(database.read, id, given)).flow
        : (await getVersion(database.read, application, version)).flow;
    const knowledge = await readKnowledge(deps, database.read, application.id);
    return {
      flow: pinFlow(flow, knowledge),
      connections: await listAll((page) => database.read.connections.list(page)),
    };
  }
}
