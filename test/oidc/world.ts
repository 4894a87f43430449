import { hash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Application } from '../../src/applications/application.ts';
import type { AuditEvent } from '../../src/audit/event.ts';
import type { User } from '../../src/directory/user.ts';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { type LoginId, newId, newSecret } from '../../src/kernel/ids.ts';
import type { LoginFinisher, LoginResult } from '../../src/login/handoff.ts';
import type { LoginRequest } from '../../src/login/login.ts';
import { parseCookies } from '../../src/oidc/cookies.ts';
import { createFinisher } from '../../src/oidc/finish-login.ts';
import { createOidc, type Oidc } from '../../src/oidc/oidc.ts';
import { oidcPages as pages } from '../../src/oidc/render-pages.ts';
import { openDatabase, type StepgateDatabase } from '../../src/storage/open.ts';
import { aUser } from '../provisioning/people.ts';
import { type Browser, createBrowser } from './browser.ts';

export interface BegunLogin {
  loginId: LoginId;
  interactionUid: string;
  browserSecret: string;
  clientId: string;
  request: LoginRequest;
  browserUid: string | null;
}

/** A whole applications' side on a real server and a real database, where logins end at once as the test says. */
export interface World {
  publicUrl: string;
  oidc: Oidc;
  server: FastifyInstance;
  database: StepgateDatabase;
  /** Where the database is. */
  directory: string;
  /** Where the server really listens. */
  address: string;
  /** How the next logins end. */
  answer: (begun: BegunLogin) => LoginResult | Promise<LoginResult>;
  begun: BegunLogin[];
  /** Makes `begin` fail. */
  failBegin: Error | null;
  /** Makes writes fail when they should reach the disk. */
  failCommits: boolean;
  /** Moves the server's clock on. */
  later(ms: number): void;
  now(): number;
  addApplication(of?: Partial<Application>): Promise<Application & { secret: string }>;
  addUser(of?: Partial<User>): Promise<User>;
  change(userId: User['id'], by: Partial<User>): Promise<void>;
  events(type?: string): Promise<AuditEvent[]>;
  newBrowser(): Browser;
  finisher: LoginFinisher;
  /** Hands a login's result over, in a unit of its own. */
  finish(interactionUid: string, result: LoginResult): Promise<{ redirectTo: string }>;
  close(): Promise<void>;
}

export async function createWorld({
  publicUrl = 'https://login.test',
  authorizationsPerMinute = 10_000,
}: {
  publicUrl?: string;
  authorizationsPerMinute?: number;
} = {}): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'stepgate-oidc-'));
  let moved = 0;
  const clock = { now: () => Date.now() + moved };
  const database = await openDatabase({ directory, clock });
  const box = createCryptoBox({ keys: new Map([['1', randomBytes(32)]]), macKey: randomBytes(32) });
  const server = Fastify({ logger: { level: process.env['TEST_LOG'] ?? 'silent' }, trustProxy: false });
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'self'"], 'script-src': ["'self'"], 'frame-ancestors': ["'none'"] },
    },
  });

  const world: World = {
    publicUrl,
    server,
    database,
    directory,
    address: '',
    answer: () => {
      throw new Error('the test did not say how logins end');
    },
    begun: [],
    failBegin: null,
    failCommits: false,
    later: (ms) => {
      moved += ms;
    },
    now: () => clock.now(),
    oidc: undefined as never,
    async addApplication(of = {}) {
      const secret = newSecret();
      const application: Application = {
        id: newId('app'),
        name: `Payroll ${secret.slice(0, 6)}`,
        clientId: `client-${randomBytes(6).toString('hex')}`,
        clientType: 'confidential',
        clientSecretHash: hash('sha256', secret, 'base64url'),
        redirectUris: ['https://app.test/callback'],
        postLogoutRedirectUris: ['https://app.test/bye'],
        backchannelLogoutUri: null,
        backchannelLogoutSessionRequired: true,
        consent: 'skip',
        disabled: false,
        signInRules: [],
        draft: null,
        liveVersion: 1,
        createdAt: clock.now(),
        updatedAt: clock.now(),
        revision: 1,
        ...of,
      };
      await database.unit(({ applications }) => applications.insert(application));
      return { ...application, secret };
    },
    async addUser(of = {}) {
      const user = aUser({ createdAt: clock.now(), updatedAt: clock.now(), ...of });
      await database.unit(({ users }) => users.insert(user));
      return user;
    },
    async change(userId, by) {
      const user = await database.read.users.findById(userId);
      if (!user) throw new Error(`no user ${userId}`);
      await database.unit(({ users }) => users.update({ ...user, ...by }));
    },
    async events(type) {
      return database.read.audit.list({ after: null, limit: 100, ...(type === undefined ? {} : { type }) });
    },
    newBrowser: () => createBrowser(world),
    finisher: createFinisher({ database, box, clock }),
    finish: (uid, result) => database.unit((stores) => world.finisher.finish(stores, uid, result)),
    async close() {
      await server.close();
      await database.close();
      await rm(directory, { recursive: true });
    },
  };

  const early: StepgateDatabase['unit']['early'] = (work) => {
    const unit = database.unit.early(work);
    return world.failCommits ? { ...unit, durable: Promise.reject(new AppError('STORAGE_UNAVAILABLE')) } : unit;
  };
  world.oidc = createOidc({
    leaveUpstream: async (_sessions, target) => target,
    publicUrl,
    database: { read: database.read, unit: Object.assign(database.unit.bind(null), { early }) },
    box,
    clock,
    pages,
    log: server.log,
    takesEvent: () => true,
    authorizationsPerMinute,
    signInSilently: async () => ({
      result: { ok: false, error: 'login_required', errorDescription: 'No page is to be shown.' },
      cookies: [],
    }),
    logins: {
      async begin(of) {
        if (world.failBegin) throw world.failBegin;
        const login = { ...of, loginId: newId('login'), browserSecret: newSecret() };
        world.begun.push(login);
        return login;
      },
    },
  });
  await world.oidc.mount(server);
  // The login's side of the seam: one page that ends at once.
  server.get<{ Params: { id: string } }>('/login/:id', async (request, reply) => {
    const begun = world.begun.find(({ loginId }) => loginId === request.params.id);
    if (!begun || parseCookies(request.headers.cookie)['sg_login'] !== begun.browserSecret)
      return reply.code(403).send();
    const { redirectTo } = await world.finish(begun.interactionUid, await world.answer(begun));
    return reply.redirect(redirectTo, 303);
  });
  world.address = await server.listen({ port: 0, host: '127.0.0.1' });
  return world;
}

/** A login that ends well. */
export function success(subject: string, of: Partial<Extract<LoginResult, { ok: true }>> = {}) {
  return ({ loginId }: BegunLogin): LoginResult => ({
    ok: true,
    subject,
    acr: null,
    account: true,
    amr: ['pwd'],
    authTime: Math.floor(Date.now() / 1000),
    claims: {},
    facts: { ip: '203.0.113.7', userAgent: 'Mozilla/5.0', steps: [] },
    session: null,
    ...of,
    loginId,
  });
}
