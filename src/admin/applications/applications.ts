import { Type } from 'typebox';
import type { Application } from '../../applications/application.ts';
import type { SignInRule } from '../../applications/sign-in-rule.ts';
import { AppError } from '../../kernel/errors.ts';
import { type ApplicationId, newId, newSecret } from '../../kernel/ids.ts';
import { sha256 } from '../../kernel/sha256.ts';
import type { Flow } from '../../login/flow.ts';
import type { Stores } from '../../stores.ts';
import type { Finding } from '../../validator/finding.ts';
import type { Knowledge } from '../../validator/knowledge.ts';
import { hasErrors, pinFlow, validateFlow } from '../../validator/validate.ts';
import { ContentError, createContentFinding, refuseIfAny } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { readKnowledge } from '../knowledge.ts';
import { present } from '../merge.ts';
import { readPage } from '../paging.ts';
import { compare, createRecords, masked } from '../records.ts';
import { ById, closed, IfMatch, ListOf, Page } from '../schemas.ts';
import type { AdminServer } from '../server.ts';
import { checkIfMatch, sendResource } from '../versioning.ts';
import {
  ApplicationPatch,
  ApplicationView,
  ClientSecret,
  CreatedApplication,
  NewApplication,
  showApplication,
} from './application-schemas.ts';
import { checkRules } from './check-rules.ts';
import { describeForce, type Force, refuseBrokenRules } from './find-broken-rules.ts';
import { describeFlow, readFlow } from './flow-content.ts';
import { checkLogoutUri, checkRedirectUris } from './redirect-uris.ts';

const tags = ['Applications'];

/** `/applications`: those that sign people in through this server. */
export function addApplications(server: AdminServer, deps: AdminDeps): void {
  const { database, clock } = deps;
  const record = createRecords(deps);

  server.route({
    method: 'POST',
    url: '/applications',
    schema: {
      operationId: 'createApplication',
      tags,
      summary: 'Make an application',
      description:
        'With `signInFlow` the flow is published at once as version 1. A flow with errors is refused, and so is one with a path that breaks a rule, unless a reason to force it is given; then nothing is made.',
      body: NewApplication,
      response: { 201: CreatedApplication },
    },
    handler: async ({ body }, reply) => {
      const now = clock.now();
      const flow = body.signInFlow ? readFlow(body.signInFlow) : null;
      const secret = body.clientType === 'confidential' ? newSecret() : null;
      const application: Application = {
        id: newId('app'),
        name: body.name,
        clientId: newSecret().slice(0, 22),
        clientType: body.clientType,
        clientSecretHash: secret && sha256(secret),
        redirectUris: body.redirectUris,
        postLogoutRedirectUris: body.postLogoutRedirectUris ?? [],
        backchannelLogoutUri: body.backchannelLogoutUri ?? null,
        backchannelLogoutSessionRequired: body.backchannelLogoutSessionRequired ?? true,
        consent: body.consent ?? 'ask',
        disabled: false,
        signInRules: body.signInRules ?? [],
        draft: null,
        liveVersion: flow ? 1 : null,
        createdAt: now,
        updatedAt: now,
        revision: 1,
      };
      await checkContent(application, body, []);
      const rules = flow ? await checkFlow(database.read, application, flow, body.force) : [];
      const findings = await database.unit(async (stores) => {
        await refuseTakenName(stores, application);
        const knowledge = await readKnowledge(deps, stores, null);
        const found = flow ? checkFindings(flow, knowledge) : [];
        await stores.applications.insert(application);
        const details = { before: null, after: showApplication(application) };
        await record(stores, { type: 'application.created', target: application.id, details });
        if (flow) {
          const published = pinFlow(flow, knowledge);
          const version = { applicationId: application.id, version: 1, flow: published, note: null };
          await stores.applications.insertVersion({
            ...version,
            createdAt: now,
            createdBy: 'admin',
            withdrawnAt: null,
          });
          await record(stores, {
            type: 'flow.published',
            target: application.id,
            details: {
              version: 1,
              note: null,
              after: describeFlow(published),
              ...describeForce(body.force, { rules }),
            },
          });
        }
        return found;
      });
      sendResource(reply, application).code(201);
      return { ...showApplication(application), ...(secret === null ? {} : { clientSecret: secret }), findings };
    },
  });

  server.route({
    method: 'GET',
    url: '/applications',
    schema: {
      operationId: 'listApplications',
      tags,
      summary: 'List applications',
      querystring: Type.Object(Page, closed),
      response: { 200: ListOf(ApplicationView) },
    },
    handler: ({ query }) => readPage(query, (page) => database.read.applications.list(page), showApplication),
  });

  server.route({
    method: 'GET',
    url: '/applications/:id',
    schema: {
      operationId: 'getApplication',
      tags,
      summary: 'Read an application',
      params: ById,
      response: { 200: ApplicationView },
    },
    handler: async ({ params }, reply) => {
      const application = await getApplication(database.read, params.id);
      sendResource(reply, application);
      return showApplication(application);
    },
  });

  server.route({
    method: 'PATCH',
    url: '/applications/:id',
    schema: {
      operationId: 'changeApplication',
      tags,
      summary: 'Change an application',
      params: ById,
      headers: IfMatch,
      body: ApplicationPatch,
      response: { 200: ApplicationView },
    },
    handler: async ({ params, headers, body }, reply) => {
      const current = await getApplication(database.read, params.id);
      await checkContent({ ...current, ...present(body) }, body, current.signInRules);
      const application = await database.unit(async (stores) => {
        const before = await getApplication(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        const after: Application = { ...before, ...present(body), updatedAt: clock.now() };
        const details = compare(showApplication(before), showApplication(after));
        if (!details) return before;
        if (after.name !== before.name) await refuseTakenName(stores, after);
        const written = await updateApplication(stores, after);
        await record(stores, { type: 'application.updated', target: before.id, details });
        return written;
      });
      sendResource(reply, application);
      return showApplication(application);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/applications/:id',
    schema: {
      operationId: 'deleteApplication',
      tags,
      summary: 'Delete an application',
      description: 'Its flow, versions and tokens go with it; its sign-ins stay in the history.',
      params: ById,
      headers: IfMatch,
      response: { 204: Type.Null() },
    },
    handler: async ({ params, headers }, reply) => {
      await database.unit(async (stores) => {
        const before = await getApplication(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        await stores.applications.delete(before.id);
        const details = { before: showApplication(before), after: null };
        await record(stores, { type: 'application.deleted', target: before.id, details });
      });
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'POST',
    url: '/applications/:id/client-secret',
    schema: {
      operationId: 'rotateClientSecret',
      tags,
      summary: 'Give an application a new client secret',
      description: 'The old secret stops working at once.',
      params: ById,
      headers: IfMatch,
      response: { 200: Type.Object({ clientId: Type.String(), clientSecret: ClientSecret }) },
    },
    handler: async ({ params, headers }, reply) => {
      const clientSecret = newSecret();
      const application = await database.unit(async (stores) => {
        const before = await getApplication(stores, params.id);
        checkIfMatch(headers['if-match'], before);
        if (before.clientType === 'public') {
          throw new ContentError([], { detail: 'The application is public: it has no client secret.' });
        }
        const after = { ...before, clientSecretHash: sha256(clientSecret), updatedAt: clock.now() };
        const written = await updateApplication(stores, after);
        const details = { before: { clientSecret: masked }, after: { clientSecret: masked } };
        await record(stores, { type: 'application.secret-rotated', target: before.id, details });
        return written;
      });
      sendResource(reply, application).header('cache-control', 'no-store');
      return { clientId: application.clientId, clientSecret };
    },
  });

  /** Exploring takes its time: nothing is locked meanwhile. @throws ContentError for errors and broken rules */
  async function checkFlow(stores: Stores, application: Application, flow: Flow, force: Force): Promise<string[]> {
    const knowledge = await readKnowledge(deps, stores, null);
    checkFindings(flow, knowledge);
    return refuseBrokenRules(deps, stores, { application, flow, knowledge }, force);
  }

  async function checkContent(
    application: Application,
    { signInRules = [] }: { signInRules?: SignInRule[] | undefined },
    rulesBefore: readonly SignInRule[],
  ): Promise<void> {
    refuseIfAny([
      ...(await checkRules(deps, database.read, signInRules, rulesBefore)),
      ...checkRedirectUris(application.redirectUris, 'redirectUris'),
      ...checkRedirectUris(application.postLogoutRedirectUris, 'postLogoutRedirectUris'),
      ...checkLogoutUri(application.backchannelLogoutUri),
    ]);
    const fault = await deps.findClientFault(application);
    if (fault !== null) throw new ContentError([createContentFinding('CLIENT_INVALID', '', fault)]);
  }
}

/** @throws ContentError when the flow has errors */
function checkFindings(flow: Flow, knowledge: Knowledge): Finding[] {
  const findings = validateFlow(flow, knowledge);
  if (hasErrors(findings)) throw new ContentError(findings);
  return findings;
}

/** @throws AppError NOT_FOUND */
export async function getApplication({ applications }: Pick<Stores, 'applications'>, id: string): Promise<Application> {
  const found = await applications.findById(id as ApplicationId);
  if (!found) throw new AppError('NOT_FOUND', { detail: 'No application has this id.' });
  return found;
}

/** Writes it and gives it as it is stored now. @throws AppError CHANGED_MEANWHILE */
export async function updateApplication(
  { applications }: Pick<Stores, 'applications'>,
  application: Application,
): Promise<Application> {
  if (!(await applications.update(application))) throw new AppError('CHANGED_MEANWHILE');
  return { ...application, revision: application.revision + 1 };
}

async function refuseTakenName({ applications }: Pick<Stores, 'applications'>, { name }: Application): Promise<void> {
  if (!(await applications.findByName(name))) return;
  const finding = createContentFinding('NAME_TAKEN', '/name', `There is an application named «${name}».`);
  throw new ContentError([finding], { code: 'CONFLICT' });
}
