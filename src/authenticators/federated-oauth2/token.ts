import { openClientSecret } from '../../connections/client-secret.ts';
import type { OAuth2Connection } from '../../connections/connection.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { AppError } from '../../kernel/errors.ts';
import type { FederatedToken } from '../../sessions/upstream.ts';
import { invalidAnswer, toldError } from '../federated/failure.ts';
import { type CallProvider, callJson } from './call.ts';

/** Names under which providers say that they do not know our secret; GitHub has its own. */
export const clientErrors = new Set(['invalid_client', 'incorrect_client_credentials', 'unauthorized_client']);

/**
 * The access token for a code (RFC 6749, section 4.1.3). Where the provider does not know our secret (yet), the one before
 * is tried: the code was not looked at.
 *
 * @throws AppError IDP_… or EGRESS_…
 */
export async function redeemCode(
  { fetch, box }: { fetch: CallProvider; box: Pick<CryptoBox, 'open'> },
  connection: OAuth2Connection,
  grant: { code: string; redirectUri: string; verifier: string },
): Promise<FederatedToken> {
  const secrets = [connection.clientSecretSealed, connection.previousSecretSealed].filter(
    (sealed, i) => i === 0 || sealed !== null,
  );
  let refusal: AppError | null = null;
  for (const clientSecretSealed of secrets) {
    const secret = openClientSecret(box, { ...connection, clientSecretSealed });
    const answer = await ask(fetch, connection, secret, grant);
    const { error, error_description: description } = answer;
    if (error === undefined) return readToken(answer);
    refusal ??= readError(error, description);
    if (typeof error !== 'string' || !clientErrors.has(error)) break;
  }
  throw refusal ?? new AppError('INTERNAL');
}

/** The secret goes into the body: some providers read nothing else, and all that matter read it there. */
async function ask(
  fetch: CallProvider,
  { tokenEndpoint, clientId }: OAuth2Connection,
  secret: string | null,
  { code, redirectUri, verifier }: { code: string; redirectUri: string; verifier: string },
): Promise<Record<string, unknown>> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    client_id: clientId,
    ...(secret === null ? {} : { client_secret: secret }),
    code_verifier: verifier,
  });
  const { status, json } = await callJson(fetch, tokenEndpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  });
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw status >= 400 ? new AppError('IDP_ERROR', { detail: `HTTP ${status}.` }) : notAToken();
  }
  // GitHub tells errors with status 200, so the content decides; a failure without words is one all the same.
  const answer = json as Record<string, unknown>;
  return status >= 400 && answer['error'] === undefined ? { ...answer, error: `HTTP ${status}` } : answer;
}

function readToken({ access_token: token, token_type: type, ...more }: Record<string, unknown>): FederatedToken {
  if (typeof token !== 'string' || token === '' || /[^\x21-\x7e]/.test(token)) throw notAToken();
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
    throw invalidAnswer('The token is no bearer token (RFC 6750).');
  }
  const { expires_in: expiresIn, scope } = more;
  return {
    accessToken: token,
    expiresIn: typeof expiresIn === 'number' ? expiresIn : null,
    scope: typeof scope === 'string' ? scope : null,
  };
}

/** Facebook tells an object: {message, type, code}. */
function readError(error: unknown, description: unknown): AppError {
  if (typeof error !== 'object' || error === null) return toldError(error, description);
  const { type, message } = error as { type?: unknown; message?: unknown };
  return toldError(type, message);
}

function notAToken(): AppError {
  return invalidAnswer('The token endpoint gave no access token.');
}
