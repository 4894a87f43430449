import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TakesEvent } from '../audit/event-budget.ts';
import type { Form } from '../authenticators/authenticator.ts';
import { type Answer, sealAnswer } from '../connections/answer.ts';
import { sharedCallbackPath } from '../connections/urls.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import { sha256 } from '../kernel/sha256.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { basicContext } from '../pages/basic-context.ts';
import { renderConnectionTested } from '../pages/views/connection-tested.ts';
import type { Stores } from '../stores.ts';
import { type LoginRoute, languageOf, onlyTexts, preparePages, sendPage } from './prepare-pages.ts';

/** Tests of connections, whose answers come in at the same addresses. */
interface TestedAnswers {
  /** null when the state belongs to no test */
  receive(stateHash: string, answer: Answer): Promise<{ passed: boolean; connection: string } | null>;
}

export interface AnswerRouteDeps {
  database: Database<Stores>;
  box: Pick<CryptoBox, 'seal'>;
  clock: Clock;
  takesEvent: TakesEvent;
  tests: TestedAnswers;
}

/**
 * Where identity providers send browsers back to, before anything is known of the browser: each answer is led to its login.
 *
 *   GET  /login/callback               OpenID providers, in the address
 *   POST /login/callback               OpenID providers that post it (Apple)
 *   GET  /connections/:id/callback     OAuth 2.0 providers, and OpenID providers with an address of their own
 *   POST /connections/:id/callback     the latter, posted
 *   POST /connections/:id/acs          SAML providers
 *
 * All but the first are kept under their state: what is posted from another site comes without the login's cookie, and an
 * address of its own is evidence, which a later redirect could not carry.
 */
export function registerAnswerRoutes(server: FastifyInstance, deps: AnswerRouteDeps): void {
  const { database, box } = deps;
  preparePages(server, deps);

  server.get<LoginRoute>(sharedCallbackPath, async (request, reply) => {
    const query = onlyTexts(request.query);
    const known = await find(query['state']);
    if (!known) return endTest(request, reply, query);
    const { loginId } = known;
    return reply.redirect(`/login/${loginId}/callback?${new URLSearchParams(query)}`, 303);
  });
  server.post<LoginRoute>(sharedCallbackPath, (request, reply) => keep(request, reply, request.body));
  server.get<LoginRoute>('/connections/:id/callback', (request, reply) => keep(request, reply, request.query));
  server.post<LoginRoute>('/connections/:id/callback', (request, reply) => keep(request, reply, request.body));
  server.post<LoginRoute>('/connections/:id/acs', (request, reply) => keep(request, reply, request.body));

  async function keep(
    request: FastifyRequest<LoginRoute>,
    reply: FastifyReply,
    fields: Record<string, unknown> | null,
  ): Promise<FastifyReply> {
    const form = onlyTexts(fields ?? {});
    const state = form['state'] ?? form['RelayState'];
    const known = await find(state);
    if (!known) return endTest(request, reply, form);
    const { hash, loginId } = known;
    const path = pathOf(request);
    const sealed = sealAnswer(box, hash, { path, form });
    // The first one stands: a page that is loaded again posts it again.
    await database.unit(({ logins }) => logins.keepFederationAnswer(hash, sealed));
    return reply.redirect(`/login/${loginId}/callback?${new URLSearchParams({ state: state! })}`, 303);
  }

  async function find(state: string | undefined) {
    return state === undefined ? null : database.read.logins.findFederationState(sha256(state));
  }

  /** @throws AppError STATE_INVALID when the answer belongs to no test either */
  async function endTest(request: FastifyRequest<LoginRoute>, reply: FastifyReply, form: Form): Promise<FastifyReply> {
    const state = form['state'] ?? form['RelayState'];
    const ended = state === undefined ? null : await deps.tests.receive(sha256(state), { path: pathOf(request), form });
    if (!ended) throw new AppError('STATE_INVALID');
    const context = basicContext(languageOf(request), '/login');
    return sendPage(reply, String(renderConnectionTested(context, ended)));
  }
}

function pathOf({ url }: FastifyRequest<LoginRoute>): string {
  return url.split('?', 1)[0]!;
}
