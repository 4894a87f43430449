import type { Connection } from '../../connections/connection.ts';
import { AppError, type ErrorCode } from '../../kernel/errors.ts';
import type { Move } from '../authenticator.ts';

/** What another server says is quoted up to so many characters. */
const maxQuote = 300;

/**
 * What becomes of the step when the provider did not vouch for the person. An error that may pass lets the person try again
 * or choose another way; an answer that failed a check ends the step.
 *
 * @throws the error itself when it is a fault of ours
 */
export function toFailedMove(error: unknown, connection: Pick<Connection, 'name'>): Move {
  const { code, detail } = classifyFailure(error);
  const problem = {
    code,
    detail: `Connection «${connection.name}»: ${detail}`,
    params: { connection: connection.name },
  };
  return code === 'IDP_ANSWER_INVALID' ? { kind: 'failed', problem } : { kind: 'wrong', state: {}, problem };
}

/** What a failed call, or a failed check, says about the provider. @throws the error itself when it is a fault of ours */
export function classifyFailure(error: unknown): { code: ErrorCode; detail: string } {
  if (!(error instanceof AppError)) throw error;
  const detail = error.detail ?? error.message;
  if (error.code === 'EGRESS_TOO_LARGE') return { code: 'IDP_ANSWER_INVALID', detail };
  if (error.code.startsWith('EGRESS_')) return { code: 'IDP_UNREACHABLE', detail };
  if (error.code.startsWith('IDP_')) return { code: error.code, detail };
  throw error;
}

/** An answer that failed a check. */
export function invalidAnswer(detail: string, cause?: unknown): AppError {
  return new AppError('IDP_ANSWER_INVALID', { detail: cleanText(detail), ...(cause === undefined ? {} : { cause }) });
}

/** An error that the provider told (RFC 6749, section 4.1.2.1 and 5.2), as ours. */
export function toldError(error: unknown, description: unknown): AppError {
  const code = error === 'access_denied' ? 'IDP_DENIED' : 'IDP_ERROR';
  return new AppError(code, { detail: quoteError(error, description) });
}

export function quoteError(error: unknown, description: unknown): string {
  const [name, text] = [error, description].map((one) => (typeof one === 'string' ? cleanText(one) : ''));
  return text ? `«${name}»: «${text}»` : `«${name || 'no reason given'}»`;
}

/** Text of others, fit for a log and a page: one line, no control or bidi characters. */
export function cleanText(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, ' ').trim();
  return line.length > maxQuote ? `${line.slice(0, maxQuote)}…` : line;
}

/** An error, what caused it, and so on; the last may be any value. */
export function listCauses(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let one = error; one !== undefined && causes.length < 10; ) {
    causes.push(one);
    one = one instanceof Error ? one.cause : undefined;
  }
  return causes;
}
