import type {} from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, codeOfFailure, errors } from './kernel/errors.ts';
import { newReference } from './kernel/ids.ts';
import { languageCookie, pickLanguage } from './kernel/languages.ts';
import { basicContext } from './pages/basic-context.ts';
import { personSentence } from './pages/errors.ts';
import { renderError } from './pages/views/error.ts';

/** The pages for what no part of the server answers itself: unknown addresses, too many requests, faults. */
export function registerErrorPages(server: FastifyInstance): void {
  server.setNotFoundHandler((request, reply) => showError(request, reply, new AppError('NOT_FOUND')));
  server.setErrorHandler<Error & { statusCode?: number }>((failure, request, reply) =>
    showError(request, reply, failure),
  );
}

function showError(
  request: FastifyRequest,
  reply: FastifyReply,
  failure: Error & { statusCode?: number },
): FastifyReply {
  const code = codeOfFailure(failure);
  const reference = newReference();
  if (code === 'INTERNAL') request.log.error({ reference, err: failure }, errors[code].admin);
  else if (code !== 'NOT_FOUND') request.log.warn({ reference, code, err: failure }, errors[code].admin);
  const [path, query] = request.url.split('?', 2) as [string, string | undefined];
  const language = pickLanguage({
    uiLocales: new URLSearchParams(query).get('ui_locales') ?? request.cookies?.[languageCookie] ?? null,
    acceptLanguage: request.headers['accept-language'] ?? null,
  });
  const text = personSentence(language, code, failure instanceof AppError ? failure.params : {});
  const page = renderError(basicContext(language, path), {
    about: 'other',
    text,
    code,
    reference: code === 'NOT_FOUND' ? null : reference,
  });
  if (errors[code].status === 503) reply.header('retry-after', '5');
  return reply
    .code(errors[code].status)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(String(page));
}
