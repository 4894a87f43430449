import * as client from 'openid-client';
import type { OidcConnection } from '../../connections/connection.ts';
import { fillQueryParameters } from '../../connections/query-parameters.ts';
import { newSecret } from '../../kernel/ids.ts';
import type { Departure, DepartureRequest } from '../federated/protocol.ts';
import { toIdpError } from './errors.ts';

/** What the answer is checked against. */
export interface Kept {
  nonce: string;
  /** PKCE (RFC 7636). */
  verifier: string;
  /** Seconds, as the application wants it; null when the provider was not asked for it. */
  maxAge: number | null;
  /** Must the id_token say when the person signed in? It must wherever `max_age` was sent. */
  needsAuthTime: boolean;
}

/** Prepares the way to the provider (OpenID Connect Core 1.0, section 3.1.2.1; PKCE and nonce always). */
export async function prepareDeparture(
  { configuration, redirectUri }: { configuration: client.Configuration; redirectUri: string },
  { scopes, queryParameters, responseMode, requiresAuthTime }: OidcConnection,
  { state, parameters, asked }: DepartureRequest,
): Promise<Departure> {
  const tells = requiresAuthTime || tellsAuthTime(configuration);
  // A new sign-in is asked for by both names: prompt=login alone obliges nobody to say when it was.
  const maxAge = tells ? (asked.maxAge ?? (asked.prompt.includes('login') ? 0 : null)) : null;
  const kept: Kept = {
    nonce: newSecret(),
    verifier: client.randomPKCECodeVerifier(),
    maxAge: tells ? asked.maxAge : null,
    needsAuthTime: requiresAuthTime || maxAge !== null,
  };
  const passed = passOn(asked, parameters, maxAge);
  const own = fillQueryParameters(queryParameters, parameters);
  const url = buildUrl(configuration, {
    ...passed,
    ...own,
    ...keepDemand(passed, own),
    redirect_uri: redirectUri,
    scope: [...new Set(['openid', ...scopes])].join(' '),
    state,
    nonce: kept.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(kept.verifier),
    code_challenge_method: 'S256',
    ...(responseMode === 'query' ? {} : { response_mode: responseMode }),
  });
  return { url: url.href, kept: { ...kept } };
}

function buildUrl(configuration: client.Configuration, parameters: Record<string, string>): URL {
  try {
    return client.buildAuthorizationUrl(configuration, parameters);
  } catch (error) {
    throw toIdpError(error);
  }
}

/** What the script or the application wants the provider to know. */
function passOn(
  asked: DepartureRequest['asked'],
  parameters: DepartureRequest['parameters'],
  maxAge: number | null,
): Record<string, string> {
  const loginHint = parameters['login_hint'] ?? asked.loginHint;
  const prompt = new Set(asked.prompt.filter((one) => one === 'login' || one === 'select_account'));
  // A provider that does not tell when the person signed in there is asked to do it again.
  if (asked.maxAge !== null && maxAge === null) prompt.add('login');
  return {
    ...(loginHint ? { login_hint: loginHint } : {}),
    ...(prompt.size > 0 ? { prompt: [...prompt].join(' ') } : {}),
    ...(maxAge === null ? {} : { max_age: String(maxAge) }),
  };
}

/** What makes the sign-in there a new one is not for the connection's own parameters to take away. */
function keepDemand(passed: Record<string, string>, own: Record<string, string>): Record<string, string> {
  const { prompt = '', max_age: maxAge } = passed;
  const both = new Set(`${prompt} ${own['prompt'] ?? ''}`.split(' ').filter((one) => one !== '' && one !== 'none'));
  return {
    ...(prompt.split(' ').includes('login') ? { prompt: [...both].join(' ') } : {}),
    ...(maxAge === undefined ? {} : { max_age: maxAge }),
  };
}

function tellsAuthTime(configuration: client.Configuration): boolean {
  return configuration.serverMetadata().claims_supported?.includes('auth_time') ?? false;
}
