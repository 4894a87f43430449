import { type Static, Type } from 'typebox';
import type { Application, FlowVersion } from '../../applications/application.ts';
import type { StoredScenario } from '../../lab/scenario-types.ts';
import type { Flow, PublishedFlow } from '../../login/flow.ts';
import type { Stores } from '../../stores.ts';
import { hasErrors, pinFlow, validateFlow } from '../../validator/validate.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { examples } from '../examples.ts';
import { readKnowledge } from '../knowledge.ts';
import { prepareDryRun } from '../lab/prepare-dry-run.ts';
import { createScenarioError } from '../lab/scenario-error.ts';
import { compare, createRecords } from '../records.ts';
import { ById, closed, Findings, FlowView, forceOf, IfMatch, nullable, SignInFlow, Time } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { checkIfMatch, sendResource } from '../versioning.ts';
import { getApplication, updateApplication } from './applications.ts';
import { describeForce, refuseBrokenRules } from './find-broken-rules.ts';
import { findFindings } from './find-findings.ts';
import { describeFlow, listPinned, readFlow } from './flow-content.ts';

const tags = ['Sign-in flows'];

const VersionSummary = Type.Object(
  {
    version: Type.Integer(),
    note: nullable(Type.String()),
    createdAt: Time,
    createdBy: Type.String(),
    withdrawnAt: nullable(Time),
    live: Type.Boolean(),
  },
  { title: 'VersionSummary' },
);
const PinnedVersion = Type.Object({ name: Type.String(), version: Type.Integer() });
const Version = Type.Interface(
  [VersionSummary, FlowView],
  {
    libraries: Type.Array(PinnedVersion, { description: 'The script libraries that it was published with.' }),
    promptTemplates: Type.Array(PinnedVersion, { description: 'The prompt templates that it was published with.' }),
    mailTemplates: Type.Array(PinnedVersion, { description: 'The mail templates that it was published with.' }),
  },
  { title: 'Version' },
);
const ByVersion = Type.Object({ id: Type.String(), version: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }) });
const Published = Type.Object({ version: Type.Integer(), findings: Findings }, { title: 'Published' });
const Note = Type.Object(
  { note: Type.Optional(Type.String({ maxLength: 1000 })) },
  { ...closed, examples: [examples.note] },
);

const Publishing = Type.Object(
  {
    ...Note.properties,
    force: forceOf('Publish although scenarios do not come out as expected, or a path breaks a rule.'),
  },
  { ...closed, examples: [examples.note] },
);
const Restoring = Type.Object(
  { ...Note.properties, force: forceOf('Restore it although a path breaks a rule.') },
  { ...closed, examples: [examples.note] },
);

/** `/applications/:id/sign-in-flow`: what decides a sign-in, as a draft and in published versions. */
export function addSignInFlows(server: AdminServer, deps: AdminDeps): void {
  const { database, clock } = deps;
  const record = createRecords(deps);
  const base = '/applications/:id/sign-in-flow';

  server.route({
    method: 'GET',
    url: base,
    schema: {
      operationId: 'getSignInFlow',
      tags,
      summary: 'Read a sign-in flow',
      description: '`findings` are those of the draft, or of the live flow where there is no draft.',
      params: ById,
      response: {
        200: Type.Object({
          draft: nullable(FlowView, 'Changes that are not published.'),
          live: nullable(Version, 'What new sign-ins begin with.'),
          findings: Findings,
        }),
      },
    },
    handler: async ({ params }, reply) => {
      const application = await getApplication(database.read, params.id);
      const live = await findLive(database.read, application);
      const flow = application.draft ?? live?.flow;
      const knowledge = await readKnowledge(deps, database.read, application.id);
      const findings = flow ? await findFindings(deps, database.read, { flow, knowledge }) : [];
      sendResource(reply, application);
      return { draft: application.draft, live: live && showVersion(live, application), findings };
    },
  });

  server.route({
    method: 'PUT',
    url: base,
    schema: {
      operationId: 'saveSignInFlow',
      tags,
      summary: 'Save a draft of the flow',
      description: 'A draft may have errors: they stop publishing, not saving.',
      params: ById,
      headers: IfMatch,
      body: SignInFlow,
      response: { 200: Type.Object({ draft: FlowView, findings: Findings }) },
    },
    handler: async ({ params, headers, body }, reply) => {
      const draft = readFlow(body);
      const application = await database.unit(async (stores) => {
        const before = await getApplication(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        const details = compare({ draft: describeFlow(before.draft) }, { draft: describeFlow(draft) });
        if (!details) return before;
        const written = await updateApplication(stores, { ...before, draft, updatedAt: clock.now() });
        await record(stores, { type: 'flow.draft-saved', target: before.id, details });
        return written;
      });
      sendResource(reply, application);
      const knowledge = await readKnowledge(deps, database.read, application.id);
      return { draft, findings: await findFindings(deps, database.read, { flow: draft, knowledge }) };
    },
  });

  server.route({
    method: 'POST',
    url: `${base}/publish`,
    schema: {
      operationId: 'publishSignInFlow',
      tags,
      summary: 'Publish the draft',
      description:
        'It becomes a new version, which new sign-ins begin with. A draft with errors is refused. The scenarios beside it are played first: where one does not come out as expected, publishing is refused (409, with each difference), unless a reason to force it is given, which the audit log keeps. So is a draft with a path that breaks a rule of the application (422, with the path).',
      params: ById,
      headers: IfMatch,
      body: Publishing,
      response: { 200: Published },
    },
    preValidation: allowNoContent,
    handler: async ({ params, headers, body }, reply) => {
      const { application, ...published } = await publishDraft(params.id, headers['if-match'], body);
      sendResource(reply, application);
      return published;
    },
  });

  server.route({
    method: 'GET',
    url: `${base}/versions`,
    schema: {
      operationId: 'listVersions',
      tags,
      summary: 'List the published versions, newest first',
      params: ById,
      response: { 200: Type.Object({ items: Type.Array(VersionSummary) }) },
    },
    handler: async ({ params }) => {
      const application = await getApplication(database.read, params.id);
      const versions = await database.read.applications.listVersions(application.id);
      return { items: versions.map((version) => showSummary(version, application)) };
    },
  });

  server.route({
    method: 'GET',
    url: `${base}/versions/:version`,
    schema: {
      operationId: 'getVersion',
      tags,
      summary: 'Read a version',
      params: ByVersion,
      response: { 200: Version },
    },
    handler: async ({ params }) => {
      const application = await getApplication(database.read, params.id);
      return showVersion(await getVersion(database.read, application, params.version), application);
    },
  });

  server.route({
    method: 'POST',
    url: `${base}/versions/:version/restore`,
    schema: {
      operationId: 'restoreVersion',
      tags,
      summary: 'Publish an old version again',
      description:
        'It becomes a new version with the same flow and scenarios, which are not played. The draft stays as it is. Where a path breaks a rule that the application has now, it is refused (422, with the path), unless a reason to force it is given, which the audit log keeps.',
      params: ByVersion,
      headers: IfMatch,
      body: Restoring,
      response: { 200: Published },
    },
    preValidation: allowNoContent,
    handler: async ({ params, headers, body }, reply) => {
      const { application, ...published } = await restore(params, headers['if-match'], body);
      sendResource(reply, application);
      return published;
    },
  });

  server.route({
    method: 'POST',
    url: `${base}/versions/:version/withdraw`,
    schema: {
      operationId: 'withdrawVersion',
      tags,
      summary: 'Withdraw a version',
      description:
        'Sign-ins that began with it end. If it is the live one, nobody can sign in until a version is published or restored.',
      params: ByVersion,
      headers: IfMatch,
      response: { 200: VersionSummary },
    },
    handler: async ({ params, headers }, reply) => {
      const { application, version } = await database.unit(async (stores) => {
        const before = await getApplication(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        const found = await getVersion(stores, before, params.version);
        if (found.withdrawnAt !== null) return { application: before, version: found };
        const now = clock.now();
        const wasLive = before.liveVersion === found.version;
        await stores.applications.withdrawVersion(before.id, found.version, now);
        const after = { ...before, liveVersion: wasLive ? null : before.liveVersion, updatedAt: now };
        const written = await updateApplication(stores, after);
        const details = { version: found.version, wasLive };
        await record(stores, { type: 'flow.withdrawn', target: before.id, details });
        return { application: written, version: { ...found, withdrawnAt: now } };
      });
      sendResource(reply, application);
      return showSummary(version, application);
    },
  });

  /**
   * Scenarios are played before anything is locked; what was changed meanwhile is played again.
   * @throws ContentError without a draft, with errors in it, or SCENARIOS_FAILED when a scenario does not come out as
   * expected and the reason to publish all the same is missing
   */
  async function publishDraft(id: string, ifMatch: string | undefined, { note, force }: Static<typeof Publishing>) {
    for (;;) {
      const tested = await getApplication(database.read, id);
      checkIfMatch(ifMatch, tested);
      if (!tested.draft)
        throw new ContentError([createContentFinding('NO_DRAFT', '', 'There is no draft to publish.')]);
      const { draft } = tested;
      const knowledge = await readKnowledge(deps, database.read, tested.id);
      const findings = await findFindings(deps, database.read, { flow: draft, knowledge });
      if (hasErrors(findings)) throw new ContentError(findings);
      const rules = await refuseBrokenRules(
        deps,
        database.read,
        { application: tested, flow: draft, knowledge },
        force,
      );
      const stored = await database.read.scenarios.list(tested.id, null);
      const run = await (await prepareDryRun(deps, tested, pinFlow(draft, knowledge))).test(stored);
      if (!run.passes && !force) throw createScenarioError(run);
      const published = await database.unit(async (stores) => {
        const before = await getApplication(stores, id);
        if (before.revision !== tested.revision) return null;
        const scenarios = run.items.filter(({ passes }) => !passes).map(({ name }) => name);
        const more = describeForce(force, { rules, scenarios });
        return publish(stores, before, draft, { note: note ?? null, scenarios: stored, more });
      });
      if (published) return { ...published, findings };
    }
  }

  /**
   * Brings a version back, whatever is live now. Its rules are asked as the application has them now.
   * @throws ContentError for a version that was withdrawn, or that breaks a rule when the reason to restore it is missing
   */
  async function restore(
    { id, version }: Static<typeof ByVersion>,
    ifMatch: string | undefined,
    { note = `Version ${version} again`, force }: Static<typeof Restoring>,
  ) {
    for (;;) {
      const asked = await getApplication(database.read, id);
      checkIfMatch(ifMatch, asked);
      const { flow, withdrawnAt } = await getVersion(database.read, asked, version);
      if (withdrawnAt !== null) {
        const message = `Version ${version} was withdrawn. Save its flow as a draft to use it again.`;
        throw new ContentError([createContentFinding('VERSION_WITHDRAWN', '', message)]);
      }
      const knowledge = await readKnowledge(deps, database.read, asked.id);
      const rules = await refuseBrokenRules(deps, database.read, { application: asked, flow, knowledge }, force);
      const restored = await database.unit(async (stores) => {
        const before = await getApplication(stores, id);
        if (before.revision !== asked.revision) return null;
        const scenarios = await stores.scenarios.list(before.id, version);
        const more = describeForce(force, { rules });
        return publish(stores, before, flow, { note, scenarios, draft: before.draft, more });
      });
      if (restored) return restored;
    }
  }

  /** @throws ContentError when the flow has errors */
  async function publish(
    stores: Stores,
    before: Application,
    flow: PublishedFlow,
    {
      note,
      scenarios,
      draft = null,
      more = {},
    }: {
      note: string | null;
      scenarios: readonly StoredScenario[];
      draft?: Flow | null;
      /** For the audit log. */
      more?: Record<string, unknown>;
    },
  ) {
    const knowledge = await readKnowledge(deps, stores, before.id);
    const findings = validateFlow(flow, knowledge);
    if (hasErrors(findings)) throw new ContentError(findings);
    const published = pinFlow(flow, knowledge);
    const now = clock.now();
    const [newest] = await stores.applications.listVersions(before.id);
    const version = (newest?.version ?? 0) + 1;
    await stores.applications.insertVersion({
      applicationId: before.id,
      version,
      flow: published,
      note,
      createdAt: now,
      createdBy: 'admin',
      withdrawnAt: null,
    });
    if (scenarios.length > 0) await stores.scenarios.replace(before.id, version, scenarios);
    const application = await updateApplication(stores, { ...before, draft, liveVersion: version, updatedAt: now });
    await record(stores, {
      type: 'flow.published',
      target: before.id,
      details: { version, note, before: before.liveVersion, after: describeFlow(published), ...more },
    });
    return { application, version, findings };
  }
}

/** The flow that new sign-ins begin with. */
export async function findLive(
  { applications }: Pick<Stores, 'applications'>,
  { id, liveVersion }: Application,
): Promise<FlowVersion | null> {
  return liveVersion === null ? null : applications.findVersion(id, liveVersion);
}

/** @throws ContentError NOT_FOUND */
export async function getVersion(
  { applications }: Pick<Stores, 'applications'>,
  { id }: Application,
  version: number,
): Promise<FlowVersion> {
  const found = await applications.findVersion(id, version);
  if (!found) throw new ContentError([], { code: 'NOT_FOUND', detail: `There is no version ${version}.` });
  return found;
}

function showSummary({ version, note, createdAt, createdBy, withdrawnAt }: FlowVersion, { liveVersion }: Application) {
  return {
    version,
    note,
    createdAt: new Date(createdAt).toISOString(),
    createdBy,
    withdrawnAt: withdrawnAt === null ? null : new Date(withdrawnAt).toISOString(),
    live: version === liveVersion,
  };
}

function showVersion(version: FlowVersion, application: Application) {
  const { libraries = [], promptTemplates = [], mailTemplates = [], ...flow } = version.flow;
  const pinned = {
    libraries: listPinned(libraries),
    promptTemplates: listPinned(promptTemplates),
    mailTemplates: listPinned(mailTemplates),
  };
  return { ...showSummary(version, application), ...flow, ...pinned };
}

/** A request whose content is all optional may come without any. */
async function allowNoContent(request: { body: unknown }): Promise<void> {
  request.body ??= {};
}
