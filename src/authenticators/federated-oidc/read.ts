import * as client from 'openid-client';
import type { OidcConnection } from '../../connections/connection.ts';
import type { Form } from '../authenticator.ts';
import { invalidAnswer, listCauses } from '../federated/failure.ts';
import type { Upstream, Vouched } from '../federated/protocol.ts';
import { addFirstName } from './apple-name.ts';
import type { Kept } from './depart.ts';
import { isKeyTrouble, toIdpError } from './errors.ts';
import { findLeftOutGroups } from './left-out-groups.ts';
import { mergeClaims } from './merge-claims.ts';
import type { Providers } from './providers.ts';

/**
 * Turns the provider's answer in the browser into the person it vouches for: checks the answer, exchanges its code, checks
 * the id_token with its signature, and asks userinfo for the rest, which counts only under the same `sub`.
 *
 * @throws AppError IDP_… or EGRESS_…
 */
export async function readAnswer(
  { providers, redirectUri }: { providers: Providers; redirectUri: string },
  connection: OidcConnection,
  kept: Kept,
  form: Form,
): Promise<Vouched> {
  try {
    const { tokens, configuration } = await exchange({ providers, redirectUri }, connection, kept, form);
    const idToken = tokens.claims();
    if (!idToken) throw invalidAnswer('There is no id_token.');
    if (kept.needsAuthTime && idToken.auth_time === undefined) {
      throw invalidAnswer('The id_token does not say when the person signed in (auth_time), though it must.');
    }
    const userinfo = configuration.serverMetadata().userinfo_endpoint
      ? await client.fetchUserInfo(configuration, tokens.access_token, idToken.sub)
      : {};
    const claims = mergeClaims(idToken, userinfo);
    const leftOut = findLeftOutGroups(connection, claims);
    if (leftOut !== null) throw invalidAnswer(leftOut);
    return {
      subject: idToken.sub,
      claims: connection.preset === 'apple' ? addFirstName(claims, form['user']) : claims,
      upstream: describeUpstream(connection, configuration, tokens, idToken),
    };
  } catch (error) {
    if (isKeyTrouble(error)) providers.doubtKeys(connection);
    throw toIdpError(error);
  }
}

function describeUpstream(
  { singleLogout }: OidcConnection,
  configuration: client.Configuration,
  tokens: Awaited<ReturnType<typeof redeem>>,
  { sub, sid }: client.IDToken,
): Upstream {
  const takesSignOuts = singleLogout && configuration.serverMetadata().end_session_endpoint !== undefined;
  const { id_token: idToken, access_token: accessToken, expires_in: expiresIn, scope } = tokens;
  return {
    name: sub,
    sid: typeof sid === 'string' ? sid : null,
    // OpenID Connect knows no way to sign somebody out at the provider without a browser.
    backChannel: 'never',
    signOut: takesSignOuts && idToken !== undefined ? { idToken } : null,
    token: { accessToken, expiresIn: expiresIn ?? null, scope: scope ?? null },
  };
}

/** Where the provider does not know our new secret (yet), the one before is tried: the code was not looked at. */
async function exchange(
  { providers, redirectUri }: { providers: Providers; redirectUri: string },
  connection: OidcConnection,
  kept: Kept,
  form: Form,
) {
  const { previousSecretSealed } = connection;
  const redeemAs = async (client: OidcConnection) => {
    const configuration = await providers.getForAnswer(client);
    try {
      return { tokens: await redeem(configuration, redirectUri, kept, form), configuration };
    } finally {
      providers.keepKeys(connection, configuration);
    }
  };
  try {
    return await redeemAs(connection);
  } catch (error) {
    if (previousSecretSealed === null || !isClientRefused(error)) throw error;
    return redeemAs({ ...connection, clientSecretSealed: previousSecretSealed });
  }
}

function redeem(configuration: client.Configuration, redirectUri: string, kept: Kept, form: Form) {
  const answer = new URL(redirectUri);
  answer.search = new URLSearchParams(form).toString();
  return client.authorizationCodeGrant(configuration, answer, {
    // Which login and step the state belongs to was looked up by its hash; here it must be the one that came.
    expectedState: form['state'] ?? '',
    expectedNonce: kept.nonce,
    pkceCodeVerifier: kept.verifier,
    ...(kept.maxAge === null ? {} : { maxAge: kept.maxAge }),
  });
}

/** RFC 6749, section 5.2: 400, or 401 with a challenge. */
function isClientRefused(error: unknown): boolean {
  return listCauses(error).some(
    (one) =>
      (one instanceof client.ResponseBodyError && one.error === 'invalid_client') ||
      (one instanceof client.WWWAuthenticateChallengeError && one.status === 401),
  );
}
