import { compactDecrypt, createRemoteJWKSet, customFetch, errors, importPKCS8, type JWTPayload, jwtVerify } from 'jose';
import * as client from 'openid-client';
import type { OidcConnection } from '../../connections/connection.ts';
import { openPrivateKey } from '../../connections/connection-keys.ts';
import type { GuardedFetch } from '../../egress/guarded-fetch.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import { invalidAnswer } from '../federated/failure.ts';
import type { ToldSignOut } from '../federated/protocol.ts';
import { createFailureMemory } from './failure-memory.ts';
import { createKeyRefreshes } from './key-refreshes.ts';
import { algorithms, clockTolerance, type Providers } from './providers.ts';

/** Where a person is sent to sign out at the provider (OpenID Connect RP-Initiated Logout 1.0, section 2); null: nowhere. */
export function buildSignOutUrl(
  configuration: client.Configuration,
  signOut: Record<string, string>,
  { state, signedOutUrl }: { state: string; signedOutUrl: string },
): string | null {
  if (!configuration.serverMetadata().end_session_endpoint) return null;
  const hint = signOut['idToken'];
  return client.buildEndSessionUrl(configuration, {
    ...(hint === undefined ? {} : { id_token_hint: hint }),
    post_logout_redirect_uri: signedOutUrl,
    state,
  }).href;
}

/** Seconds that a logout token is taken for; the specification speaks of two minutes at most. */
const longestAge = 120;
const event = 'http://schemas.openid.net/event/backchannel-logout';

export type LogoutTokenReader = (connection: OidcConnection, token: string | undefined) => Promise<ToldSignOut>;

/** Reads logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.6). */
export function createLogoutTokenReader({
  providers,
  fetch,
  box,
  clock,
  deadline,
}: {
  providers: Pick<Providers, 'getUnlessFailing'>;
  fetch: GuardedFetch['fetch'];
  box: Pick<CryptoBox, 'open'>;
  clock: Clock;
  deadline: number;
}): LogoutTokenReader {
  const known = new Map<
    ConnectionId,
    { revision: number; jwksUri: string; keys: ReturnType<typeof createRemoteJWKSet> }
  >();

  async function findKeys(connection: OidcConnection) {
    const { id, revision } = connection;
    const jwksUri = (await providers.getUnlessFailing(connection)).serverMetadata().jwks_uri ?? '';
    const found = known.get(id);
    if (found?.jwksUri === jwksUri && found.revision === revision) return found.keys;
    const memory = createFailureMemory({ clock });
    const refreshes = createKeyRefreshes({ clock });
    let last: Response | null = null;
    const keys = createRemoteJWKSet(new URL(jwksUri), {
      // Anybody can send a token that names an unknown key: how often that leads there is for `refreshes` to say.
      cooldownDuration: 0,
      [customFetch]: (url, { method, headers, signal }) =>
        memory.run(async () => {
          if (last && !refreshes.take()) return last.clone();
          const answer = await fetch(url, { method, headers: Object.fromEntries(headers), signal, deadline });
          if (answer.status !== 200)
            throw new AppError('IDP_ERROR', { detail: `Its keys came with HTTP ${answer.status}.` });
          last = answer.clone();
          return answer;
        }),
    });
    known.set(id, { revision, jwksUri, keys });
    return keys;
  }

  return async (connection, token) => {
    if (!token) throw invalidAnswer('There is no logout_token.');
    try {
      const signed = token.split('.').length === 5 ? await decrypt(box, connection, token) : token;
      const { payload } = await jwtVerify(signed, await findKeys(connection), {
        issuer: connection.issuer,
        audience: connection.clientId,
        algorithms,
        clockTolerance,
        maxTokenAge: longestAge,
        requiredClaims: ['iat', 'jti', 'events', 'exp'],
      });
      return readClaims(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) throw invalidAnswer(`logout_token: ${error.message}`, error);
      throw error;
    }
  };
}

/** A provider that encrypts id_tokens for us encrypts these too; for which of our keys, it need not say. */
async function decrypt(box: Pick<CryptoBox, 'open'>, connection: OidcConnection, token: string): Promise<string> {
  for (const each of connection.keys) {
    const key = await importPKCS8(openPrivateKey(box, connection, each), 'RSA-OAEP-256');
    const opened = await compactDecrypt(token, key).catch(() => null);
    if (opened) return new TextDecoder().decode(opened.plaintext);
  }
  throw invalidAnswer('logout_token: it is encrypted for no key of this connection.');
}

function readClaims({ sub, sid, jti, events, nonce }: JWTPayload): ToldSignOut {
  const told = (events as Record<string, unknown>)[event];
  if (typeof told !== 'object' || told === null) throw invalidAnswer('logout_token: "events" names no logout.');
  // An id_token must never pass for one.
  if (nonce !== undefined) throw invalidAnswer('logout_token: there is a "nonce".');
  if (typeof jti !== 'string' || jti === '') throw invalidAnswer('logout_token: "jti" is no text.');
  if (sub !== undefined && typeof sub !== 'string') throw invalidAnswer('logout_token: "sub" is no text.');
  if (sid !== undefined && typeof sid !== 'string') throw invalidAnswer('logout_token: "sid" is no text.');
  if (sub === undefined && sid === undefined) throw invalidAnswer('logout_token: there is neither "sub" nor "sid".');
  return { name: sub ?? null, sid: sid ?? null, id: jti, answer: null, reply: null };
}
