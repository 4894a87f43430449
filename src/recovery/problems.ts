import type { FastifyReply } from 'fastify';
import { AppError, type ErrorCode, errors } from '../kernel/errors.ts';
import type { PageProblem } from './pages.ts';

/** What to show of an error with a code; any other is a fault and is thrown on. @param fields the field of each code. */
export function problemOf(error: unknown, fields: Partial<Record<ErrorCode, string>>): PageProblem {
  if (!(error instanceof AppError) || errors[error.code].status === 500) throw error;
  const field = fields[error.code];
  return { code: error.code, params: error.params, ...(field === undefined ? {} : { field }) };
}

/** Answers with a page; with a problem its status, and how long to wait where that is the problem. */
export function sendPage(reply: FastifyReply, html: string, problem?: PageProblem): FastifyReply {
  const status = problem ? errors[problem.code].status : 200;
  if (status === 429 || status === 503) reply.header('retry-after', problem?.params?.['wait'] ?? '5');
  return reply.code(status).type('text/html; charset=utf-8').send(html);
}
