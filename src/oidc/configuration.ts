import type { AdapterFactory, Configuration } from 'oidc-provider';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { languages } from '../kernel/languages.ts';
import { errors } from '../kernel/oidc-provider.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { LoginStarter, SignInSilently } from '../login/handoff.ts';
import type { UpstreamSession } from '../sessions/upstream.ts';
import { createFindAccount } from './accounts.ts';
import { createAdapter } from './adapter.ts';
import { createInteractionUrl } from './begin-login.ts';
import { claimsByScope } from './claim-names.ts';
import { allowsOrigin, createClientAdapter } from './clients.ts';
import { cookieNames } from './cookies.ts';
import type { Durability } from './durability.ts';
import type { ErrorReports } from './error-reports.ts';
import { createGrantLoader, grantLifetime } from './grants.ts';
import { createInteractionPolicy } from './interaction-policy.ts';
import type { KeySet } from './keys.ts';
import { lifetimes } from './lifetimes.ts';
import { createLogoutPages } from './logout-pages.ts';
import type { OidcPages } from './pages.ts';
import type { SignIns } from './sign-ins.ts';
import { createSilentSignIn } from './silent-sign-in.ts';
import type { OidcStores } from './stores.ts';

export interface ConfigurationDeps {
  /** The URL is https. */
  secure: boolean;
  database: Database<OidcStores>;
  durability: Durability;
  box: CryptoBox;
  clock: Clock;
  logins: LoginStarter;
  signInSilently: SignInSilently;
  pages: OidcPages;
  reports: ErrorReports;
  signIns: SignIns;
  leaveUpstream: LeaveUpstream;
}

/** Where a browser goes that has signed out here, on its way to `target`: identity providers may come before. */
export type LeaveUpstream = (sessions: readonly UpstreamSession[], target: string) => Promise<string>;

/** The provider's paths, under the issuer. */
export const routes = {
  authorization: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  jwks: '/jwks',
  introspection: '/introspect',
  revocation: '/revoke',
  end_session: '/logout',
} as const;

/** Everything that Stepgate decides about OpenID Connect. What is not named here is the library's default or off. */
export function createConfiguration(deps: ConfigurationDeps, keys: KeySet): Configuration {
  const { secure, database, clock, signIns } = deps;
  const { applications, users, sessions, upstreamSessions } = database.read;
  const findAccount = createFindAccount({
    ...deps,
    users,
    applications,
    sessions,
    upstreamSessions,
    signInSilently: createSilentSignIn(deps),
  });
  const clients = createClientAdapter(applications);
  const adapter: AdapterFactory = (name) => (name === 'Client' ? clients : createAdapter(name, deps));
  const cookie = { httpOnly: true, sameSite: 'lax', path: '/', secure } as const;
  const off = { enabled: false } as const;

  return {
    adapter,
    jwks: { keys: keys.keys },
    routes,

    // Which applications
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: allowsOrigin,

    // Who, and how they are asked
    findAccount,
    interactions: { policy: createInteractionPolicy(), url: createInteractionUrl(deps) },
    loadExistingGrant: createGrantLoader({ applications, signIns, clock }),

    // What they get
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'], ...lists(claimsByScope) },
    // Claims stand in the id_token too, not in userinfo alone: small applications read nothing else.
    conformIdTokenClaims: false,
    // Every application gets one. Without offline_access it ends when the person signs out.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    // Ended by us, sign-in by sign-in: the library's tie would end one tab's tokens when another signs in.
    expiresWithSession: async () => false,
    revokeGrantPolicy: () => true,
    ttl: {
      AccessToken: (ctx) =>
        Math.min(lifetimes.accessToken, ctx.oidc.entities.Grant?.remainingTTL ?? lifetimes.accessToken),
      AuthorizationCode: lifetimes.authorizationCode,
      Grant: (_ctx, grant) => grantLifetime(grant.getOIDCScope()),
      IdToken: lifetimes.idToken,
      Interaction: lifetimes.interaction,
      RefreshToken: (ctx) => ctx.oidc.entities.Grant?.remainingTTL ?? lifetimes.signIn,
      Session: lifetimes.session,
    },

    // No cookie keys: the values are 258 random bits, and signing them proves nothing more.
    cookies: { names: cookieNames({ secure }), long: cookie, short: { httpOnly: true, sameSite: 'lax', secure } },
    discovery: { ui_locales_supported: [...languages] },
    renderError: (ctx, _out, error) => deps.reports.renderError(ctx, error),

    features: {
      userinfo: { enabled: true },
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      introspection: {
        enabled: true as boolean,
        // An application sees its own tokens, and none of a person who may not sign in any more.
        allowedPolicy: async (ctx, client, token) =>
          token.clientId === client.clientId &&
          'accountId' in token &&
          typeof token.accountId === 'string' &&
          (await findAccount(ctx, token.accountId, token as Parameters<typeof findAccount>[2])) !== undefined,
      },
      rpInitiatedLogout: { enabled: true, ...createLogoutPages(deps.pages) },
      // For its metadata and names of sessions; applications are told by us (logout-token.ts).
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true, assertClaimsParameter },
      devInteractions: off,
      dPoP: off,
      pushedAuthorizationRequests: off,
      resourceIndicators: off,
    },
  };
}

function lists(scopes: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(scopes).map(([scope, claims]) => [scope, [...claims]]));
}

/** @throws InvalidRequest for an `acr` that is asked for in another form than OpenID Connect Core 1.0 section 5.5.1 has. */
async function assertClaimsParameter(
  _ctx: unknown,
  { id_token }: { id_token?: Record<string, unknown> | undefined },
): Promise<void> {
  const acr = (id_token?.['acr'] ?? {}) as { value?: unknown; values?: unknown };
  const values = acr.values ?? [];
  const texts = Array.isArray(values) && values.every((value) => typeof value === 'string');
  if (typeof acr !== 'object' || !texts || (acr.value !== undefined && typeof acr.value !== 'string')) {
    throw new errors.InvalidRequest('claims.id_token.acr must have a text as value or a list of texts as values');
  }
}
