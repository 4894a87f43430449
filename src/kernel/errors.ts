import { callErrors } from './errors/calls.ts';
import { federationErrors } from './errors/federation.ts';
import { peopleErrors } from './errors/people.ts';
import { requestErrors } from './errors/requests.ts';
import { signInErrors } from './errors/sign-in.ts';

/**
 * Every failure that Stepgate names. `admin` is the cause and `mend` what to do about it, both for the person who runs
 * the server; the sentence for the person who signs in stands in the pages' texts under the same code. Each code is
 * defined in one of these tables and nowhere else.
 */
export const errors = { ...peopleErrors, ...federationErrors, ...callErrors, ...signInErrors, ...requestErrors };

export type ErrorCode = keyof typeof errors;

/** A failure with a code. `detail` is for admins and logs (never secrets); `params` fill the person's sentence. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly params: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    { detail, params, cause }: { detail?: string; params?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail ? `${errors[code].admin} ${detail}` : errors[code].admin, cause === undefined ? undefined : { cause });
    this.code = code;
    this.detail = detail;
    this.params = params ?? {};
  }
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errors, text);
}

/** The code of what an error handler was given: our own, or that of a body that Fastify refused to read. */
export function codeOfFailure(failure: Error & { statusCode?: number }): ErrorCode {
  if (failure instanceof AppError) return failure.code;
  return failure.statusCode !== undefined && failure.statusCode < 500 ? 'INVALID_REQUEST' : 'INTERNAL';
}
