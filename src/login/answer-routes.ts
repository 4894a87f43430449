import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TakesEvent } from '../audit/event-budget.ts';
import { sealAnswer } from '../connections/answer.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import { sha256 } from '../kernel/sha256.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Stores } from '../stores.ts';
import { type LoginRoute, onlyTexts, preparePages } from './prepare-pages.ts';

export interface AnswerRouteDeps {
  database: Database<Stores>;
  box: Pick<CryptoBox, 'seal'>;
  clock: Clock;
  takesEvent: TakesEvent;
}

/**
 * Where identity providers send browsers back to, before anything is known of the browser: each answer is led to its login.
 *
 *   GET  /login/callback               OpenID providers, in the address
 *   POST /login/callback               OpenID providers that post it (Apple)
 *   GET  /connections/:id/callback     OAuth 2.0 providers
 *   POST /connections/:id/acs          SAML providers
 *
 * All but the first are kept under their state: what is posted from another site comes without the login's cookie, and an
 * address of its own is evidence, which a later redirect could not carry.
 */
export function registerAnswerRoutes(server: FastifyInstance, deps: AnswerRouteDeps): void {
  const { database, box } = deps;
  preparePages(server, deps);

  server.get<LoginRoute>('/login/callback', async (request, reply) => {
    const query = onlyTexts(request.query);
    const { loginId } = await find(query['state']);
    return reply.redirect(`/login/${loginId}/callback?${new URLSearchParams(query)}`, 303);
  });
  server.post<LoginRoute>('/login/callback', (request, reply) => keep(request, reply, request.body));
  server.get<LoginRoute>('/connections/:id/callback', (request, reply) => keep(request, reply, request.query));
  server.post<LoginRoute>('/connections/:id/acs', (request, reply) => keep(request, reply, request.body));

  async function keep(
    request: FastifyRequest<LoginRoute>,
    reply: FastifyReply,
    fields: Record<string, unknown> | null,
  ): Promise<FastifyReply> {
    const form = onlyTexts(fields ?? {});
    const state = form['state'] ?? form['RelayState'];
    const { hash, loginId } = await find(state);
    const path = request.url.split('?', 1)[0]!;
    const sealed = sealAnswer(box, hash, { path, form });
    // The first one stands: a page that is loaded again posts it again.
    await database.unit(({ logins }) => logins.keepFederationAnswer(hash, sealed));
    return reply.redirect(`/login/${loginId}/callback?${new URLSearchParams({ state: state! })}`, 303);
  }

  async function find(state: string | undefined) {
    const known = state === undefined ? null : await database.read.logins.findFederationState(sha256(state));
    if (!known) throw new AppError('STATE_INVALID');
    return known;
  }
}
