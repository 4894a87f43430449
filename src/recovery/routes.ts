import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { passwordRules } from '../directory/password-rules.ts';
import { second } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import { createFormTokens } from './form-token.ts';
import type { PageProblem, RecoveryPage, RecoveryPages } from './pages.ts';
import { problemOf, sendPage } from './problems.ts';
import type { Recovery } from './recovery.ts';
import { languageOf, readField, signInUrlOf, withoutQuery, withQuery } from './requests.ts';
import { tokenLifetime } from './reset-tokens.ts';

/**
 * The pages of a forgotten password: `/forgot`, `/forgot?sent`, `/reset?token=…`, `/reset?done`. They work without
 * JavaScript; a POST answers 303 on success and shows its page again on an error. `login=<id>` in `/forgot` leads back to
 * an open sign-in. The app registers @fastify/cookie and @fastify/formbody before.
 *
 * The token in `/reset?token=…` is worth a password for half an hour: these pages send no referrer and are not cached,
 * and their requests are logged without the query.
 */
export function registerRecoveryRoutes(
  app: FastifyInstance,
  { recovery, pages, box, publicUrl }: { recovery: Recovery; pages: RecoveryPages; box: CryptoBox; publicUrl: string },
): void {
  const forms = createFormTokens({ box, secure: publicUrl.startsWith('https:') });

  app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    });

    scope.get('/forgot', withoutQuery, async (request, reply) => {
      const page = pageOf(request, reply, 'forgot');
      const signInUrl = signInUrlOf(request);
      const sent = readField(request.query, 'sent') !== undefined;
      return sendPage(
        reply,
        sent
          ? pages.forgotSent(page, { lifetime: tokenLifetime / second, signInUrl })
          : pages.forgot(page, { signInUrl }),
      );
    });

    scope.post('/forgot', withoutQuery, async (request, reply) => {
      const username = readField(request.body, 'username') ?? '';
      try {
        checkForm(request, 'forgot');
        await recovery.request({ identifier: username, ip: request.ip, language: languageOf(request) });
      } catch (error) {
        const problem = problemOf(error, { USERNAME_MISSING: 'username' });
        const page = pageOf(request, reply, 'forgot', { problem, values: { username } });
        return sendPage(reply, pages.forgot(page, { signInUrl: signInUrlOf(request) }), problem);
      }
      return reply.redirect(withQuery(request, { sent: '' }), 303);
    });

    scope.get('/reset', withoutQuery, async (request, reply) => {
      if (readField(request.query, 'done') !== undefined) {
        return sendPage(reply, pages.resetDone(pageOf(request, reply, 'reset'), { signInUrl: null }));
      }
      return showReset(request, reply);
    });

    scope.post('/reset', withoutQuery, async (request, reply) => {
      const token = readField(request.query, 'token') ?? '';
      const password = readField(request.body, 'password') ?? '';
      try {
        checkForm(request, formOf(token));
        if (!password) throw new AppError('PASSWORD_MISSING');
        if (readField(request.body, 'passwordAgain') !== password) throw new AppError('PASSWORDS_DIFFER');
        await recovery.reset(token, password);
      } catch (error) {
        return showReset(request, reply, problemOf(error, resetFields));
      }
      return reply.redirect('/reset?done', 303);
    });
  });

  /** The page for a new password, or the one for a link that does not work. */
  async function showReset(request: FastifyRequest, reply: FastifyReply, problem?: PageProblem) {
    const token = readField(request.query, 'token') ?? '';
    const page = pageOf(request, reply, formOf(token), problem && { problem });
    try {
      const { username } = await recovery.check(token);
      return sendPage(reply, pages.reset(page, { username, minimum: passwordRules.minCharacters }), problem);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'RESET_INVALID')) throw error;
      return sendPage(reply, pages.resetInvalid(page, { forgotUrl: '/forgot' }), { code: error.code });
    }
  }

  function checkForm(request: FastifyRequest, form: string): void {
    if (!forms.matches(request, form, readField(request.body, 'csrf'))) throw new AppError('CSRF_INVALID');
  }

  function pageOf(
    request: FastifyRequest,
    reply: FastifyReply,
    form: string,
    { problem, values = {} }: { problem?: PageProblem; values?: Record<string, string> } = {},
  ): RecoveryPage {
    return {
      language: languageOf(request),
      action: withQuery(request, {}),
      csrf: forms.issue(request, reply, form),
      problems: problem ? [problem] : [],
      values,
      languageUrl: (language) => withQuery(request, { ui_locales: language }),
    };
  }
}

/** A form to reset is bound to its link, too. */
function formOf(token: string): string {
  return `reset:${token}`;
}

const resetFields = {
  PASSWORD_MISSING: 'password',
  PASSWORD_TOO_SHORT: 'password',
  PASSWORD_COMMON: 'password',
  VALIDATION_FAILED: 'password',
  PASSWORDS_DIFFER: 'passwordAgain',
} as const;
