import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Application } from '../applications/application.ts';
import type { TakesEvent } from '../audit/event-budget.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { LoginStarter, SignInSilently } from '../login/handoff.ts';
import { endAllOf } from '../sessions/end.ts';
import type { WriteLogoutToken } from '../sessions/owed-logout.ts';
import { findClientFault } from './clients.ts';
import type { LeaveUpstream } from './configuration.ts';
import { createDurability } from './durability.ts';
import { createErrorReports } from './error-reports.ts';
import { createSigningKeys } from './keys.ts';
import { createLogoutTokens } from './logout-token.ts';
import { mountPath, mountProvider } from './mount.ts';
import type { OidcPages } from './pages.ts';
import { createProviders } from './provider.ts';
import { createSignIns } from './sign-ins.ts';
import type { OidcStores } from './stores.ts';

/** The applications' side: an OpenID provider whose every authorization request runs a login. */
export interface Oidc {
  /** `PUBLIC_URL/oidc` */
  issuer: string;
  /** Adds the endpoints under `/oidc` and the page `/consent/:uid` to a server. Makes the first signing key if there is none. */
  mount(server: FastifyInstance): Promise<void>;
  /** Publishes the next signing key, which signs a day later, and retires keys that have not signed for a month. */
  rotateKeys(): Promise<{ kid: string; activeAt: number }>;
  /** What an application is told when a session is over. */
  writeLogoutToken: WriteLogoutToken;
  /** Ends all sessions, sign-ins and tokens of a subject. A disabled person's tokens fail without it; this removes them. */
  endAccount(subject: string): Promise<void>;
  /** What is wrong with an application as a client (a redirect URI that cannot be one, say), as a sentence for the admin; or null. */
  findClientFault(application: Application): Promise<string | null>;
}

export interface OidcDeps {
  /** Without a trailing slash. */
  publicUrl: string;
  database: Database<OidcStores>;
  box: CryptoBox;
  clock: Clock;
  logins: LoginStarter;
  signInSilently: SignInSilently;
  pages: OidcPages;
  leaveUpstream: LeaveUpstream;
  log: FastifyBaseLogger;
  takesEvent: TakesEvent;
  /** How many authorization requests one address may make in a minute: each runs a script. 600 unless told. */
  authorizationsPerMinute?: number;
}

export function createOidc({ publicUrl, pages, log, authorizationsPerMinute = 600, ...deps }: OidcDeps): Oidc {
  const { database, clock } = deps;
  const issuer = publicUrl + mountPath;
  const durability = createDurability();
  const reports = createErrorReports({ ...deps, durability, pages, log });
  const keys = createSigningKeys(deps);
  const signIns = createSignIns({ database, durability });
  const secure = publicUrl.startsWith('https:');
  const { current } = createProviders({ ...deps, issuer, secure, durability, pages, reports, keys, signIns, log });

  return {
    issuer,
    async mount(server) {
      await current();
      await mountProvider(server, { ...deps, publicUrl, pages, reports, current, authorizationsPerMinute });
    },
    rotateKeys: () => keys.rotate(),
    writeLogoutToken: createLogoutTokens({ ...deps, issuer, keys }),
    endAccount: (subject) =>
      database.unit((stores) => endAllOf(stores, subject, { actor: 'system', reason: 'account', at: clock.now() })),
    async findClientFault(application) {
      const { provider } = await current();
      return findClientFault(provider, application);
    },
  };
}
