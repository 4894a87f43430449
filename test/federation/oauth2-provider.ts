import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { breakResponse, type Fault } from '../../src/cli/demo/misbehaviour.ts';

/** What a provider of OAuth 2.0 does otherwise. Answers are given as they stand; functions get the honest one. */
export interface OAuth2Misbehaviour {
  token?: { status?: number; body: unknown };
  userinfo?: { status?: number; body: unknown };
  emails?: { status?: number; body: unknown };
  /** Written over the parameters of the way back; null leaves one out. */
  callback?: Record<string, string | null>;
  /** What its endpoints do instead of answering. */
  endpoints?: Partial<Record<'/token' | '/user' | '/user/emails', Fault>>;
  /** Another path of ours for the way back. */
  backTo?: string;
}

export interface OAuth2Provider {
  url: string;
  /** What the last person was sent here for. */
  lastScope(): string | null;
  /** How often each path was asked. */
  requests(): Record<string, number>;
  misbehave(how: OAuth2Misbehaviour): void;
  /** What the provider takes as our secret from now on. */
  expectSecret(secret: string): void;
  close(): Promise<void>;
}

export const octocat = {
  id: 583231,
  login: 'octocat',
  name: 'The Octocat',
  email: null,
  avatar_url: 'https://x/a.png',
};

const octocatMails = [
  { email: 'old@example.com', primary: false, verified: true },
  { email: 'octocat@example.com', primary: true, verified: true },
];

/** GitHub as it is seen from outside: a code for everybody who comes, errors with status 200, mail at a second endpoint. */
export async function createOAuth2Provider(host = '127.0.0.1'): Promise<OAuth2Provider> {
  const codes = new Map<string, { challenge: string; redirectUri: string }>();
  const tokens = new Set<string>();
  const asked: Record<string, number> = {};
  let how: OAuth2Misbehaviour = {};
  let secret = 'secret';
  let scope: string | null = null;

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    asked[pathname] = (asked[pathname] ?? 0) + 1;
    const fault = Object.entries(how.endpoints ?? {}).find(([path]) => path === pathname)?.[1];
    if (fault !== undefined) return breakResponse(fault, response);
    const json = ({ status = 200, body }: { status?: number; body: unknown }) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    switch (pathname) {
      case '/authorize':
        return sendBack(searchParams, response);
      case '/token':
        return void json(how.token ?? { body: redeem(new URLSearchParams(await text(request))) });
      case '/user':
        return void json(mayRead(request) ? (how.userinfo ?? { body: octocat }) : { status: 401, body: {} });
      case '/user/emails':
        return void json(mayRead(request) ? (how.emails ?? { body: octocatMails }) : { status: 401, body: {} });
      default:
        return void json({ status: 404, body: {} });
    }
  }

  function sendBack(query: URLSearchParams, response: ServerResponse): void {
    const code = randomBytes(10).toString('hex');
    scope = query.get('scope');
    const redirectUri = query.get('redirect_uri') ?? '';
    codes.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri });
    const back = new URL(how.backTo ?? redirectUri, redirectUri);
    const parameters = { code, state: query.get('state'), ...how.callback };
    for (const [name, value] of Object.entries(parameters)) if (value !== null) back.searchParams.set(name, value);
    response.writeHead(302, { location: back.href }).end();
  }

  function redeem(form: URLSearchParams): object {
    if (form.get('client_secret') !== secret) return { error: 'incorrect_client_credentials' };
    const known = codes.get(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (known?.challenge !== challenge || known.redirectUri !== form.get('redirect_uri')) {
      return { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' };
    }
    codes.delete(form.get('code') ?? '');
    const token = randomBytes(10).toString('hex');
    tokens.add(token);
    return { access_token: token, token_type: 'bearer', scope: 'read:user,user:email' };
  }

  function mayRead({ headers }: IncomingMessage): boolean {
    return tokens.has((headers.authorization ?? '').replace('Bearer ', ''));
  }

  return {
    url,
    lastScope: () => scope,
    requests: () => ({ ...asked }),
    misbehave: (next) => {
      how = next;
    },
    expectSecret: (next) => {
      secret = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
