import * as client from 'openid-client';
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
  const { code, detail } = classify(error);
  const problem = {
    code,
    detail: `Connection «${connection.name}»: ${detail}`,
    params: { connection: connection.name },
  };
  return code === 'IDP_ANSWER_INVALID' ? { kind: 'failed', problem } : { kind: 'wrong', state: {}, problem };
}

/** Does the failure look as if the provider had changed its keys? */
export function isKeyTrouble(error: unknown): boolean {
  return listCauses(error).some(
    (one) =>
      one instanceof Error &&
      (('code' in one && one.code === 'OAUTH_KEY_SELECTION_FAILED') ||
        one.message === 'JWT signature verification failed'),
  );
}

function classify(error: unknown): { code: ErrorCode; detail: string } {
  const causes = listCauses(error);
  const own = causes.find((one) => one instanceof AppError);
  if (own) return classifyOwn(own);

  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) {
    const code = error.error === 'access_denied' ? 'IDP_DENIED' : 'IDP_ERROR';
    return { code, detail: quote(error.error, error.error_description) };
  }
  if (error instanceof client.WWWAuthenticateChallengeError) {
    const [challenge] = error.cause;
    const { error: name, error_description: description } = challenge?.parameters ?? {};
    return { code: 'IDP_ERROR', detail: `HTTP ${error.status} ${quote(name, description)}` };
  }
  const response = causes.find((one) => one instanceof Response);
  if (response && response.status >= 400) return { code: 'IDP_ERROR', detail: `HTTP ${response.status}.` };

  const messages = causes.filter((one) => one instanceof Error).map(({ message }) => message);
  const reasons = [...new Set(messages), describeMismatch(causes)].filter((one) => one !== null);
  return { code: 'IDP_ANSWER_INVALID', detail: clean(reasons.join(': ')) };
}

function classifyOwn(error: AppError): { code: ErrorCode; detail: string } {
  const detail = error.detail ?? error.message;
  if (error.code === 'EGRESS_TOO_LARGE') return { code: 'IDP_ANSWER_INVALID', detail };
  if (error.code.startsWith('EGRESS_')) return { code: 'IDP_UNREACHABLE', detail };
  if (error.code.startsWith('IDP_')) return { code: error.code, detail };
  throw error;
}

/** Which value was expected and which came; only of names that are no secret. */
function describeMismatch(causes: unknown[]): string | null {
  for (const cause of causes) {
    if (typeof cause !== 'object' || cause === null || !('expected' in cause)) continue;
    const facts = cause as { expected?: unknown; claim?: string; attribute?: string; claims?: object; body?: object };
    const name = facts.claim ?? facts.attribute ?? '';
    const values = (facts.claims ?? facts.body ?? {}) as Record<string, unknown>;
    if (!['iss', 'issuer', 'aud', 'azp', 'sub'].includes(name)) continue;
    return `expected ${JSON.stringify(facts.expected)}, got ${JSON.stringify(values[name])}`;
  }
  return null;
}

function quote(error: unknown, description: unknown): string {
  const [name, text] = [error, description].map((one) => (typeof one === 'string' ? clean(one) : ''));
  return text ? `«${name}»: «${text}»` : `«${name || 'no reason given'}»`;
}

/** Text of others, fit for a log and a page: one line, no control or bidi characters. */
function clean(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, ' ').trim();
  return line.length > maxQuote ? `${line.slice(0, maxQuote)}…` : line;
}

/** An error, what caused it, and so on; the last may be any value. */
function listCauses(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let one = error; one !== undefined && causes.length < 10; ) {
    causes.push(one);
    one = one instanceof Error ? one.cause : undefined;
  }
  return causes;
}
