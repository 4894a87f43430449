import { Type } from 'typebox';
import { second } from '../../kernel/clock.ts';
import { shorten, usualBounds } from '../../lab/explore/explore.ts';
import { Exploration, PropertyScript } from '../../lab/explore/explore-types.ts';
import { pinFlow } from '../../validator/validate.ts';
import { flowParts, readGivenFlow } from '../applications/flow-checks.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import { readKnowledge } from '../knowledge.ts';
import { listAll } from '../paging.ts';
import { ById, closed } from '../schemas.ts';
import type { AdminServer } from '../server.ts';

/** So many paths can be asked for. */
export const mostPaths = 20_000;

const Body = Type.Object(
  {
    ...flowParts,
    properties: Type.Optional(
      Type.Array(PropertyScript, { maxItems: 50, description: 'Your own, beside the built-in ones.' }),
    ),
    bounds: Type.Optional(
      Type.Object(
        {
          paths: Type.Optional(
            Type.Integer({ minimum: 1, maximum: mostPaths, description: `Default: ${usualBounds.paths}.` }),
          ),
          seconds: Type.Optional(
            Type.Number({ minimum: 0.1, maximum: 30, description: `Default: ${usualBounds.timeMs / second}.` }),
          ),
        },
        { ...closed, description: 'Where exploring stops, if it has not come to an end by then.' },
      ),
    ),
    showPaths: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: mostPaths,
        description: 'How many paths the answer has at most. Default: 500.',
      }),
    ),
  },
  { ...closed, examples: [examples.exploration] },
);

/** `/applications/:id/explore`: every path of a script, and what holds on all of them. */
export function addExplore(server: AdminServer, deps: AdminDeps): void {
  const { database, explore } = deps;

  server.route({
    method: 'POST',
    url: '/applications/:id/explore',
    schema: {
      operationId: 'exploreSignInFlow',
      tags: ['Sign-in flows'],
      summary: 'Find every path of a script, and what holds on all of them',
      description:
        'The engine of real sign-ins plays the script with every answer to every call. `complete` says whether these are all paths: not when the script reads what has no end of values (the clock, the request, a claim, an answer from outside), nor at a bound. What is left out of the request is taken from the draft, or from the live flow. Nobody is signed in, and nothing is changed or sent.',
      params: ById,
      body: Body,
      response: { 200: Exploration },
    },
    preValidation: async (request) => {
      request.body ??= {};
    },
    handler: async ({ params, body }) => {
      const { application, flow } = await readGivenFlow(database.read, params.id, body);
      const knowledge = await readKnowledge(deps, database.read, application.id);
      const { properties = [], bounds = {}, showPaths = 500 } = body;
      const { paths = usualBounds.paths, seconds = usualBounds.timeMs / second } = bounds;
      const exploration = await explore({
        flow: pinFlow(flow, knowledge),
        applicationName: application.name,
        connections: await listAll((page) => database.read.connections.list(page)),
        bounds: { paths, timeMs: seconds * second },
        properties,
        rules: application.signInRules,
      });
      return shorten(exploration, showPaths);
    },
  });
}
