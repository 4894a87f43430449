import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TakesEvent } from '../audit/event-budget.ts';
import type { Form } from '../authenticators/authenticator.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError, codeOfFailure, type ErrorCode, errors } from '../kernel/errors.ts';
import { newId, newReference } from '../kernel/ids.ts';
import { type Language, languageCookie, pickLanguage } from '../kernel/languages.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import { basicContext } from '../pages/basic-context.ts';
import { personSentence } from '../pages/errors.ts';
import { renderError } from '../pages/views/error.ts';
import { renderStepDone } from '../pages/views/step-done.ts';
import type { Stores } from '../stores.ts';
import type { Login, LoginRequest } from './login.ts';

export type LoginRoute = {
  Params: { id: string };
  Querystring: Record<string, unknown>;
  Body: Record<string, unknown>;
};

/** What all pages of a sign-in have in common: nothing is cached, and a refused request ends in a page with a reference. */
export function preparePages(
  server: FastifyInstance,
  deps: { database: Database<Stores>; clock: Clock; takesEvent: TakesEvent },
): void {
  // What no page of ours sends is not read, however honest it looks.
  server.removeContentTypeParser(['application/json', 'text/plain']);

  // Redirects too: on the way back through the history, browsers would follow a kept one instead of asking.
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  // A failure of one request: a page with a reference and an event with the cause; the login itself goes on.
  server.setErrorHandler<Error, LoginRoute>(async (failure, request, reply) => {
    const language = languageOf(request);
    const id = request.params?.id;
    if (failure instanceof AppError && failure.code === 'STEP_NOT_CURRENT' && id) {
      const page = renderStepDone(basicContext(language, `/login/${id}`), { continueUrl: `/login/${id}` });
      return sendPage(reply.code(409), String(page));
    }
    const code = codeOfFailure(failure);
    const reference = newReference();
    const detail = failure instanceof AppError ? failure.detail : code === 'INTERNAL' ? undefined : failure.message;
    request.log[code === 'INTERNAL' ? 'error' : 'warn']({ reference, code, detail, err: failure }, errors[code].admin);
    if (deps.takesEvent(request.ip)) {
      await recordRefusal(id, code, reference, detail).catch((fault) =>
        request.log.error({ err: fault }, 'The event could not be written.'),
      );
    }
    const context = basicContext(language, id ? `/login/${id}` : '/login');
    if (errors[code].status === 503) reply.header('retry-after', '5');
    const page = renderError(context, { about: 'sign-in', text: personSentence(language, code), code, reference });
    return sendPage(reply.code(errors[code].status), String(page));
  });

  async function recordRefusal(
    loginId: string | undefined,
    code: ErrorCode,
    reference: string,
    detail?: string,
  ): Promise<void> {
    const { database, clock } = deps;
    const login = loginId === undefined ? null : await database.read.logins.findById(loginId as Login['id']);
    await database.unit(({ audit }) =>
      audit.append({
        id: newId('event'),
        at: clock.now(),
        type: 'login.request-refused',
        actor: 'person',
        target: null,
        loginId: login?.id ?? null,
        reference,
        code,
        details: { cause: errors[code].admin, ...(detail === undefined ? {} : { detail }) },
      }),
    );
  }
}

/** The language of the link that was followed, now or before, else what the application asked for, else the browser's. */
export function languageOf(request: FastifyRequest<LoginRoute>, asked?: LoginRequest): Language {
  const picked = request.query?.['ui_locales'] ?? request.cookies[languageCookie];
  const uiLocales = typeof picked === 'string' ? picked : (asked?.uiLocales.join(' ') ?? null);
  return pickLanguage({ uiLocales, acceptLanguage: request.headers['accept-language'] ?? null });
}

/** Of a field that came twice, nothing is taken. */
export function onlyTexts(fields: Record<string, unknown>): Form {
  return Object.fromEntries(
    Object.entries(fields).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

export function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(html);
}
