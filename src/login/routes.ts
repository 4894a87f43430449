import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TakesEvent } from '../audit/event-budget.ts';
import type { Form } from '../authenticators/authenticator.ts';
import { AppError, codeOfFailure, type ErrorCode, errors } from '../kernel/errors.ts';
import { newId, newReference } from '../kernel/ids.ts';
import { type Language, languageCookie, pickLanguage } from '../kernel/languages.ts';
import { basicContext } from '../pages/basic-context.ts';
import { personSentence } from '../pages/errors.ts';
import { renderError } from '../pages/views/error.ts';
import { renderExpired } from '../pages/views/expired.ts';
import { renderLoginDone } from '../pages/views/login-done.ts';
import { renderStepDone } from '../pages/views/step-done.ts';
import { renderWait } from '../pages/views/wait.ts';
import { type LoginStarter, loginCookie } from './handoff.ts';
import type { Login, LoginRequest } from './login.ts';
import { renderStep } from './render.ts';
import { renderQuestions } from './render-questions.ts';
import { isAt, type Visit } from './visit.ts';
import { createVisits, type ShownStand, type VisitDeps, type VisitRequest } from './visits.ts';
import type { Waiting } from './waiting.ts';

export interface LoginRouteDeps extends VisitDeps {
  starter: LoginStarter;
  /** Without a trailing slash. */
  publicUrl: string;
  takesEvent: TakesEvent;
}

type LoginRoute = { Params: { id: string }; Querystring: Record<string, unknown>; Body: Record<string, unknown> };

/**
 * The pages of a sign-in:
 *
 *   GET  /login/:id            where the login stands
 *   POST /login/:id            an answer to its step
 *   GET  /login/callback       an identity provider's answer, for any login: sent on to
 *   GET  /login/:id/callback   the same within the login's own path, where its cookie is
 *   GET  /login/:id/return     from the page of a failed login back to the application
 */
export function registerLoginRoutes(server: FastifyInstance, deps: LoginRouteDeps): void {
  const visits = createVisits(deps);
  // What no page of ours sends is not read, however honest it looks.
  server.removeContentTypeParser(['application/json', 'text/plain']);

  // Redirects too: on the way back through the history, browsers would follow a kept one instead of asking.
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  server.get<LoginRoute>('/login/:id', async (request, reply) => {
    return show(request, reply, await visits.look(readVisit(request)));
  });

  server.post<LoginRoute>('/login/:id', async (request, reply) => {
    const form = onlyTexts(request.body ?? {});
    const visit = readVisit(request);
    if (form['action'] === 'restart') return restart(request, reply, form);
    const stand = await visits.answer({ ...visit, form });
    // A page with a problem is the answer to this form; everything else is a page of its own, which can be loaded again.
    if (stand.kind === 'page' && hasProblem(stand.visit.waiting)) return show(request, reply.code(422), stand);
    if (stand.kind === 'redirect') return reply.redirect(stand.url, 303);
    return reply.redirect(`/login/${request.params.id}`, 303);
  });

  server.get<LoginRoute>('/login/callback', async (request, reply) => {
    const query = onlyTexts(request.query);
    const state = query['state'];
    const hash = state === undefined ? '' : createHash('sha256').update(state).digest('base64url');
    const known = await deps.database.read.logins.findFederationState(hash);
    if (!known) throw new AppError('STATE_INVALID');
    return reply.redirect(`/login/${known.loginId}/callback?${new URLSearchParams(query)}`, 303);
  });

  server.get<LoginRoute>('/login/:id/callback', async (request, reply) => {
    const stand = await visits.resume({ ...readVisit(request), query: onlyTexts(request.query) });
    if (stand.kind === 'redirect') return reply.redirect(stand.url, 303);
    return reply.redirect(`/login/${request.params.id}`, 303);
  });

  server.get<LoginRoute>('/login/:id/return', async (request, reply) => {
    const stand = await visits.look(readVisit(request));
    if (stand.kind !== 'ended') throw new AppError('STEP_NOT_CURRENT');
    const { login } = stand;
    const brought = visits.readEnding(login).kind === 'delivered';
    if (brought && !(await deps.finisher.isOpen(login.interactionUid))) return showEnd(request, reply, login);
    return reply.redirect(await visits.deliver(login), 303);
  });

  async function show(
    request: FastifyRequest<LoginRoute>,
    reply: FastifyReply,
    stand: ShownStand,
  ): Promise<FastifyReply> {
    switch (stand.kind) {
      case 'redirect':
        return reply.redirect(stand.url, 303);
      case 'page':
        return showPage(reply, stand.visit);
      case 'ended':
        return showEnd(request, reply, stand.login);
    }
  }

  async function showPage(reply: FastifyReply, visit: Visit): Promise<FastifyReply> {
    if (isAt(visit, 'step')) return sendPage(reply, String(await renderStep(deps, visit)));
    if (isAt(visit, 'account')) return sendPage(reply, String(await renderQuestions(deps, visit)));
    const url = `/login/${visit.login.id}`;
    const context = { ...basicContext(visit.language, url), application: { name: visit.application.name } };
    return sendPage(reply.header('refresh', `${waitPause}; url=${url}`), String(renderWait(context, { url })));
  }

  async function showEnd(
    request: FastifyRequest<LoginRoute>,
    reply: FastifyReply,
    login: Login,
  ): Promise<FastifyReply> {
    const ending = visits.readEnding(login);
    const over = ending.kind === 'delivered' && !(await deps.finisher.isOpen(login.interactionUid));
    if (ending.kind !== 'page' && !over) return reply.redirect(await visits.deliver(login), 303);
    const failure = ending.kind === 'page' ? ending : ending.page;
    const language = languageOf(request);
    const application = await deps.database.read.applications.findById(login.applicationId);
    const back = over ? {} : { uri: `${deps.publicUrl}/login/${login.id}/return` };
    const context = {
      ...basicContext(language, `/login/${login.id}`),
      ...(application ? { application: { name: application.name, ...back } } : {}),
    };
    if (!failure) return sendPage(reply.code(410), String(renderLoginDone(context)));
    const { code, params } = failure;
    if (code === 'LOGIN_EXPIRED') return sendPage(reply.code(410), String(renderExpired(context, login)));
    const text = personSentence(language, code, params);
    const page = renderError(context, { about: 'sign-in', text, code, reference: login.reference });
    return sendPage(reply.code(errors[code as ErrorCode].status), String(page));
  }

  /** «Not you?»: the same authorization request, with a login of its own. */
  async function restart(request: FastifyRequest<LoginRoute>, reply: FastifyReply, form: Form): Promise<FastifyReply> {
    const freed = await visits.restart({ ...readVisit(request), form });
    // Nobody else: what the browser's session knows of a person does not count now.
    const { loginId, browserSecret } = await deps.starter.begin({ ...freed, browserUid: null });
    await visits.passOn(request.params.id, loginId);
    const path = `/login/${loginId}`;
    return reply
      .setCookie(loginCookie, browserSecret, {
        path,
        httpOnly: true,
        sameSite: 'lax',
        secure: deps.publicUrl.startsWith('https:'),
        maxAge: 3600,
      })
      .redirect(path, 303);
  }

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

/** Seconds between two looks of a page that waits. */
const waitPause = 2;

function hasProblem(waiting: Waiting): boolean {
  if (waiting.kind === 'account') return waiting.problems.length > 0;
  return waiting.kind === 'step' && waiting.problem !== null;
}

function readVisit(request: FastifyRequest<LoginRoute>): VisitRequest {
  return {
    id: request.params.id,
    browserSecret: request.cookies[loginCookie],
    pickLanguage: (asked) => languageOf(request, asked),
  };
}

/** The language of the link that was followed, now or before, else what the application asked for, else the browser's. */
function languageOf(request: FastifyRequest<LoginRoute>, asked?: LoginRequest): Language {
  const picked = request.query?.['ui_locales'] ?? request.cookies[languageCookie];
  const uiLocales = typeof picked === 'string' ? picked : (asked?.uiLocales.join(' ') ?? null);
  return pickLanguage({ uiLocales, acceptLanguage: request.headers['accept-language'] ?? null });
}

/** Of a field that came twice, nothing is taken. */
function onlyTexts(fields: Record<string, unknown>): Form {
  return Object.fromEntries(
    Object.entries(fields).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(html);
}
