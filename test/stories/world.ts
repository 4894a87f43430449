import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Limits } from '../../sandbox/protocol.ts';
import { type App, createApp } from '../../src/app.ts';
import type { Application } from '../../src/applications/application.ts';
import { type AdminApi, createAdminApi } from '../../src/cli/admin-api.ts';
import { createDemoApplication, type DemoApplication } from '../../src/cli/demo/application.ts';
import { createDemoIdentityProvider, type DemoIdentityProvider } from '../../src/cli/demo/identity-provider.ts';
import { createMailCatcher, type MailCatcher } from '../../src/cli/demo/mail-catcher.ts';
import type { DemoPerson } from '../../src/cli/demo/people.ts';
import { createPerson, type Person } from '../../src/cli/demo/person.ts';
import { findFreePort } from '../../src/cli/demo/ports.ts';
import type { JitSettings, OidcConnection } from '../../src/connections/connection.ts';
import { createPasswords } from '../../src/directory/passwords.ts';
import type { User } from '../../src/directory/user.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { type CryptoBox, createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { loadKeys } from '../../src/kernel/key-file.ts';
import type { Flow, PublishedFlow } from '../../src/login/flow.ts';
import { readSettings } from '../../src/settings.ts';
import { createSweeper } from '../../src/sweeper.ts';
import { sharedPool } from '../sandbox/shared-pool.ts';
import { makeApplication, makeConnection, makeUser, publishFlow } from './seed.ts';

export const password = 'correct horse battery';
export const adminToken = 'an-admin-token-that-is-long-enough';
/** Everybody has the same: it takes time on purpose, and is made once. */
let passwordHash: Promise<string> | undefined;

export const missionScript = await readFile(
  new URL('../../scripts/mfa-for-local-users/script.js', import.meta.url),
  'utf8',
);

export const missionSteps: Flow['steps'] = [
  { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
  { options: [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }] },
];

export interface WorldOptions {
  flow?: Partial<PublishedFlow>;
  jit?: Partial<JitSettings>;
  people?: readonly DemoPerson[];
  limits?: Limits;
  /** How many scripts may run at once, in processes of the world's own. */
  sandboxes?: number;
  /** Settings beside those that the world makes itself, by the names of environment variables. */
  env?: Record<string, string>;
}

/** The server with a real identity provider, application and mail server, each on a host of its own. */
export interface World {
  app: App;
  url: string;
  /** Where the server keeps its data. */
  directory: string;
  /** The server's own, with its keys. */
  box: CryptoBox;
  /** The server's time: the system's, and what a test let pass beyond it. */
  clock: Clock & {
    skip(milliseconds: number): void;
    /** To the beginning of a minute: what is counted by minutes can be counted within one. */
    skipToMinute(): void;
  };
  identityProvider: DemoIdentityProvider;
  application: DemoApplication;
  mails: MailCatcher;
  registered: Application;
  connection: OidcConnection;
  /** An owner's. */
  admin: AdminApi;
  /** A new browser, at the application's door. */
  somebody(name?: string): Person;
  addUser(username: string, more?: Partial<User> & { email?: string; verified?: string[] }): Promise<User>;
  /** Publishes another version of the flow. */
  publish(flow: Partial<PublishedFlow>): Promise<void>;
  changeConnection(change: (connection: OidcConnection) => OidcConnection): Promise<void>;
  /** Audit events by type since the last call. That a success opens a session goes without saying: stories of sessions look at those. */
  happened(): Promise<Record<string, number>>;
  /** The newest event of a type. */
  lastEvent(type: string): Promise<Awaited<ReturnType<App['database']['read']['audit']['list']>>[number]>;
  users(): Promise<User[]>;
  /** What happens each hour by itself. */
  sweep(): Promise<void>;
  /** The server's log so far. */
  log: readonly Record<string, unknown>[];
  /** Ends the server as it is and starts it again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startWorld({
  flow = {},
  jit = {},
  people,
  limits,
  sandboxes,
  env = {},
}: WorldOptions = {}): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'stepgate-story-'));
  const port = await findFreePort({ host: 'localhost' });
  const url = `http://localhost:${port}`;
  const mails = await createMailCatcher();
  const application = await createDemoApplication({ host: '127.0.0.2' });
  const identityProvider = await createDemoIdentityProvider({
    host: '127.0.0.1',
    client: { id: 'stepgate', secret: 'a secret between the two of them', redirectUris: [`${url}/login/callback`] },
    ...(people ? { people } : {}),
  });
  const settings = readSettings({
    HOST: 'localhost',
    PORT: String(port),
    PUBLIC_URL: url,
    STEPGATE_DATA: directory,
    STEPGATE_ADMIN_TOKEN: adminToken,
    SMTP_URL: mails.smtpUrl,
    MAIL_FROM: 'Stepgate <stepgate@example.com>',
    STEPGATE_ALLOW_LOOPBACK_EGRESS_FOR_DEVELOPMENT: '1',
    ...env,
  });
  const log: Record<string, unknown>[] = [];
  let skipped = 0;
  const clock: World['clock'] = {
    now: () => Date.now() + skipped,
    skip(milliseconds) {
      skipped += milliseconds;
    },
    skipToMinute: () => clock.skip(60_000 - (clock.now() % 60_000)),
  };
  const start = async () => {
    const app = await createApp({
      settings,
      clock,
      logTo: {
        write(line) {
          log.push(JSON.parse(line));
          if (process.env['STORY_LOG']) process.stderr.write(line);
        },
      },
      ...(sandboxes === undefined ? { pool: sharedPool() } : { sandboxes }),
      ...(limits ? { limits } : {}),
    });
    await app.start();
    return app;
  };
  let app = await start();
  const box = createCryptoBox(loadKeys({ file: join(directory, 'keys.json') }));
  const connection = makeConnection(box, {
    name: 'Google',
    issuer: identityProvider.url,
    clientId: 'stepgate',
    clientSecret: 'a secret between the two of them',
    groupMapping: { research: 'research' },
    jit,
  });
  const clientSecret = 'the-application-s-own-secret';
  const registered = makeApplication({
    name: 'Payroll',
    clientId: 'payroll',
    clientSecret,
    redirectUris: [application.callbackUrl],
    postLogoutRedirectUris: [application.signedOutUrl],
  });
  await app.database.unit(async (stores) => {
    await stores.connections.insert(connection);
    await stores.applications.insert(registered);
  });

  const world: World = {
    get app() {
      return app;
    },
    url,
    directory,
    box,
    clock,
    identityProvider,
    application,
    mails,
    log,
    registered,
    connection,
    admin: createAdminApi({ serverUrl: url, adminToken: settings.adminToken! }),
    // A page may be slow in coming on a busy machine.
    somebody: (name) => createPerson({ ...(name === undefined ? {} : { name }), timeoutMs: 30_000 }),
    async addUser(username, more = {}) {
      const user = makeUser(username, more);
      passwordHash ??= createPasswords().hash(password);
      const hash = await passwordHash;
      await app.database.unit(async ({ users }) => {
        await users.insert(user);
        await users.setPasswordHash(user.id, hash);
      });
      return user;
    },
    async publish(changes) {
      const whole: PublishedFlow = { steps: missionSteps, script: missionScript, scriptEnabled: true, ...changes };
      await app.database.unit((stores) => publishFlow(stores, registered.id, whole));
    },
    async changeConnection(change) {
      await app.database.unit(async ({ connections }) => {
        await connections.update(change((await connections.findById(connection.id)) as OidcConnection));
      });
    },
    async happened() {
      const events = await app.database.read.audit.list({ after: null, limit: 500 });
      const fresh = events.filter((event) => !seen.has(event.id));
      const counts: Record<string, number> = {};
      for (const event of fresh) {
        seen.add(event.id);
        if (event.type === 'session.opened') continue;
        counts[event.type] = (counts[event.type] ?? 0) + 1;
      }
      return counts;
    },
    async lastEvent(type) {
      const [event] = await app.database.read.audit.list({ after: null, limit: 1, type });
      if (!event) throw new Error(`no event ${type}`);
      return event;
    },
    users: () => app.database.read.users.list({ after: null, limit: 100 }),
    sweep: () =>
      createSweeper({
        database: app.database,
        clock,
        historyDays: 365,
        auditDays: settings.auditDays,
        rotateKeys: async () => {},
        log: { warn: () => {} },
      }).sweep(),
    async restart() {
      await app.stop();
      app = await start();
    },
    async close() {
      await app.stop();
      await Promise.all([identityProvider.close(), application.close(), mails.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
  const seen = new Set<string>();
  await world.publish(flow);
  application.connect({ issuer: `${url}/oidc`, clientId: 'payroll', clientSecret });
  return world;
}
