import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oidc from 'openid-client';

/** What an application holds after a sign-in, and the code that it got it for. */
export interface Tokens {
  code: string;
  accessToken: string;
  refreshToken: string;
  claims: Record<string, unknown>;
}

export interface Pending {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** An application that asks again when the server dies under it. */
export interface PatientApplication {
  callbackUrl: string;
  /** Where to send a person. */
  begin(): Promise<{ url: string; pending: Pending }>;
  /** Redeems the code that came with the person; the same again while no answer comes. Null: it is refused. */
  redeem(url: string, pending: Pending): Promise<Tokens | null>;
  /** New tokens for old ones; null: refused. */
  refresh(tokens: Tokens): Promise<Tokens | null>;
  /** The person's claims, asked with the access token; null: refused. */
  askUserinfo(tokens: Tokens): Promise<Record<string, unknown> | null>;
  close(): Promise<void>;
}

export const applicationSecret = 'the-application-s-own-secret';

/** @param untilReady resolves when the server answers again. */
export async function createPatientApplication(
  issuer: string,
  untilReady: () => Promise<void>,
): Promise<PatientApplication> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Back at the application</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const callbackUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  let discovered: Promise<oidc.Configuration> | null = null;

  function configure(): Promise<oidc.Configuration> {
    discovered ??= persist(() =>
      oidc.discovery(new URL(issuer), 'payroll', undefined, oidc.ClientSecretBasic(applicationSecret), {
        execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
      }),
    ).then((found) => found as oidc.Configuration);
    return discovered;
  }

  /** Asks until there is an answer. Null when the server refuses what it was given. */
  async function persist<T>(ask: () => Promise<T>): Promise<T | null> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof oidc.ResponseBodyError && error.error !== 'temporarily_unavailable') {
          if (error.error === 'invalid_grant') return null;
          throw error;
        }
        if (error instanceof oidc.WWWAuthenticateChallengeError) return null;
        if (!isNoAnswer(error)) throw error;
        await untilReady();
      }
    }
  }

  return {
    callbackUrl,
    async begin() {
      const pending: Pending = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        codeVerifier: oidc.randomPKCECodeVerifier(),
      };
      const url = oidc.buildAuthorizationUrl(await configure(), {
        redirect_uri: callbackUrl,
        scope: 'openid profile email',
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(pending.codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, pending };
    },
    async redeem(url, { state, nonce, codeVerifier }) {
      const config = await configure();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier };
      const tokens = await persist(() => oidc.authorizationCodeGrant(config, new URL(url), checks));
      const code = new URL(url).searchParams.get('code') ?? '';
      return tokens && read(code, tokens, tokens.claims());
    },
    async refresh(tokens) {
      const config = await configure();
      const fresh = await persist(() => oidc.refreshTokenGrant(config, tokens.refreshToken));
      return fresh && read(tokens.code, fresh, fresh.claims());
    },
    async askUserinfo({ accessToken, claims }) {
      const config = await configure();
      return persist(async () => ({ ...(await oidc.fetchUserInfo(config, accessToken, String(claims['sub']))) }));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function read(code: string, tokens: oidc.TokenEndpointResponse, claims: object | undefined): Tokens {
  const { access_token: accessToken, refresh_token: refreshToken = '' } = tokens;
  return { code, accessToken, refreshToken, claims: { ...claims } };
}

/** The connection was refused or broke, or the server had just begun to stop. */
function isNoAnswer(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (/^(ECONN|UND_ERR|EPIPE)/.test(code) || cause.message === 'terminated') return true;
    if (cause instanceof oidc.ResponseBodyError) return cause.error === 'temporarily_unavailable';
  }
  return false;
}
