import type { OAuth2Connection } from '../../connections/connection.ts';
import { fillQueryParameters } from '../../connections/query-parameters.ts';
import { newSecret } from '../../kernel/ids.ts';
import { sha256 } from '../../kernel/sha256.ts';
import type { Departure, DepartureRequest } from '../federated/protocol.ts';

/** What the answer is checked against. */
export interface Kept {
  /** PKCE (RFC 7636). */
  verifier: string;
}

/** The way to the provider (RFC 6749, section 4.1.1; PKCE always: those that do not know it ignore it). */
export function prepareDeparture(
  redirectUri: string,
  { authorizationEndpoint, clientId, scopes, queryParameters }: OAuth2Connection,
  { state, parameters, asked }: DepartureRequest,
): Departure {
  const kept: Kept = { verifier: newSecret() };
  const url = new URL(authorizationEndpoint);
  const loginHint = parameters['login_hint'] ?? asked.loginHint;
  const query = {
    ...(loginHint ? { login_hint: loginHint } : {}),
    ...fillQueryParameters(queryParameters, parameters),
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
    state,
    code_challenge: sha256(kept.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return { url: url.href, kept: { ...kept } };
}
