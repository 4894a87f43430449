import * as client from 'openid-client';
import type { Connection } from '../../connections/connection.ts';
import { AppError } from '../../kernel/errors.ts';
import type { FederatedPerson, Form } from '../authenticator.ts';
import { checkClaims } from './check-claims.ts';
import { isKeyTrouble } from './failure.ts';
import { mergeClaims } from './merge-claims.ts';
import type { Providers } from './providers.ts';
import type { Away } from './state.ts';

/**
 * Turns the provider's answer in the browser into the person it vouches for: checks the answer, exchanges its code, checks
 * the id_token with its signature, and asks userinfo for the rest, which counts only under the same `sub`.
 *
 * @throws whatever was wrong; `toFailedMove` tells what it means
 */
export async function exchangeAnswer(
  { providers, redirectUri }: { providers: Providers; redirectUri: string },
  { connection, away, query }: { connection: Connection; away: Away; query: Form },
): Promise<FederatedPerson> {
  const configuration = await providers.get(connection);
  const answer = new URL(redirectUri);
  answer.search = new URLSearchParams(query).toString();
  try {
    const tokens = await client.authorizationCodeGrant(configuration, answer, {
      // Which login and step the state belongs to was looked up by its hash; here it must be the one that came.
      expectedState: query['state'] ?? '',
      expectedNonce: away.nonce,
      pkceCodeVerifier: away.verifier,
    });
    const idToken = tokens.claims();
    if (!idToken) throw new AppError('IDP_ANSWER_INVALID', { detail: 'There is no id_token.' });
    const userinfo = configuration.serverMetadata().userinfo_endpoint
      ? await client.fetchUserInfo(configuration, tokens.access_token, idToken.sub)
      : {};
    const claims = mergeClaims(idToken, userinfo);
    checkClaims(claims);
    return { connectionId: connection.id, subject: idToken.sub, claims };
  } catch (error) {
    if (isKeyTrouble(error)) providers.forget(connection.id);
    throw error;
  }
}
