import { classifyFailure, cleanText } from '../authenticators/federated/failure.ts';
import { errors } from '../kernel/errors.ts';
import type { Hop, HopName } from './connection-test.ts';
import { type RecordedCall, showCall } from './record-calls.ts';

const wrongClient =
  'Compare client id and client secret with those at the provider, and how it wants them to be shown.';

/** What helps against the errors that providers tell (RFC 6749, sections 4.1.2.1 and 5.2; the last are GitHub's). */
const mendsByError: Readonly<Record<string, string>> = {
  access_denied: 'The person refused, or may not use this client: look at who is assigned to it at the provider.',
  invalid_client: wrongClient,
  invalid_grant: 'Sign in once more. If it stays so, compare the redirect URI at the provider with callbackUrl.',
  invalid_scope: 'Take out of «scopes» what the provider does not know, or allow it there.',
  redirect_uri_mismatch: 'Register callbackUrl at the provider, letter by letter.',
  unauthorized_client: 'Allow this client the authorization code grant at the provider.',
  unsupported_response_type: 'Allow this client the authorization code grant at the provider.',
  incorrect_client_credentials: wrongClient,
};

/** What helps where an answer came and failed a check. */
const mendsByHop: Readonly<Partial<Record<HopName, string>>> = {
  discovery: 'Give the issuer exactly as the provider’s own metadata name it.',
  keys: 'The provider must publish the keys that it signs with at its jwks_uri.',
  id_token: 'Compare issuer and client id with the provider, and the clocks of both servers.',
  assertion:
    'Compare issuer and certificates with the provider’s metadata, and let it read ours: entity id, address and certificate are there.',
  userinfo: 'The userinfo endpoint must name the same person, as JSON.',
  claims: 'Let the provider send less, or an honest value.',
  answer: 'The provider must send its answer to callbackUrl, with what the sign-in gave it.',
};

/** What a failure says, and what to do about it. @throws the error itself when it is a fault of ours */
export function explainFailure(
  name: HopName,
  error: unknown,
  told: unknown,
): { cause: string; mend: string; outcome: 'failed' } {
  const { code, detail } = classifyFailure(error);
  const byError = typeof told === 'string' && Object.hasOwn(mendsByError, told) ? mendsByError[told] : undefined;
  const byHop = code === 'IDP_ANSWER_INVALID' ? mendsByHop[name] : undefined;
  return { outcome: 'failed', cause: cleanText(detail), mend: byError ?? byHop ?? errors[code].mend };
}

export function passedHop(name: HopName, calls: readonly RecordedCall[], checked: string[]): Hop {
  return { name, outcome: 'passed', calls: calls.map(showCall), checked, cause: null, mend: null };
}
