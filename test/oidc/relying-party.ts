import * as client from 'openid-client';
import type { Application } from '../../src/applications/application.ts';
import type { Browser, Page } from './browser.ts';
import type { World } from './world.ts';

export type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>;

/** What an application keeps between sending a person away and getting them back. */
export interface Request {
  url: string;
  verifier: string;
  state: string;
  nonce: string;
}

/** An application on a certified client library, which checks signatures, issuer, state, nonce and PKCE. */
export interface RelyingParty {
  config: client.Configuration;
  request(params?: Record<string, string>): Promise<Request>;
  /** Sends the person away; @returns the page that the browser ends on: the application's own when all went well. */
  send(browser: Browser, params?: Record<string, string>): Promise<{ request: Request; page: Page }>;
  redeem(request: Request, callback: string): Promise<Tokens>;
  /** All of it. */
  signIn(browser: Browser, params?: Record<string, string>): Promise<Tokens>;
  userinfo(tokens: Tokens): Promise<client.UserInfoResponse>;
  /** A POST to one of the server's endpoints, as the application. */
  post(
    path: string,
    body: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
}

export async function createRelyingParty(
  world: World,
  { clientId, clientType, redirectUris, secret }: Application & { secret: string },
): Promise<RelyingParty> {
  const overHttp: client.CustomFetch = (url, options) =>
    fetch(url.replace(world.publicUrl, world.address), options as RequestInit);
  const config = await client.discovery(
    new URL(world.oidc.issuer),
    clientId,
    undefined,
    clientType === 'public' ? client.None() : client.ClientSecretBasic(secret),
    {
      [client.customFetch]: overHttp,
      execute: [client.enableNonRepudiationChecks],
    },
  );
  config[client.customFetch] = overHttp;

  const party: RelyingParty = {
    config,
    async request(params = {}) {
      const verifier = client.randomPKCECodeVerifier();
      const state = client.randomState();
      const nonce = client.randomNonce();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUris[0] ?? '',
        scope: 'openid profile email',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        ...params,
      });
      return { url: url.href, verifier, state, nonce };
    },
    async send(browser, params) {
      const request = await party.request(params);
      return { request, page: await browser.open(request.url) };
    },
    redeem: ({ verifier, state, nonce }, callback) =>
      client.authorizationCodeGrant(config, new URL(callback), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      }),
    async signIn(browser, params) {
      const { request, page } = await party.send(browser, params);
      if (page.location === null) throw new Error(`the browser stayed on ${page.url}: ${page.status} ${page.text}`);
      return party.redeem(request, page.location);
    },
    userinfo: (tokens) => client.fetchUserInfo(config, tokens.access_token, client.skipSubjectCheck),
    async post(path, body, headers = {}) {
      const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
      const response = await fetch(`${world.address}/oidc${path}`, {
        method: 'POST',
        headers: { accept: 'application/json', ...(clientType === 'public' ? {} : { authorization }), ...headers },
        body: new URLSearchParams({ ...(clientType === 'public' ? { client_id: clientId } : {}), ...body }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
    },
  };
  return party;
}
