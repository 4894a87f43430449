import * as client from 'openid-client';
import { AppError } from '../../kernel/errors.ts';
import { invalidAnswer, listCauses, quoteError, toldError } from '../federated/failure.ts';

/** What openid-client threw, as one of our own errors: what the provider told, what did not come, or which check failed. */
export function toIdpError(error: unknown): AppError {
  const causes = listCauses(error);
  const own = causes.find((one) => one instanceof AppError);
  if (own) return own;
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) {
    return toldError(error.error, error.error_description);
  }
  if (error instanceof client.WWWAuthenticateChallengeError) {
    const [challenge] = error.cause;
    const { error: name, error_description: description } = challenge?.parameters ?? {};
    return new AppError('IDP_ERROR', { detail: `HTTP ${error.status} ${quoteError(name, description)}` });
  }
  const response = causes.find((one) => one instanceof Response);
  if (response && response.status >= 400) return new AppError('IDP_ERROR', { detail: `HTTP ${response.status}.` });

  const messages = causes.filter((one) => one instanceof Error).map(({ message }) => message);
  const reasons = [...new Set(messages), describeMismatch(causes)].filter((one) => one !== null);
  return invalidAnswer(reasons.join(': '), error);
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
