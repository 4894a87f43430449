import { Type } from 'typebox';
import { AppError } from '../../kernel/errors.ts';
import type { LoginId } from '../../kernel/ids.ts';
import { ReplayAnswer, WhatIfAnswer } from '../../lab/replay-types.ts';
import type { OtherFlow } from '../../lab/replays.ts';
import { pinFlow } from '../../validator/validate.ts';
import { getApplication } from '../applications/applications.ts';
import { flowParts, readGivenFlow } from '../applications/flow-checks.ts';
import type { AdminDeps } from '../deps.ts';
import { readKnowledge } from '../knowledge.ts';
import { listAll } from '../paging.ts';
import { ById, closed } from '../schemas.ts';
import type { AdminServer } from '../server.ts';

/** `/logins/:id/replay` and `/applications/:id/what-if`: past sign-ins, played again. */
export function addReplays(server: AdminServer, deps: AdminDeps): void {
  const { database, replays, log } = deps;

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
      const write = (line: object) => raw.writable && raw.write(`${JSON.stringify(line)}\n`);
      try {
        const result = await replays.whatIf(id, other, {
          limit,
          progress: (done, of) => (done % 20 === 0 || done === of) && write({ progress: { done, of } }),
          isWanted: () => raw.writable,
        });
        write({ result });
      } catch (failure) {
        // The answer has begun: what goes wrong now can only be its last line.
        log.error({ err: failure, applicationId: id }, 'What-if failed.');
        const { code, message } = failure instanceof AppError ? failure : new AppError('INTERNAL');
        write({ failure: { code, message } });
      } finally {
        raw.end();
      }
    },
  });

  async function findOther(id: string, given: Parameters<typeof readGivenFlow>[2]): Promise<OtherFlow> {
    const { application, flow } = await readGivenFlow(database.read, id, given);
    const knowledge = await readKnowledge(deps, database.read, application.id);
    return {
      flow: pinFlow(flow, knowledge),
      connections: await listAll((page) => database.read.connections.list(page)),
    };
  }
}
