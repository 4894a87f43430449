import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger } from 'fastify';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { AppError } from '../kernel/errors.ts';
import { Provider } from '../kernel/oidc-provider.ts';
import { endSessionOfBrowser } from '../sessions/end.ts';
import type { UpstreamSession } from '../sessions/upstream.ts';
import { compareHashedSecrets } from './clients.ts';
import { type ConfigurationDeps, createConfiguration } from './configuration.ts';
import { passCustomClaims } from './custom-claims.ts';
import { invalidRequest } from './error-reports.ts';
import { createSessionKeeper } from './keep-session.ts';
import type { SigningKeys } from './keys.ts';
import { passOwnSids } from './logout-token.ts';
import { createTokenSharing } from './share-tokens.ts';
import { watchToldErrors } from './told-errors.ts';

/** A provider with the keys of the moment. */
export interface Running {
  provider: Provider;
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** The library's words for a code or a refresh token that came back, which ends the sign-in: somebody may have stolen it. */
const replays = new Set(['authorization code already consumed', 'refresh token already used']);

/**
 * Keeps a provider that signs with the right key. Keys are the only thing it holds; a new provider takes 0.3 ms, so it is
 * made anew when they change, while requests in the old one come to their end.
 */
export function createProviders({
  issuer,
  keys,
  log,
  ...deps
}: ConfigurationDeps & { issuer: string; keys: SigningKeys; log: FastifyBaseLogger }): { current(): Promise<Running> } {
  let now: (Running & { kids: string; validUntil: number }) | null = null;
  let loading: Promise<Running> | null = null;

  return {
    current() {
      if (now && deps.clock.now() < now.validUntil) return Promise.resolve(now);
      loading ??= load().finally(() => {
        loading = null;
      });
      return loading;
    },
  };

  async function load(): Promise<Running> {
    const set = await keys.load();
    const kids = set.keys.map(({ kid }) => kid).join(' ');
    const running = now?.kids === kids ? now : build(set);
    now = { ...running, kids, validUntil: set.validUntil };
    return now;
  }

  function build(set: Awaited<ReturnType<SigningKeys['load']>>): Running {
    const provider = new Provider(issuer, createConfiguration(deps, set));
    // Host, scheme and address are pinned on the way in (mount.ts), so the headers can be believed.
    provider.proxy = true;
    compareHashedSecrets(provider);
    passCustomClaims(provider);
    passOwnSids(provider, deps.box);
    const keepSession = createSessionKeeper(deps);
    const shareTokens = createTokenSharing(deps);
    const signingOut = new WeakMap<object, Promise<UpstreamSession[]>>();
    const completeTold = watchToldErrors(provider, deps.reports);
    provider.use(async (ctx, next) => {
      try {
        await next();
        if (!ctx['oidc']) return;
        const context = ctx as unknown as KoaContextWithOIDC;
        await keepSession(context);
        await shareTokens(context);
        await leaveUpstream(context, await signingOut.get(ctx));
        await completeTold(context);
      } finally {
        await deps.durability.settle(ctx);
      }
    });
    // Signing out has ended the session; its sign-ins end with it, before the browser hears of it.
    provider.on('end_session.success', (ctx) => {
      const uid = ctx.oidc.session?.uid;
      if (uid === undefined || !ctx.oidc.params?.['logout']) return;
      const end = { actor: 'person', reason: 'signed out', at: deps.clock.now() } as const;
      const ended = deps.database.unit(async (stores) => {
        const sessions = await stores.upstreamSessions.listByBrowser(uid);
        await endSessionOfBrowser(stores, uid, end);
        return sessions;
      });
      signingOut.set(ctx, ended);
      deps.durability.hold(ended);
    });
    provider.on('grant.error', (ctx, error) => {
      log.info({ error: error.error, detail: error.error_detail }, 'no tokens given');
      if (!replays.has(error.error_detail ?? '')) return;
      deps.durability.hold(deps.reports.record(invalidRequest(ctx, error)));
    });
    provider.on('server_error', (_ctx, err) => {
      if (!(err instanceof AppError)) log.error({ err }, 'the OpenID provider failed');
    });
    (provider as EventEmitter).on('error', (err) => log.error({ err }, 'the OpenID provider failed'));
    return { provider, handle: provider.callback() };
  }

  async function leaveUpstream(ctx: KoaContextWithOIDC, sessions: readonly UpstreamSession[] = []): Promise<void> {
    const target = ctx.response.get('location');
    if (sessions.length > 0 && target) ctx.redirect(await deps.leaveUpstream(sessions, target));
  }
}
