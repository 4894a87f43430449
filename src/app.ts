import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import statics from '@fastify/static';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { createPool, type Pool } from '../sandbox/pool.ts';
import type { Limits } from '../sandbox/protocol.ts';
import { createAdminApi } from './admin/api.ts';
import { createEventBudget } from './audit/event-budget.ts';
import { describeAuthenticators, localDefinitions } from './authenticators/definitions.ts';
import { createEmailOtp } from './authenticators/email-otp/index.ts';
import { createFederated } from './authenticators/federated/index.ts';
import type { FederationProtocol } from './authenticators/federated/protocol.ts';
import { createOAuth2Protocol } from './authenticators/federated-oauth2/index.ts';
import { createOidcProtocol } from './authenticators/federated-oidc/index.ts';
import { createSamlProtocol } from './authenticators/federated-saml/index.ts';
import { createIdentifierFirst } from './authenticators/identifier-first/index.ts';
import { unavailableAuthenticators } from './authenticators/known-names.ts';
import { createPassword } from './authenticators/password/index.ts';
import { createSessionLimit } from './authenticators/session-limit/index.ts';
import { createTotp } from './authenticators/totp/index.ts';
import { createOutside } from './calls/outside.ts';
import { createConnectionTests } from './connection-tests/index.ts';
import type { Connection } from './connections/connection.ts';
import { registerConnectionRoutes } from './connections/routes.ts';
import { createPasswords } from './directory/passwords.ts';
import { createThrottling } from './directory/throttling.ts';
import { createGuardedFetch, type GuardedFetch } from './egress/guarded-fetch.ts';
import { createHostList } from './egress/host-list.ts';
import { registerErrorPages } from './error-pages.ts';
import { type Clock, minute, systemClock } from './kernel/clock.ts';
import { createCryptoBox } from './kernel/crypto-box.ts';
import { loadKeys } from './kernel/key-file.ts';
import { beginRun } from './kernel/run.ts';
import { createDryRun } from './lab/dry-run.ts';
import { createExplore } from './lab/explore/explore.ts';
import { createLoginTraces } from './lab/login-trace.ts';
import { createReplays } from './lab/replays.ts';
import { registerAnswerRoutes } from './login/answer-routes.ts';
import { createLoginStarter } from './login/begin.ts';
import type { LoginDeps } from './login/deps.ts';
import { createEndAccess } from './login/end-access.ts';
import { createJournals } from './login/journal.ts';
import { createRegistry } from './login/options.ts';
import { registerLoginRoutes } from './login/routes.ts';
import { createScriptBreaker } from './login/script-breaker.ts';
import { createSilentSignIn } from './login/silent.ts';
import { createTeller } from './login/tell.ts';
import { createTypedFields } from './login/typed.ts';
import { tenantDomain, userStoreDomain } from './login/world.ts';
import { createMailSender } from './mail/sender.ts';
import { createMetrics } from './metrics.ts';
import { createFinisher } from './oidc/finish-login.ts';
import { createOidc } from './oidc/oidc.ts';
import { oidcPages } from './oidc/render-pages.ts';
import { assetsPath } from './pages/basic-context.ts';
import { maskAddress } from './pages/mail-addresses.ts';
import { writeCodeMail, writeFactorAddedMail, writeResetMail, writeTemplateMail } from './pages/mails.ts';
import { createRecovery } from './recovery/recovery.ts';
import { recoveryPages } from './recovery/render-pages.ts';
import { registerRecoveryRoutes } from './recovery/routes.ts';
import { rememberLanguage } from './remember-language.ts';
import { describeFunctions, guestFunctions } from './script-api/index.ts';
import { describeScriptApi } from './script-api/reference.ts';
import { writeTypings } from './script-api/typings.ts';
import type { Settings } from './settings.ts';
import { createUpstreamSignOut } from './single-logout/leave.ts';
import { createOwedSignOuts } from './single-logout/owed.ts';
import { createOwedLogouts } from './single-logout/owed-logouts.ts';
import { registerSingleLogoutRoutes } from './single-logout/routes.ts';
import { openDatabase, type StepgateDatabase } from './storage/open.ts';
import { createSweeper } from './sweeper.ts';

/** The whole server, put together: the only file that knows all parts. */
export interface App {
  server: FastifyInstance;
  database: StepgateDatabase;
  pool: Pool;
  /** Begins to listen, send mails and sweep; resolves when requests are answered. */
  start(): Promise<void>;
  /** Lets requests on the way finish, then ends everything. */
  stop(): Promise<void>;
}

export interface AppOptions {
  settings: Settings;
  clock?: Clock;
  limits?: Limits;
  /** How many scripts may run at once. */
  sandboxes?: number;
  /** Where they run, closed by whoever made it; by default the server's own. */
  pool?: Pool;
  /** pino's level; `silent` for tests. */
  logLevel?: string;
  /** Takes the log, a line of JSON at a time; standard output by default. */
  logTo?: { write(line: string): void };
}

const brand = 'Stepgate';

export async function createApp({
  settings,
  clock = systemClock,
  limits = settings.scriptLimits,
  sandboxes = 2,
  pool: sharedPool,
  logLevel = 'info',
  logTo,
}: AppOptions): Promise<App> {
  const { publicUrl, dataDirectory } = settings;
  const secure = publicUrl.startsWith('https:');

  const pool = sharedPool ?? createPool({ size: sandboxes, queue: 500, likely: { functions: guestFunctions, limits } });
  // The keys first: a start that ends between the two leaves keys without a database, and not the other way round.
  const known = existsSync(join(dataDirectory, 'stepgate.db'));
  const box = createCryptoBox(loadKeys({ file: settings.keyFile ?? join(dataDirectory, 'keys.json'), create: !known }));
  const database = await openDatabase({ directory: dataDirectory, clock });

  const server = Fastify({
    trustProxy: settings.trustedProxies.length > 0 ? settings.trustedProxies : false,
    bodyLimit: 1_048_576,
    logger: { level: logLevel, ...(logTo ? { stream: logTo } : {}) },
    // Requests carry codes and states in their queries: they are logged by path alone.
    logController: new LogController({ disableRequestLogging: true }),
  });
  const { log } = server;

  const egressRules = {
    allowedHosts: settings.egressHosts,
    allowLoopbackForDevelopment: settings.allowLoopbackEgressForDevelopment,
  };
  // An admin names the hosts of connections one by one; a script puts its URLs together as it runs.
  const egress = createGuardedFetch({ ...egressRules, withoutList: 'anybody' });
  const scriptEgress = createGuardedFetch({ ...egressRules, withoutList: 'nobody' });
  const mail = createMailSender({ database, box, smtpUrl: settings.smtpUrl, mailFrom: settings.mailFrom, clock, log });
  const passwords = createPasswords();
  const throttling = createThrottling({ box });
  const journals = createJournals({ box });
  const createProtocols = (fetch: GuardedFetch['fetch']) => ({
    oidc: createOidcProtocol({ publicUrl, fetch, box, clock }),
    oauth2: createOAuth2Protocol({ publicUrl, fetch, box }),
    saml: createSamlProtocol({ publicUrl, fetch, box }),
  });
  const protocols = createProtocols(egress.fetch);
  const protocolOf = (connection: Connection) => protocols[connection.type] as FederationProtocol;
  const authenticators = createRegistry(
    [
      createPassword({ database, passwords, throttling }),
      createIdentifierFirst({ throttling, tenantDomain, userStoreDomain }),
      createTotp({
        box,
        throttling,
        issuer: brand,
        mail,
        writeFactorAddedMail: (of) => writeFactorAddedMail({ brand, ...of }),
      }),
      createEmailOtp({ box, throttling, mail, writeCodeMail: (of) => writeCodeMail({ brand, ...of }), maskAddress }),
      createSessionLimit(),
      ...unavailableAuthenticators,
    ],
    createFederated({
      database,
      box,
      protocols,
    }),
  );

  const metrics = createMetrics({ pool });
  const typed = createTypedFields({ box, clock });
  const openOutside = createOutside({
    fetch: scriptEgress.fetch,
    clock,
    box,
    database,
    integrations: settings.integrations,
    typed,
  });
  const run = beginRun();
  const teller = createTeller({ database, box, clock, openOutside, log });
  const endAccess = createEndAccess({ box, clock });
  const loginDeps: LoginDeps = {
    publicUrl,
    breaker: createScriptBreaker({ clock }),
    loginLifetime: settings.loginMinutes * minute,
    database,
    box,
    clock,
    pool,
    limits,
    journals,
    authenticators,
    passwords,
    throttling,
    typed,
    endAccess,
    mails: { mail, writeTemplateMail: (of) => writeTemplateMail({ brand, ...of }) },
    openOutside,
    run,
    teller,
    metrics,
    log,
  };
  const connectionTests = createConnectionTests({
    publicUrl,
    fetch: egress.fetch,
    createProtocols,
    database,
    box,
    clock,
  });
  const starter = createLoginStarter(loginDeps);
  const readLoginTrace = createLoginTraces({ database, journals, limits, clock });
  const finisher = createFinisher({ database, box, clock });
  const listedHosts = createHostList(settings.egressHosts);
  const findAllowedUrl = (target: string) => {
    const url = URL.parse(target, publicUrl);
    return url && (url.origin === publicUrl || listedHosts.has(url.hostname)) ? url : null;
  };
  const finishDeps = { ...loginDeps, finisher, findAllowedUrl };
  const takesEvent = createEventBudget({ clock });
  const upstreamSignOut = createUpstreamSignOut({ database, box, clock, protocolOf });
  const owedSignOuts = createOwedSignOuts({ database, box, clock, protocolOf, log });
  const oidc = createOidc({
    publicUrl,
    database,
    box,
    clock,
    logins: starter,
    signInSilently: createSilentSignIn(finishDeps, starter),
    pages: oidcPages,
    leaveUpstream: upstreamSignOut.leave,
    log,
    takesEvent,
  });
  const { writeLogoutToken } = oidc;
  const owedLogouts = createOwedLogouts({ database, clock, fetch: egress.fetch, writeLogoutToken, log });
  const recovery = createRecovery({
    database,
    box,
    clock,
    passwords,
    throttling,
    mail,
    writeResetMail: (of) => writeResetMail({ brand, ...of }),
    endAccess: (stores, userId) => endAccess(stores, userId, 'ACCESS_DENIED'),
    publicUrl,
  });
  const sweeper = createSweeper({
    database,
    clock,
    historyDays: settings.loginHistoryDays,
    auditDays: settings.auditDays,
    rotateKeys: oidc.rotateKeys,
    log,
  });

  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
        'require-trusted-types-for': ["'script'"],
        // No form-action: a form's answer may lead on to an identity provider or an application, which browsers check too.
      },
    },
    strictTransportSecurity: secure ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: false,
  });
  registerErrorPages(server);
  await server.register(cookie);
  rememberLanguage(server, { secure });
  await server.register(statics, {
    root: fileURLToPath(new URL('./pages/public', import.meta.url)),
    prefix: `${assetsPath}/`,
    maxAge: '1h',
  });
  await oidc.mount(server);
  await server.register(async (pages) => {
    await pages.register(formbody, { bodyLimit: 65_536 });
    registerRecoveryRoutes(pages, { recovery, pages: recoveryPages, box, publicUrl });
  });
  registerConnectionRoutes(server, { connections: database.read.connections, publicUrl });
  await server.register(async (signOuts) => {
    await signOuts.register(formbody, { bodyLimit: 65_536 });
    registerSingleLogoutRoutes(signOuts, {
      database,
      box,
      clock,
      protocolOf,
      upstreamSignOut,
      takesEvent,
      signedOutUrl: `${oidc.issuer}/logout/success`,
    });
  });
  await server.register(async (answers) => {
    // An assertion with its certificates and a thousand groups.
    await answers.register(formbody, { bodyLimit: 524_288 });
    registerAnswerRoutes(answers, { database, box, clock, takesEvent, tests: connectionTests });
  });
  await server.register(async (pages) => {
    await pages.register(formbody, { bodyLimit: 65_536 });
    registerLoginRoutes(pages, {
      ...finishDeps,
      starter,
      publicUrl,
      takesEvent,
    });
  });

  await server.register(
    createAdminApi({
      settings,
      database,
      box,
      clock,
      passwords,
      endAccess,
      connectionTests,
      issuerLabel: brand,
      dryRun: createDryRun({
        pool,
        limits,
        authenticators,
        clock,
        findAllowedUrl,
        canPass: async (name, user) => authenticators.find(name)?.isUsable?.(database.read, user),
      }),
      replays: createReplays({
        database,
        journals,
        clock,
        pool,
        limits,
        authenticators,
        findAllowedUrl,
        hashKey: (loginId) => box.mac('hidden arguments', loginId),
      }),
      explore: createExplore({ pool, limits, authenticators }),
      readTrace: readLoginTrace,
      scriptReference: describeScriptApi({ limits, authenticators: describeAuthenticators() }),
      writeTypings,
      knownFunctions: describeFunctions(),
      authenticators: localDefinitions.filter(({ unavailable }) => !unavailable),
      unavailableAuthenticators,
      findClientFault: oidc.findClientFault,
      log,
    }),
    { prefix: '/api' },
  );
  server.get('/metrics', async (_request, reply) => {
    const { type, text } = await metrics.render();
    return reply.type(type).send(text);
  });
  server.get('/health/live', async () => ({ status: 'up' }));
  server.get('/health/ready', async (_request, reply) => {
    try {
      await Promise.all([database.check(), pool.ready()]);
      return { status: 'ready' };
    } catch {
      return reply.code(503).send({ status: 'not ready' });
    }
  });

  return {
    server,
    database,
    pool,
    async start() {
      await pool.ready();
      await server.listen({ host: settings.host, port: settings.port });
      mail.start();
      sweeper.start();
      owedSignOuts.start();
      owedLogouts.start();
      await teller.start();
    },
    async stop() {
      await server.close();
      await sweeper.stop();
      await mail.stop();
      await Promise.all([owedSignOuts.stop(), owedLogouts.stop()]);
      await teller.stop();
      run.end();
      if (!sharedPool) await pool.close();
      await Promise.all([egress.close(), scriptEgress.close()]);
      await database.close();
    },
  };
}
