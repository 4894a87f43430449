import * as client from 'openid-client';
import type { Connection } from '../../connections/connection.ts';
import { newSecret } from '../../kernel/ids.ts';
import { sha256 } from '../../kernel/sha256.ts';
import type { Settle, StepContext } from '../authenticator.ts';
import { findClosed } from './settle.ts';
import { type Away, keepAway } from './state.ts';

/** Prepares the way to the provider (OpenID Connect Core 1.0, section 3.1.2.1; PKCE and nonce always). */
export async function sendToProvider(
  { configuration, redirectUri }: { configuration: client.Configuration; redirectUri: string },
  context: StepContext,
  connection: Connection,
): Promise<Settle> {
  const state = newSecret();
  const away: Away = {
    stateHash: sha256(state),
    nonce: newSecret(),
    verifier: client.randomPKCECodeVerifier(),
    connectionId: connection.id,
    issuer: connection.issuer,
    clientId: connection.clientId,
  };
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: [...new Set(['openid', ...connection.scopes])].join(' '),
    state,
    nonce: away.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(away.verifier),
    code_challenge_method: 'S256',
    ...passOn(context),
  });

  return async ({ connections, logins }) => {
    const closed = findClosed(await connections.findById(connection.id), away);
    if (closed) return closed;
    const { id, expiresAt } = context.login;
    await logins.insertFederationState({ hash: away.stateHash, loginId: id, seq: context.seq, expiresAt });
    return { kind: 'redirect', state: keepAway(away), url: url.href };
  };
}

/** What the script, the person or the application wants the provider to know. */
function passOn({ parameters, claimed, login: { request } }: StepContext): Record<string, string> {
  const loginHint = parameters['login_hint'] ?? claimed?.identifier ?? request.loginHint;
  const prompt = request.prompt.filter((one) => one === 'login' || one === 'select_account');
  return {
    ...(loginHint ? { login_hint: loginHint } : {}),
    ...(prompt.length > 0 ? { prompt: prompt.join(' ') } : {}),
  };
}
