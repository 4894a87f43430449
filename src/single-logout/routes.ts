import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TakesEvent } from '../audit/event-budget.ts';
import { classifyFailure } from '../authenticators/federated/failure.ts';
import type { ToldSignOut } from '../authenticators/federated/protocol.ts';
import type { Connection } from '../connections/connection.ts';
import { AppError } from '../kernel/errors.ts';
import { type ConnectionId, newId } from '../kernel/ids.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Stores } from '../stores.ts';
import { endUpstream } from './end-upstream.ts';
import type { LeaveDeps, UpstreamSignOut } from './leave.ts';
import { createRefusalLimit } from './refusal-limit.ts';

export interface SingleLogoutDeps extends Omit<LeaveDeps, 'database'> {
  database: Database<Stores>;
  upstreamSignOut: UpstreamSignOut;
  takesEvent: TakesEvent;
  /** Where a browser goes that has no other place to go. */
  signedOutUrl: string;
}

type Route = { Params: { id: string }; Querystring: Record<string, unknown>; Body: Record<string, unknown> | null };

/**
 * What providers tell of sign-outs, and the way back from them:
 *
 *   POST /connections/:id/logout       OpenID Connect Back-Channel Logout 1.0
 *   GET  /connections/:id/logout       SAML: a LogoutRequest of the provider's, or its LogoutResponse to ours
 *   GET  /connections/:id/signed-out   back from an OpenID provider (RP-Initiated Logout 1.0)
 */
export function registerSingleLogoutRoutes(server: FastifyInstance, deps: SingleLogoutDeps): void {
  const { database, clock, protocolOf, upstreamSignOut, signedOutUrl } = deps;
  const refusals = createRefusalLimit({ clock });

  server.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  server.post<Route>('/connections/:id/logout', async (request, reply) => {
    const connection = await find(request.params.id, 'oidc');
    if (!connection) return reply.callNotFound();
    if (refusals.isReached(request.ip)) {
      const description = 'Too many messages from this address were refused; try again later.';
      return reply
        .code(429)
        .header('retry-after', '60')
        .send({ error: 'invalid_request', error_description: description });
    }
    try {
      await end(connection, { form: onlyTexts(request.body ?? {}), query: '' });
      return reply.code(200).send();
    } catch (error) {
      const { code, detail } = await refuse(request, connection, error);
      refusals.count(request.ip);
      if (code !== 'IDP_ANSWER_INVALID') reply.header('retry-after', '30');
      return reply
        .code(code === 'IDP_ANSWER_INVALID' ? 400 : 503)
        .send({ error: 'invalid_request', error_description: detail });
    }
  });

  server.get<Route>('/connections/:id/logout', async (request, reply) => {
    const connection = await find(request.params.id, 'saml');
    if (!connection) return reply.callNotFound();
    const { SAMLRequest: asked, RelayState: state } = onlyTexts(request.query);
    // Whether it worked there is the provider's word, and nothing here depends on it: the state alone leads on.
    if (asked === undefined) return reply.redirect(await upstreamSignOut.goOn(state), 303);
    try {
      const query = request.url.split('?')[1] ?? '';
      const { answer } = await end(connection, { form: {}, query });
      return reply.redirect(answer ?? signedOutUrl, 303);
    } catch (error) {
      const { code, detail } = await refuse(request, connection, error);
      throw new AppError(code, { detail });
    }
  });

  server.get<Route>('/connections/:id/signed-out', async (request, reply) => {
    return reply.redirect(await upstreamSignOut.goOn(onlyTexts(request.query)['state']), 303);
  });

  async function find(id: string, type: Connection['type']): Promise<Connection | null> {
    const found = await database.read.connections.findById(id as ConnectionId);
    return found?.type === type ? found : null;
  }

  async function end(
    connection: Connection,
    message: { form: Record<string, string>; query: string },
  ): Promise<ToldSignOut> {
    const told = await protocolOf(connection).readSignOut!(connection, message);
    await database.unit((stores) => endUpstream(stores, connection, told, clock.now()));
    return told;
  }

  /** @throws the error itself when it is a fault of ours */
  async function refuse({ ip, log }: FastifyRequest, { id, name }: Connection, error: unknown) {
    const failure = classifyFailure(error);
    log.warn({ connection: name, ...failure }, 'A provider’s sign-out was refused.');
    if (!deps.takesEvent(ip)) return failure;
    await database.unit(({ audit }) =>
      audit.append({
        id: newId('event'),
        at: clock.now(),
        type: 'upstream.sign-out-refused',
        actor: 'system',
        target: id,
        loginId: null,
        reference: null,
        code: failure.code,
        details: { connection: name, detail: failure.detail },
      }),
    );
    return failure;
  }
}

function onlyTexts(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
