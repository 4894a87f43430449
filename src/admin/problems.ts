import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { AppError, errors } from '../kernel/errors.ts';
import { newReference } from '../kernel/ids.ts';
import { ContentError, createContentFinding } from './content-error.ts';
import type { AdminDeps } from './deps.ts';
import { FindingSchema } from './schemas.ts';

/** An error as the API tells it: RFC 9457, with members of our own. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Where the code is described.' }),
    title: Type.String({ description: 'What the code means in general.' }),
    status: Type.Integer(),
    detail: Type.Optional(Type.String({ description: 'What was the matter this time.' })),
    code: Type.String({ description: 'Stable; programs compare this.' }),
    message: Type.String({ description: 'Title, detail and what to do about it, to be shown to an admin.' }),
    findings: Type.Array(FindingSchema, { description: 'The places that are wrong.' }),
    reference: Type.Optional(Type.String({ description: 'Finds a fault of the server in its log.' })),
  },
  { title: 'Problem' },
);

/** Answers every error of the API, Fastify's own included, as a problem. */
export function createErrorHandler({ log }: Pick<AdminDeps, 'log'>) {
  return async (
    error: FastifyError | AppError,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const known = asAppError(error, request);
    if (known) return sendProblem(reply, known);
    const reference = newReference();
    log.error(
      { err: error, reference, method: request.method, url: request.routeOptions.url },
      'The admin API failed.',
    );
    return sendProblem(reply, new AppError('INTERNAL'), reference);
  };
}

export function sendProblem(reply: FastifyReply, error: AppError, reference?: string): FastifyReply {
  const { code, detail } = error;
  const { status: usual, admin: title, mend } = errors[code];
  const status = error instanceof ContentError ? (error.status ?? usual) : usual;
  const wait = error.params['wait'];
  if (wait !== undefined) reply.header('retry-after', wait);
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="Stepgate admin API"');
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send({
      type: `/api/docs#${code}`,
      title,
      status,
      ...(detail === undefined ? {} : { detail }),
      code,
      message: [title, detail, mend].filter(Boolean).join(' '),
      findings: error instanceof ContentError ? error.findings : [],
      ...(reference === undefined ? {} : { reference }),
    });
}

function asAppError(error: FastifyError | AppError, { routeOptions }: FastifyRequest): AppError | null {
  if (error instanceof AppError) return error;
  const status = error.statusCode ?? 500;
  if (status === 413) {
    const message = `More than ${routeOptions.bodyLimit} bytes are not taken here.`;
    return new ContentError([createContentFinding('CONTENT_TOO_LONG', '', message)], { status });
  }
  // What else Fastify refuses by itself: content that is no JSON, or of another type.
  return status >= 400 && status < 500 ? new ContentError([], { detail: sentence(error.message), status }) : null;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
