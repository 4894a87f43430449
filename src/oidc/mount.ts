import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { routes } from './configuration.ts';
import { type ConsentDeps, mountConsent } from './consent.ts';
import type { OidcStores } from './stores.ts';
import { signOutAnother } from './switch-account.ts';

/** Where the provider stands under PUBLIC_URL. */
export const mountPath = '/oidc';

const open = ['GET', 'OPTIONS'];
const paths: readonly (readonly [path: string, methods: readonly string[]])[] = [
  ['/.well-known/openid-configuration', open],
  ['/.well-known/oauth-authorization-server', open],
  [routes.jwks, open],
  [routes.token, ['POST', 'OPTIONS']],
  [routes.userinfo, ['GET', 'POST', 'OPTIONS']],
  [routes.introspection, ['POST', 'OPTIONS']],
  [routes.revocation, ['POST', 'OPTIONS']],
  [routes.end_session, ['GET']],
  [`${routes.end_session}/confirm`, ['POST']],
  [`${routes.end_session}/success`, ['GET']],
];

export interface MountDeps extends ConsentDeps {
  publicUrl: string;
  database: Database<OidcStores>;
  clock: Clock;
  /** How many authorization requests one address may make in a minute. */
  authorizationsPerMinute: number;
}

/** Puts the provider's endpoints and the consent page into a Fastify server, as routes of its own. */
export async function mountProvider(server: FastifyInstance, deps: MountDeps): Promise<void> {
  const { publicUrl, database, clock, reports, current, authorizationsPerMinute } = deps;
  const { protocol, host } = new URL(publicUrl);

  await server.register(async (scope) => {
    await scope.register(rateLimit, { global: false, ipv6Subnet: 64, errorResponseBuilder: tooMany });
    // The provider reads bodies itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));

    for (const [path, methods] of paths) {
      scope.route({ method: [...methods], url: mountPath + path, handler: pass, exposeHeadRoute: false });
    }
    const config = { rateLimit: { max: authorizationsPerMinute, timeWindow: 60_000 } };
    scope.get(mountPath + routes.authorization, { config, exposeHeadRoute: false }, async (request, reply) => {
      const twice = findRepeated(request);
      if (twice !== null) return await refuseRepeated(request, reply, twice);
      return await pass(request, reply);
    });
    scope.get<{ Params: { uid: string } }>(
      `${mountPath}${routes.authorization}/:uid`,
      { exposeHeadRoute: false },
      async (request, reply) => {
        const { provider } = await current();
        await signOutAnother({ provider, database, clock }, request.raw, reply.raw, request.params.uid);
        return await pass(request, reply);
      },
    );
  });
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    mountConsent(scope, deps);
  });

  /** Hands a request over to the provider, which answers it by itself. */
  async function pass(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { handle } = await current();
    const { raw } = request;
    // The provider believes these headers. They say what is configured, and the address that Fastify worked out, so
    // that no header of the request's own gets into a URL or passes for an address.
    raw.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    raw.headers['x-forwarded-host'] = host;
    raw.headers['x-forwarded-for'] = request.ip;
    // In the path alone, whatever form the request's target had (RFC 9112 section 3.2.2).
    const { pathname, search } = new URL(raw.url ?? '/', publicUrl);
    Object.assign(raw, { originalUrl: pathname + search, url: pathname.slice(mountPath.length) + search });
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    reply.hijack();
    await handle(raw, reply.raw);
  }

  /** RFC 6749 section 3.1. A request that says two things is answered to nobody: it may not be the application's own. */
  async function refuseRepeated(request: FastifyRequest, reply: FastifyReply, name: string): Promise<FastifyReply> {
    const query = request.query as Record<string, unknown>;
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    const clientId = text(query['client_id']);
    const application = clientId === null ? null : await database.read.applications.findByClientId(clientId);
    const { status, html } = await reports.show(
      {
        code: 'INVALID_REQUEST',
        ip: request.ip,
        route: 'authorization',
        clientId,
        error: 'invalid_request',
        description: `parameter ${name.slice(0, 100)} must not come twice`,
        detail: null,
      },
      {
        url: request.originalUrl,
        uiLocales: text(query['ui_locales']),
        acceptLanguage: request.headers['accept-language'] ?? null,
        application: application?.name ?? null,
      },
    );
    return reply.code(status).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html);
  }
}

/** For the server's error handler: no event and no reference, for a flood of requests must not become a flood of writes. */
function tooMany(_request: unknown, { ttl }: { ttl: number }): AppError {
  const params = { wait: String(Math.ceil(ttl / 1000)) };
  return Object.assign(new AppError('TRY_LATER', { detail: 'One address asks for too many sign-ins.', params }), {
    statusCode: 429,
  });
}

function findRepeated(request: FastifyRequest): string | null {
  const repeated = Object.entries(request.query as Record<string, unknown>).find(([, value]) => Array.isArray(value));
  return repeated ? repeated[0] : null;
}
