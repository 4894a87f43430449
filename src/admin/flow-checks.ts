import { Type } from 'typebox';
import { claimUri } from '../directory/claims.ts';
import { cleanUsername, isUsername, usernameKey } from '../directory/usernames.ts';
import { DryRunAnswer, Scenario } from '../lab/dry-run-types.ts';
import type { Flow } from '../login/flow.ts';
import { pinFlow, validateFlow } from '../validator/validate.ts';
import { getApplication } from './applications.ts';
import { ContentError, createContentFinding } from './content-error.ts';
import type { AdminDeps } from './deps.ts';
import { examples } from './examples.ts';
import { readSteps } from './flow-content.ts';
import { readKnowledge } from './knowledge.ts';
import { listAll } from './paging.ts';
import { ById, closed, Findings, Script, Steps } from './schemas.ts';
import type { AdminServer } from './server.ts';
import { findLive } from './sign-in-flow.ts';

const tags = ['Sign-in flows'];

const flowParts = {
  script: Type.Optional(Script),
  steps: Type.Optional(Steps),
};

/** `/applications/:id/validate` and `/dry-run`: what a script and its steps would do, with nothing done. */
export function addFlowChecks(server: AdminServer, deps: AdminDeps): void {
  const { database, dryRun } = deps;

  server.route({
    method: 'POST',
    url: '/applications/:id/validate',
    schema: {
      operationId: 'validateSignInFlow',
      tags,
      summary: 'Check a script and its steps by reading them',
      description: 'What is left out is taken from the draft, or from the live flow where there is no draft.',
      params: ById,
      body: Type.Object(flowParts, { ...closed, examples: [examples.validation] }),
      response: { 200: Type.Object({ findings: Findings }) },
    },
    preValidation: async (request) => {
      request.body ??= {};
    },
    handler: async ({ params, body }) => {
      const { application, flow } = await readGiven(params.id, body);
      return { findings: validateFlow(flow, await readKnowledge(deps, database.read, application.id)) };
    },
  });

  server.route({
    method: 'POST',
    url: '/applications/:id/dry-run',
    schema: {
      operationId: 'dryRun',
      tags,
      summary: 'Try a script without signing anybody in',
      description:
        'The engine of real sign-ins plays the script; the scenario answers in place of people and servers. Nothing is sent and nothing is changed. What is left out is taken from the draft, or from the live flow. A script’s own failure is an answer with `result: "error"`.',
      params: ById,
      body: Type.Object({ ...flowParts, scenario: Scenario }, { ...closed, examples: [examples.dryRun] }),
      response: { 200: Type.Interface([DryRunAnswer], { findings: Findings }, { title: 'DryRunResult' }) },
    },
    handler: async ({ params, body }) => {
      const { application, flow } = await readGiven(params.id, body);
      const connections = await listAll((page) => database.read.connections.list(page));
      const knowledge = await readKnowledge(deps, database.read, application.id);
      const answer = await dryRun({
        flow: pinFlow(flow, knowledge),
        scenario: body.scenario,
        applicationName: application.name,
        connections,
        applicationId: application.id,
        roleExists: async (name, audience) =>
          (await database.read.roles.findByName(name, audience === 'application' ? application.id : null)) !== null,
        findByClaims: (claims, limit) =>
          database.read.users.findByAttributes(
            Object.entries(claims).map(([claim, value]) => ({ uri: claimUri(claim), value })),
            limit,
          ),
        directory: database.read.users,
        findUser: async (name) =>
          isUsername(name) ? database.read.users.findByUsernameKey(usernameKey(cleanUsername(name))) : null,
        findAssociated: async (connectionId, subject) => {
          const association = await database.read.users.findAssociation(connectionId, subject);
          return association && database.read.users.findById(association.userId);
        },
      });
      return { ...answer, findings: validateFlow(flow, knowledge) };
    },
  });

  async function readGiven(
    id: string,
    { script, steps }: { script?: string | null; steps?: Parameters<typeof readSteps>[0] },
  ) {
    const application = await getApplication(database.read, id);
    const stored = application.draft ?? (await findLive(database.read, application))?.flow ?? null;
    const ownSteps = steps ? readSteps(steps) : stored?.steps;
    if (!ownSteps) {
      throw new ContentError([
        createContentFinding('REQUIRED', '/steps', 'The application has no flow yet: give the steps.'),
      ]);
    }
    // A script that is given is meant to run.
    const flow: Flow =
      script === undefined
        ? { steps: ownSteps, script: stored?.script ?? null, scriptEnabled: stored?.scriptEnabled ?? false }
        : { steps: ownSteps, script: script || null, scriptEnabled: Boolean(script) };
    return { application, flow };
  }
}
