import { rmSync } from 'node:fs';
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { expect } from 'vitest';
import { createAdminApi } from '../../src/admin/api.ts';
import type { AdminDeps } from '../../src/admin/deps.ts';
import type { AuditEvent } from '../../src/audit/event.ts';
import { describeAuthenticators, localDefinitions } from '../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../src/authenticators/federated/definition.ts';
import { createPasswords } from '../../src/directory/passwords.ts';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import type { DryRunAnswer, DryRunRequest } from '../../src/lab/dry-run-types.ts';
import type { Exploration } from '../../src/lab/explore/explore-types.ts';
import { createLoginTraces } from '../../src/lab/login-trace.ts';
import { createReplays } from '../../src/lab/replays.ts';
import { createEndAccess } from '../../src/login/end-access.ts';
import { createJournals } from '../../src/login/journal.ts';
import { createRegistry } from '../../src/login/options.ts';
import { describeScriptApi } from '../../src/script-api/reference.ts';
import { writeTypings } from '../../src/script-api/typings.ts';
import { readSettings } from '../../src/settings.ts';
import { openDatabase, type StepgateDatabase } from '../../src/storage/open.ts';
import { temporaryDirectory } from '../storage/dialects.ts';
import { knowledge } from '../validator/knowledge.ts';

export const token = 'an-owner’s-token-of-at-least-32-characters'.replace('’', '');

/** JSON of an answer: tests look into it freely. */
// biome-ignore lint/suspicious/noExplicitAny: answers are read by name, and their schemas are checked on the way
type Json = any;

export interface Answer {
  status: number;
  body: Json;
  headers: Record<string, unknown>;
}

export interface World {
  server: FastifyInstance;
  db: StepgateDatabase;
  /** Milliseconds; moves only when a test moves it. */
  clock: { time: number };
  /** Whose access was ended, and with which code. */
  ended: { userId: string; code: string }[];
  dryRuns: DryRunRequest[];
  /** Faults that were told to the log. */
  faults: object[];
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A request whatever it is made of. */
  send(options: InjectOptions): Promise<Answer>;
  /** The types of audit events since the last time this was asked, oldest first. */
  happened(): Promise<string[]>;
  events(): Promise<AuditEvent[]>;
  close(): Promise<void>;
}

/** The API on a database of its own. Every answer is checked against the schema that its route declares. */
export async function createWorld(
  changes: { environment?: Record<string, string>; deps?: Partial<AdminDeps> } = {},
): Promise<World> {
  const directory = temporaryDirectory();
  const db = await openDatabase({ directory });
  const clock = { time: Date.parse('2026-11-24T09:00:00Z'), now: () => clock.time };
  const ended: World['ended'] = [];
  const dryRuns: DryRunRequest[] = [];
  const faults: object[] = [];
  const key = Buffer.alloc(32, 7);
  const box = createCryptoBox({ keys: new Map([['k', key]]), macKey: key });
  const settings = readSettings({
    STEPGATE_ADMIN_TOKEN: token,
    SMTP_URL: 'smtp://mailer:hunter2@mail.example.com:587',
    STEPGATE_ALLOW_LOOPBACK_EGRESS_FOR_DEVELOPMENT: '1',
    ...changes.environment,
  });
  const endAccess = createEndAccess({ box, clock });
  const server = Fastify();
  const answers = collectAnswers(server);
  await server.register(
    createAdminApi({
      settings,
      database: db,
      box,
      clock,
      passwords: createPasswords({ concurrency: 1 }),
      connectionTests: {
        begin: async () => {
          throw new Error('Tests of connections are stories of their own.');
        },
        find: async () => null,
      },
      issuerLabel: 'Stepgate',
      endAccess: async (stores, userId, code) => {
        await endAccess(stores, userId, code);
        ended.push({ userId, code });
      },
      dryRun: async (request) => {
        dryRuns.push(request);
        return sampleAnswer;
      },
      replays: createReplays({
        database: db,
        journals: createJournals({ box }),
        clock,
        pool: { play: () => Promise.reject(new Error('There is no sandbox in this world.')) },
        limits: settings.scriptLimits,
        authenticators: createRegistry(localDefinitions, federatedDefinition),
        findAllowedUrl: () => null,
        hashKey: (loginId) => box.mac('hidden arguments', loginId),
      }),
      explore: async () => nothingExplored,
      readTrace: createLoginTraces({
        database: db,
        journals: createJournals({ box }),
        limits: settings.scriptLimits,
        clock,
      }),
      scriptReference: describeScriptApi({ authenticators: describeAuthenticators() }),
      writeTypings,
      knownFunctions: knowledge.functions,
      authenticators: knowledge.authenticators,
      unavailableAuthenticators: knowledge.unavailableAuthenticators,
      findClientFault: async () => null,
      log: { error: (details) => void faults.push(details) },
      ...changes.deps,
    }),
    { prefix: '/api' },
  );

  async function send(options: InjectOptions): Promise<Answer> {
    const response = await server.inject(options);
    const text = response.body;
    const body = text === '' ? null : /json/.test(String(response.headers['content-type'])) ? JSON.parse(text) : text;
    return { status: response.statusCode, body, headers: response.headers };
  }

  let seen = 0;
  const events = async () => (await db.read.audit.list({ after: null, limit: 1000 })).toReversed();

  return {
    server,
    db,
    clock,
    ended,
    dryRuns,
    faults,
    send,
    async call(method, path, body, headers = {}) {
      const answer = await send({
        method: method as 'GET',
        url: `/api/v1${path}`,
        headers: { authorization: `Bearer ${token}`, ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      answers.check(method, path, answer);
      return answer;
    },
    async happened() {
      const all = await events();
      const fresh = all.slice(seen).map(({ type }) => type);
      seen = all.length;
      return fresh;
    },
    events,
    async close() {
      await server.close();
      await db.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Learns what each route declares to answer. */
function collectAnswers(server: FastifyInstance) {
  const routes: { method: string; path: RegExp; response: Record<string, TSchema> }[] = [];
  server.addHook('onRoute', ({ method, url, schema }) => {
    const path = new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`);
    const response = (schema?.response ?? {}) as Record<string, TSchema>;
    for (const one of [method].flat()) routes.push({ method: one, path, response });
  });
  return {
    check(method: string, path: string, { status, body }: Answer) {
      if (status >= 400) {
        expect(body, `${method} ${path}`).toMatchObject({
          code: expect.any(String),
          message: expect.any(String),
          status,
        });
        return;
      }
      const url = `/api/v1${path.split('?')[0]}`;
      const route = routes.find((one) => one.method === method && one.path.test(url));
      const schema = route?.response[status];
      if (!schema) throw new Error(`${method} ${path}: the route does not declare an answer with ${status}`);
      expect([...Compile(schema).Errors(body)], `${method} ${path}: ${status}`).toEqual([]);
    },
  };
}

const sampleAnswer: DryRunAnswer = {
  outcome: {
    result: 'success',
    code: null,
    message: null,
    limit: null,
    waitingFor: null,
    redirect: null,
    acr: null,
    amr: ['pwd'],
    subject: { username: 'ann' },
  },
  steps: [{ step: 1, idp: 'LOCAL', authenticator: 'BasicAuthenticator', outcome: 'success' }],
  provisioning: [],
  trace: [{ seq: 0, kind: 'start', name: 'start', line: null, column: null, args: [], result: null, atMs: 0 }],
  logs: [],
  effects: [],
  usage: {
    turnCpuMs: { used: 1, limit: 100 },
    cpuMs: { used: 1, limit: 500 },
    turnWallMs: { used: 1, limit: 1000 },
    callMs: { used: 0, limit: 10_000 },
    heapBytes: { used: 1, limit: 16_777_216 },
    scriptBytes: { used: 60, limit: 100_000 },
    journalEntries: { used: 2, limit: 200 },
    queue: { used: 1, limit: 200 },
    argumentBytes: { used: 8, limit: 1_000_000 },
    logLines: { used: 0, limit: 200 },
    logLineBytes: { used: 0, limit: 4096 },
  },
};

/** Exploring is a story of its own. */
const nothingExplored: Exploration = {
  complete: false,
  method: '',
  open: [],
  cut: [],
  pathCount: 0,
  paths: [],
  graph: { nodes: [], edges: [] },
  tree: { nodes: [], edges: [] },
  coverage: { lines: { total: 0, visited: 0, missed: [] }, branches: { total: 0, visited: 0, missed: [] } },
  unreachableSteps: [],
  properties: [],
  failing: [],
};

export const passwordOnly = { steps: [{ options: [{ authenticator: 'BasicAuthenticator' }] }] };

export const anApplication = {
  name: 'Payroll',
  redirectUris: ['https://payroll.example.com/callback'],
  clientType: 'confidential',
};

export const aConnection = {
  name: 'Google',
  type: 'oidc',
  issuer: 'https://accounts.example.com',
  clientId: 'stepgate',
  clientSecret: 'the-provider’s-secret',
};
