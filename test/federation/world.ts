import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authenticator, Form, Move, StepContext, StepState } from '../../src/authenticators/authenticator.ts';
import { createFederated } from '../../src/authenticators/federated/index.ts';
import { createOAuth2Protocol } from '../../src/authenticators/federated-oauth2/index.ts';
import { createOidcProtocol } from '../../src/authenticators/federated-oidc/index.ts';
import { createSamlProtocol } from '../../src/authenticators/federated-saml/index.ts';
import {
  createDemoIdentityProvider,
  type DemoIdentityProvider,
  type DemoIdentityProviderOptions,
} from '../../src/cli/demo/identity-provider.ts';
import { createPerson } from '../../src/cli/demo/person.ts';
import { sealClientSecret } from '../../src/connections/client-secret.ts';
import type { OidcConnection } from '../../src/connections/connection.ts';
import { createGuardedFetch } from '../../src/egress/guarded-fetch.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { type ApplicationId, type LoginId, newId } from '../../src/kernel/ids.ts';
import type { LoginRequest } from '../../src/login/login.ts';
import { openDatabase, type StepgateDatabase } from '../../src/storage/open.ts';
import { aConnection, box } from '../provisioning/people.ts';

export const clientSecret = 'a-secret-of-the-test-with-enough-letters';

export interface World {
  database: StepgateDatabase;
  provider: DemoIdentityProvider;
  connection: OidcConnection;
  authenticator: Authenticator;
  /** A login at its step, as the engine would hand it over. */
  step(changes?: Partial<StepContext>): Promise<StepContext>;
  /** Begins the step and expects to be sent away. */
  leaves(context: StepContext): Promise<Move & { kind: 'redirect' }>;
  /** Follows the redirect, chooses a person, and comes back with this query. */
  visits(url: string, person?: string): Promise<Form>;
  resumes(context: StepContext, state: StepState, query: Form): Promise<Move>;
  /** All of it. */
  signsIn(context?: StepContext): Promise<Move>;
  /** Changes the connection as an admin would, and tells the new state. */
  changes(what: Partial<OidcConnection>): Promise<OidcConnection>;
  close(): Promise<void>;
}

const request: LoginRequest = {
  ip: '192.0.2.1',
  headers: {},
  params: {},
  cookies: {},
  acrValues: [],
  essentialAcr: [],
  loginHint: null,
  uiLocales: [],
  maxAge: null,
  prompt: [],
  scopes: ['openid'],
};

/** A database, a provider and the authenticator between them, all real. */
export async function createWorld(options: {
  deadline?: number;
  provider?: Partial<DemoIdentityProviderOptions>;
  connection?: Partial<OidcConnection>;
}): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'federation-'));
  const database = await openDatabase({ directory });
  const landing = await createLanding();
  const provider = await createDemoIdentityProvider({
    client: { id: 'stepgate', secret: clientSecret, redirectUris: [`${landing.url}/login/callback`] },
    ...options.provider,
  });
  const egress = createGuardedFetch({ allowedHosts: [], withoutList: 'anybody', allowLoopbackForDevelopment: true });
  const made = aConnection({
    issuer: provider.url,
    clientId: 'stepgate',
    scopes: ['openid', 'email', 'profile', 'groups'],
    ...options.connection,
  });
  let connection: OidcConnection = {
    clientSecretSealed: sealClientSecret(box, made.id, clientSecret),
    ...withoutSecret(made),
  };
  await database.unit(({ connections }) => connections.insert(connection));
  const deadline = options.deadline === undefined ? {} : { deadline: options.deadline };
  const to = { publicUrl: landing.url, fetch: egress.fetch, box, clock: systemClock, ...deadline };
  const authenticator = createFederated({
    database,
    box,
    protocols: { oidc: createOidcProtocol(to), oauth2: createOAuth2Protocol(to), saml: createSamlProtocol(to) },
    ...deadline,
  });

  async function step(changes: Partial<StepContext> = {}): Promise<StepContext> {
    const id = newId('login');
    const now = Date.now();
    await insertLogin(database, id, now);
    return {
      login: {
        id,
        request,
        application: { id: 'app_1', name: 'Payroll', clientId: 'payroll', clientType: 'confidential' },
        expiresAt: now + 600_000,
      },
      seq: 3,
      step: 1,
      connection,
      user: null,
      subject: null,
      claimed: null,
      parameters: {},
      enrolment: { allowed: false },
      language: 'en',
      waited: { ms: 0 },
      now,
      ...changes,
    };
  }

  async function leaves(context: StepContext) {
    const move = await database.unit(await authenticator.begin(context));
    if (move.kind !== 'redirect') throw new Error(`not sent away: ${JSON.stringify(move)}`);
    return move;
  }

  async function visits(url: string, who = 'Grace Hopper'): Promise<Form> {
    const person = createPerson();
    landing.forget();
    await person.opens(url);
    // A provider that refuses at once comes back without asking.
    if (person.canChoose(who)) await person.chooses(who);
    return landing.query();
  }

  async function resumes(context: StepContext, state: StepState, query: Form): Promise<Move> {
    if (!authenticator.resume) throw new Error('cannot resume');
    return database.unit(await authenticator.resume(context, state, query));
  }

  return {
    database,
    provider,
    get connection() {
      return connection;
    },
    authenticator,
    step,
    leaves,
    visits,
    resumes,
    async signsIn(given) {
      const context = given ?? (await step());
      const { url, state } = await leaves(context);
      return resumes(context, state, await visits(url));
    },
    async changes(what) {
      await database.unit(({ connections }) => connections.update({ ...connection, ...what }));
      connection = { ...connection, ...what, revision: connection.revision + 1 };
      return connection;
    },
    async close() {
      await egress.close();
      await provider.close();
      await landing.close();
      await database.close();
      await rm(directory, { recursive: true });
    },
  };
}

function withoutSecret(
  connection: OidcConnection,
): Omit<OidcConnection, 'clientSecretSealed'> & Partial<OidcConnection> {
  const { clientSecretSealed, ...others } = connection;
  return clientSecretSealed === null ? others : connection;
}

/** Where the provider sends the browser back to; it remembers with what. */
async function createLanding() {
  let arrived: Form | null = null;
  const server = createServer((message, response) => {
    const url = new URL(message.url ?? '', 'http://landing');
    if (url.pathname === '/login/callback') arrived = Object.fromEntries(url.searchParams);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Back</title><h1>Back</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forget: () => {
      arrived = null;
    },
    query: (): Form => {
      if (!arrived) throw new Error('the provider did not send the browser back');
      return arrived;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function insertLogin(database: StepgateDatabase, id: LoginId, now: number): Promise<void> {
  await database.unit(({ logins }) =>
    logins.insert({
      id,
      interactionUid: `interaction-${id}`,
      applicationId: 'app_1' as ApplicationId,
      version: 1,
      browserHash: '',
      status: 'running',
      cursor: 3,
      waitingSealed: null,
      resultSealed: null,
      userId: null,
      reference: null,
      failureCode: null,
      createdAt: now,
      expiresAt: now + 600_000,
      endedAt: null,
      revision: 1,
    }),
  );
}
