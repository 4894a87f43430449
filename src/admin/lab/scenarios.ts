import { isDeepStrictEqual } from 'node:util';
import { Type } from 'typebox';
import type { Application } from '../../applications/application.ts';
import { AppError } from '../../kernel/errors.ts';
import type { StoredScenario } from '../../lab/scenario-types.ts';
import type { Stores } from '../../stores.ts';
import type { Finding } from '../../validator/finding.ts';
import { pinFlow } from '../../validator/validate.ts';
import { getApplication, updateApplication } from '../applications/applications.ts';
import { flowParts, readGivenFlow } from '../applications/flow-checks.ts';
import { getVersion } from '../applications/sign-in-flow.ts';
import { createContentFinding, refuseIfAny } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import { readKnowledge } from '../knowledge.ts';
import { createRecords } from '../records.ts';
import { ById, closed, Findings, IfMatch } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { checkIfMatch, sendResource } from '../versioning.ts';
import { findTooLong, scenarioBodyLimit } from './check-scenario.ts';
import { prepareDryRun } from './prepare-dry-run.ts';
import { ScenarioRun, ScenarioSet } from './scenario-schemas.ts';

const tags = ['Scenarios'];

/** Characters that all scenarios of a flow together may have as JSON. */
const maxScenarios = 500_000;

const VersionNumber = Type.Integer({ minimum: 1, maximum: 1_000_000_000 });
const ByName = Type.Object({ id: Type.String(), name: Type.String() });

/** `/applications/:id/scenarios`: what must come of which sign-in, stored beside the flow and published with it. */
export function addScenarios(server: AdminServer, deps: AdminDeps): void {
  const { database, clock } = deps;
  const record = createRecords(deps);
  const base = '/applications/:id/scenarios';

  server.route({
    method: 'GET',
    url: base,
    schema: {
      operationId: 'listScenarios',
      tags,
      summary: 'Read the scenarios of a flow',
      description: 'Those beside the draft; with `version`, those that the version was published with.',
      params: ById,
      querystring: Type.Object({ version: Type.Optional(VersionNumber) }, closed),
      response: { 200: ScenarioSet },
    },
    handler: async ({ params, query }, reply) => {
      const application = await getApplication(database.read, params.id);
      if (query.version !== undefined) await getVersion(database.read, application, query.version);
      sendResource(reply, application);
      return { items: await database.read.scenarios.list(application.id, query.version ?? null) };
    },
  });

  server.route({
    method: 'PUT',
    url: base,
    // A set that is too long is told so, with the scenario that is to blame.
    bodyLimit: scenarioBodyLimit,
    schema: {
      operationId: 'saveScenarios',
      tags,
      summary: 'Save the scenarios of a flow',
      description:
        'They take the place of those that were there. What they name and the flow lacks is told in `findings`, and does not stop saving.',
      params: ById,
      headers: IfMatch,
      body: { ...ScenarioSet, examples: [examples.scenarios] } as typeof ScenarioSet,
      response: { 200: Type.Object({ items: ScenarioSet.properties.items, findings: Findings }) },
    },
    handler: async ({ params, headers, body: { items } }, reply) => {
      refuseIfAny(checkSet(items));
      const application = await save(params.id, headers['if-match'], () => items);
      sendResource(reply, application);
      return { items, findings: await check(application, items) };
    },
  });

  server.route({
    method: 'DELETE',
    url: `${base}/:name`,
    schema: {
      operationId: 'deleteScenario',
      tags,
      summary: 'Delete a scenario',
      description: 'Versions keep those that they were published with.',
      params: ByName,
      headers: IfMatch,
      response: { 204: Type.Null() },
    },
    handler: async ({ params, headers }, reply) => {
      await save(params.id, headers['if-match'], (before) => {
        const after = before.filter(({ name }) => name !== params.name);
        if (after.length === before.length) throw new AppError('NOT_FOUND', { detail: 'No scenario has this name.' });
        return after;
      });
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'POST',
    url: `${base}/run`,
    schema: {
      operationId: 'runScenarios',
      tags,
      summary: 'Play the scenarios of a flow and compare what comes of them',
      description:
        'Against the draft, or what is live where there is none; against a version; or against the script and the steps that are given. With `pinned`, the scenarios that the version was published with.',
      params: ById,
      body: Type.Object(
        { ...flowParts, pinned: Type.Optional(Type.Boolean()) },
        { ...closed, examples: [{ version: 3 }] },
      ),
      response: { 200: ScenarioRun },
    },
    preValidation: async (request) => {
      request.body ??= {};
    },
    handler: async ({ params, body: { pinned = false, ...given } }) => {
      const { application, flow } = await readGivenFlow(database.read, params.id, given);
      const items = await database.read.scenarios.list(application.id, pinned ? (given.version ?? null) : null);
      const knowledge = await readKnowledge(deps, database.read, application.id);
      return (await prepareDryRun(deps, application, pinFlow(flow, knowledge))).test(items);
    },
  });

  async function save(
    id: string,
    ifMatch: string | undefined,
    change: (before: StoredScenario[]) => StoredScenario[],
  ): Promise<Application> {
    return database.unit(async (stores) => {
      const before = await getApplication(stores, id);
      checkIfMatch(ifMatch, before);
      const old = await stores.scenarios.list(before.id, null);
      const items = change(old);
      if (isDeepStrictEqual(old, items)) return before;
      await stores.scenarios.replace(before.id, null, items);
      const written = await updateApplication(stores, { ...before, updatedAt: clock.now() });
      await record(stores, { type: 'flow.scenarios-saved', target: before.id, details: describeChange(old, items) });
      return written;
    });
  }

  async function check(application: Application, items: readonly StoredScenario[]): Promise<Finding[]> {
    const flow = application.draft ?? (await findLiveFlow(database.read, application));
    if (!flow) return [];
    const { check: checkOne } = await prepareDryRun(deps, application, flow);
    const findings: Finding[] = [];
    for (const [i, { scenario }] of items.entries()) {
      findings.push(...(await checkOne(scenario, `/items/${i}/scenario`)));
    }
    return findings;
  }
}

async function findLiveFlow({ applications }: Pick<Stores, 'applications'>, { id, liveVersion }: Application) {
  return liveVersion === null ? null : ((await applications.findVersion(id, liveVersion))?.flow ?? null);
}

/** Names for the audit log: scenarios may hold what people are like, and the sets keep it. */
function describeChange(before: readonly StoredScenario[], after: readonly StoredScenario[]) {
  const old = new Map(before.map((item) => [item.name, item]));
  const left = new Set(after.map(({ name }) => name));
  return {
    added: after.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    changed: after
      .filter((item) => old.has(item.name) && !isDeepStrictEqual(old.get(item.name), item))
      .map(({ name }) => name),
    removed: before.filter(({ name }) => !left.has(name)).map(({ name }) => name),
  };
}

function checkSet(items: readonly StoredScenario[]): Finding[] {
  const findings: Finding[] = [];
  const names = new Set<string>();
  let total = 0;
  for (const [i, item] of items.entries()) {
    const { name } = item;
    total += JSON.stringify(item).length;
    if (names.has(name)) {
      findings.push(createContentFinding('NAME_TAKEN', `/items/${i}/name`, `Two scenarios are called «${name}».`));
    }
    names.add(name);
    findings.push(...findTooLong(item, `/items/${i}`));
  }
  if (total > maxScenarios && findings.length === 0) {
    const message = `All scenarios together have ${total} characters as JSON; ${maxScenarios} are taken.`;
    findings.push(createContentFinding('SCENARIO_TOO_LONG', '/items', message));
  }
  return findings;
}
