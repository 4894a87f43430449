import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TakesEvent } from '../audit/event-budget.ts';
import type { Form } from '../authenticators/authenticator.ts';
import { AppError, type ErrorCode, errors } from '../kernel/errors.ts';
import { basicContext } from '../pages/basic-context.ts';
import { personSentence } from '../pages/errors.ts';
import { renderError } from '../pages/views/error.ts';
import { renderExpired } from '../pages/views/expired.ts';
import { renderLoginDone } from '../pages/views/login-done.ts';
import { renderWait } from '../pages/views/wait.ts';
import { type LoginStarter, loginCookie } from './handoff.ts';
import type { Login } from './login.ts';
import { type LoginRoute, languageOf, onlyTexts, preparePages, sendPage } from './prepare-pages.ts';
import { renderReentry } from './reentry.ts';
import { renderStep } from './render.ts';
import { renderPromptPage } from './render-prompt.ts';
import { renderQuestions } from './render-questions.ts';
import { writeCookies } from './script-cookies.ts';
import { isAt, type Visit } from './visit.ts';
import { createVisits, type ShownStand, type VisitDeps, type VisitRequest } from './visits.ts';
import type { Waiting } from './waiting.ts';

export interface LoginRouteDeps extends VisitDeps {
  starter: LoginStarter;
  /** Without a trailing slash. */
  publicUrl: string;
  takesEvent: TakesEvent;
}

/**
 * The pages of a sign-in:
 *
 *   GET  /login/:id            where the login stands
 *   POST /login/:id            an answer to its step
 *   GET  /login/:id/callback   an identity provider's answer, within the login's own path, where its cookie is
 *   GET  /login/:id/return     from the page of a failed login back to the application
 */
export function registerLoginRoutes(server: FastifyInstance, deps: LoginRouteDeps): void {
  const visits = createVisits(deps);
  preparePages(server, deps);

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
    giveHeaders(reply, stand);
    if (stand.kind === 'redirect') return reply.redirect(stand.url, 303);
    return reply.redirect(`/login/${request.params.id}`, 303);
  });

  server.get<LoginRoute>('/login/:id/callback', async (request, reply) => {
    const stand = await visits.resume({ ...readVisit(request), query: onlyTexts(request.query) });
    giveHeaders(reply, stand);
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

  /**
   * What the script has set, again with every page of the login: a cookie must not be lost on the way, and a page that is
   * loaded again is the same.
   */
  function giveHeaders(reply: FastifyReply, stand: ShownStand): void {
    const kept: Waiting | null = stand.kind === 'ended' ? null : stand.visit.waiting;
    reply.headers(stand.headers ?? kept?.headers ?? {});
    const facts = stand.kind === 'ended' ? stand.facts : stand.visit.facts;
    if (facts) for (const line of writeCookies({ ...deps, facts })) reply.header('set-cookie', line);
  }

  async function show(
    request: FastifyRequest<LoginRoute>,
    reply: FastifyReply,
    stand: ShownStand,
  ): Promise<FastifyReply> {
    giveHeaders(reply, stand);
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
    if (isAt(visit, 'prompt')) return sendPage(reply, String(await renderPromptPage(deps, visit)));
    if (isAt(visit, 'account')) return sendPage(reply, String(await renderQuestions(deps, visit)));
    if (isAt(visit, 'reentry')) return sendPage(reply, String(renderReentry(deps, visit)));
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
}

/** Seconds between two looks of a page that waits. */
const waitPause = 2;

function hasProblem(waiting: Waiting): boolean {
  if (waiting.kind === 'account' || waiting.kind === 'prompt') return waiting.problems.length > 0;
  return (waiting.kind === 'step' || waiting.kind === 'reentry') && waiting.problem !== null;
}

function readVisit(request: FastifyRequest<LoginRoute>): VisitRequest {
  return {
    id: request.params.id,
    browserSecret: request.cookies[loginCookie],
    pickLanguage: (asked) => languageOf(request, asked),
  };
}
