import * as oidc from 'openid-client';

/** How the demo application is known at the server it signs people in with. */
export interface ClientSettings {
  issuer: string;
  clientId: string;
  /** Left out for a public client. */
  clientSecret?: string;
  /** Scopes to ask for; those that the issuer does not publish are left out. Default: all that this application can show. */
  scopes?: readonly string[];
}

/** What the application must remember between the redirect to the server and the answer; its key is `state`. */
export interface PendingSignIn {
  state: string;
  nonce: string;
  codeVerifier: string;
  maxAge?: number;
}

export interface SignedIn {
  idToken: string;
  claims: Record<string, unknown>;
  userinfo: Record<string, unknown>;
  accessToken: string;
  refreshToken: string | null;
  scope: string | null;
  /** How often the tokens were refreshed. */
  refreshed: number;
}

/** Why a sign-in failed: the server's own words where it gave some (`error`, `error_description`). */
export interface SignInFailure {
  error: string;
  error_description: string;
  /** The server, or the person there, refused; otherwise an answer did not come or failed a check here. */
  refused: boolean;
}

const wantedScopes = ['openid', 'profile', 'email', 'groups', 'roles', 'offline_access'];

/** The protocol half of the demo application: authorization code flow with PKCE, signatures checked. */
export function createApplicationClient(settings: ClientSettings, redirectUri: string) {
  let discovered: Promise<oidc.Configuration> | null = null;

  function configure(): Promise<oidc.Configuration> {
    discovered ??= oidc
      .discovery(
        new URL(settings.issuer),
        settings.clientId,
        undefined,
        settings.clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(settings.clientSecret),
        // The demo runs on plain HTTP on this machine. Signatures of id_tokens are checked only when told so.
        { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks], timeout: 10 },
      )
      .catch((error) => {
        discovered = null;
        throw error;
      });
    return discovered;
  }

  async function readTokens(
    config: oidc.Configuration,
    tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
    before: SignedIn | null,
  ): Promise<SignedIn> {
    const claims = tokens.claims() ?? before?.claims;
    const idToken = tokens.id_token ?? before?.idToken;
    if (claims === undefined || idToken === undefined) throw new Error('The server sent no id_token.');
    return {
      idToken,
      claims: { ...claims },
      userinfo: { ...(await oidc.fetchUserInfo(config, tokens.access_token, String(claims['sub']))) },
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token ?? before?.refreshToken ?? null,
      scope: tokens.scope ?? before?.scope ?? null,
      refreshed: before === null ? 0 : before.refreshed + 1,
    };
  }

  return {
    /** Where to send the person, and what to remember until they come back. `extra` are parameters such as `acr_values`. */
    async start(extra: Record<string, string>): Promise<{ url: string; pending: PendingSignIn }> {
      const config = await configure();
      const published = config.serverMetadata().scopes_supported;
      const scopes = (settings.scopes ?? wantedScopes).filter((scope) => published?.includes(scope) ?? true);
      const codeVerifier = oidc.randomPKCECodeVerifier();
      const maxAge = extra['max_age'] === undefined ? {} : { maxAge: Number(extra['max_age']) };
      const pending = { state: oidc.randomState(), nonce: oidc.randomNonce(), codeVerifier, ...maxAge };
      const url = oidc.buildAuthorizationUrl(config, {
        ...extra,
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, pending };
    },

    /** Tokens for the answer that the person's browser brought; throws what openid-client found wrong with it. */
    async finish(callbackUrl: URL, pending: PendingSignIn): Promise<SignedIn> {
      const config = await configure();
      const tokens = await oidc.authorizationCodeGrant(config, callbackUrl, {
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        pkceCodeVerifier: pending.codeVerifier,
        ...(pending.maxAge === undefined ? {} : { maxAge: pending.maxAge }),
      });
      return readTokens(config, tokens, null);
    },

    async refresh(signedIn: SignedIn): Promise<SignedIn> {
      const config = await configure();
      if (signedIn.refreshToken === null) throw new Error('The server gave no refresh token.');
      return readTokens(config, await oidc.refreshTokenGrant(config, signedIn.refreshToken), signedIn);
    },

    /** The server's logout page (OpenID Connect RP-Initiated Logout 1.0); null where it has none. */
    async findLogoutUrl(signedIn: SignedIn, backTo: string): Promise<string | null> {
      const config = await configure();
      if (config.serverMetadata().end_session_endpoint === undefined) return null;
      return oidc.buildEndSessionUrl(config, { id_token_hint: signedIn.idToken, post_logout_redirect_uri: backTo })
        .href;
    },
  };
}

/** The failure as the application shows it, with the whole chain of causes. */
export function describeFailure(error: unknown): SignInFailure {
  const refused = error instanceof oidc.AuthorizationResponseError;
  if (refused || error instanceof oidc.ResponseBodyError) {
    return { error: error.error, error_description: error.error_description ?? '', refused };
  }
  const reasons: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) reasons.push(cause.message);
  return { error: 'sign_in_failed', error_description: reasons.join(': '), refused: false };
}
