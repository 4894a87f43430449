import { Type } from 'typebox';
import type { Application } from '../../applications/application.ts';
import { DryRunAnswer, Scenario } from '../../lab/dry-run-types.ts';
import type { Flow, PublishedFlow } from '../../login/flow.ts';
import type { Stores } from '../../stores.ts';
import { pinFlow } from '../../validator/validate.ts';
import { ContentError, createContentFinding, refuseIfAny } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import { readKnowledge } from '../knowledge.ts';
import { findTooLong, scenarioBodyLimit } from '../lab/check-scenario.ts';
import { prepareDryRun } from '../lab/prepare-dry-run.ts';
import { ById, closed, Findings, Script, Steps } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { getApplication } from './applications.ts';
import { findFindings } from './find-findings.ts';
import { readSteps } from './flow-content.ts';
import { findLive, getVersion } from './sign-in-flow.ts';

const tags = ['Sign-in flows'];

/** A script and steps to try in place of those that are stored. */
export const flowParts = {
  script: Type.Optional(Script),
  steps: Type.Optional(Steps),
  version: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000_000,
      description: 'What is not given is taken from this published version, rather than from the draft.',
    }),
  ),
};

/** `/applications/:id/validate` and `/dry-run`: what a script and its steps would do, with nothing done. */
export function addFlowChecks(server: AdminServer, deps: AdminDeps): void {
  const { database } = deps;

  server.route({
    method: 'POST',
    url: '/applications/:id/validate',
    schema: {
      operationId: 'validateSignInFlow',
      tags,
      summary: 'Check a script and its steps',
      description:
        'What is left out is taken from the draft, or from the live flow where there is no draft. Whether people without an account come to a factor that needs one is found by exploring the script, for 2 seconds at most.',
      params: ById,
      body: Type.Object(flowParts, { ...closed, examples: [examples.validation] }),
      response: { 200: Type.Object({ findings: Findings }) },
    },
    preValidation: async (request) => {
      request.body ??= {};
    },
    handler: async ({ params, body }) => {
      const { application, flow } = await readGivenFlow(database.read, params.id, body);
      const knowledge = await readKnowledge(deps, database.read, application.id);
      return { findings: await findFindings(deps, database.read, { flow, knowledge }) };
    },
  });

  server.route({
    method: 'POST',
    url: '/applications/:id/dry-run',
    bodyLimit: scenarioBodyLimit,
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
      refuseIfAny(findTooLong(body.scenario, '/scenario'));
      const { application, flow } = await readGivenFlow(database.read, params.id, body);
      const knowledge = await readKnowledge(deps, database.read, application.id);
      const { play, check } = await prepareDryRun(deps, application, pinFlow(flow, knowledge));
      const answer = await play(body.scenario);
      const found = await findFindings(deps, database.read, { flow, knowledge });
      const findings = [...found, ...(await check(body.scenario, '/scenario'))];
      return { ...answer, findings };
    },
  });
}

/**
 * The flow that is given, with the rest from a version, the draft, or what is live. A version that is not changed comes with
 * what it was published with.
 * @throws AppError NOT_FOUND; ContentError without any steps
 */
export async function readGivenFlow(
  stores: Pick<Stores, 'applications'>,
  id: string,
  { script, steps, version }: { script?: string | null; steps?: Parameters<typeof readSteps>[0]; version?: number },
): Promise<{ application: Application; flow: PublishedFlow }> {
  const application = await getApplication(stores, id);
  const published = version === undefined ? null : (await getVersion(stores, application, version)).flow;
  if (published && script === undefined && !steps) return { application, flow: published };
  const stored = published ?? application.draft ?? (await findLive(stores, application))?.flow ?? null;
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
