import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Configuration } from 'oidc-provider';
import { Provider } from '../../kernel/oidc-provider.ts';
import { html } from '../../pages/html.ts';
import { createMemoryAdapterFactory } from './memory-adapter.ts';
import {
  bendCallback,
  breakResponse,
  type Endpoint,
  forgeIdToken,
  type Misbehaviour,
  writeOver,
} from './misbehaviour.ts';
import { pageHeaders, renderPage, stylePath } from './page.ts';
import { alanTuring, type DemoPerson, graceHopper } from './people.ts';
import { findFreePort } from './ports.ts';
import { styleSheet } from './style-sheet.ts';

export interface DemoIdentityProviderOptions {
  /** Address to listen on and host name of the issuer. Default 127.0.0.1. */
  host?: string;
  /** Wanted port; a free one is taken if it is in use. Default: any. */
  port?: number;
  /** What people read on its page. Default «Google». */
  name?: string;
  /** The one application that may ask it: Stepgate. */
  client: { id: string; secret: string; redirectUris: string[]; name?: string };
  /** Default: Grace Hopper and Alan Turing. */
  people?: readonly DemoPerson[];
  /** Where the person's claims are told; `sub` is always in both. Default: in the id_token, and in userinfo too. */
  claimsIn?: 'id_token' | 'userinfo';
  /** Does it give refresh tokens? Default: no. */
  refreshTokens?: boolean;
  /** Written over what it knows of Stepgate (OpenID Connect Dynamic Client Registration 1.0, section 2). */
  clientMetadata?: Record<string, unknown>;
}

export interface DemoIdentityProvider {
  /** The issuer, without a slash at its end. */
  url: string;
  people: readonly DemoPerson[];
  /** How often each endpoint was asked since the start; those that never were are left out. */
  requests(): Partial<Record<Endpoint, number>>;
  /** Breaks it in the given ways until the next call; `{}` makes it whole again. */
  misbehave(how: Misbehaviour): void;
  /** A JWT of these claims by its own key: what it tells unasked, such as a logout token. */
  sign(claims: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

const paths: Record<string, Endpoint> = {
  '/.well-known/openid-configuration': 'discovery',
  '/jwks': 'jwks',
  '/authorize': 'authorization',
  '/choose': 'choose',
  '/token': 'token',
  '/userinfo': 'userinfo',
};

const sessionCookie = 'demo_idp_session';

/**
 * A whole OpenID provider on this machine (oidc-provider: code flow with PKCE, id_tokens signed ES256). It asks each time
 * who signs in, by a list instead of passwords, and never for consent. A person leaves by «Don't sign in», which the
 * application sees as `access_denied`.
 */
export async function createDemoIdentityProvider(options: DemoIdentityProviderOptions): Promise<DemoIdentityProvider> {
  const { host = '127.0.0.1', name = 'Google', client, people = [graceHopper, alanTuring] } = options;
  const asked: Partial<Record<Endpoint, number>> = {};
  let misbehaviour: Misbehaviour = {};

  const server = createServer();
  const port = await findFreePort({ host, ...(options.port === undefined ? {} : { wanted: options.port }) });
  await listen(server, host, port);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const provider = new Provider(url, {
    ...configure({ ...options, name, people }),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'demo' }] },
  });
  provider.use(async (context, next) => {
    await next();
    await bendAnswer(context, { privateKey, redirectUris: client.redirectUris, misbehaviour });
  });
  const answer = provider.callback();

  server.on('request', (request, response) => {
    const { pathname } = new URL(request.url ?? '/', url);
    const endpoint = findEndpoint(pathname);
    asked[endpoint] = (asked[endpoint] ?? 0) + 1;
    const fault = misbehaviour.endpoints?.[endpoint];
    if (fault !== undefined) breakResponse(fault, response);
    else if (pathname === stylePath) response.writeHead(200, { 'content-type': 'text/css' }).end(styleSheet);
    else if (endpoint === 'choose') choosePerson(request, response).catch((error) => refuse(response, name, error));
    else {
      // With a session a second sign-in would pass by unseen. It keeps none: everybody chooses each time.
      request.headers.cookie = dropCookie(request.headers.cookie, sessionCookie);
      answer(request, response);
    }
  });

  async function choosePerson(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (misbehaviour.refusal !== undefined) {
      return provider.interactionFinished(request, response, misbehaviour.refusal);
    }
    if (request.method !== 'POST') {
      // Only for a request that is under way: without one this throws, and the person is told.
      await provider.interactionDetails(request, response);
      response.writeHead(200, pageHeaders()).end(renderChoice(name, people, client.name ?? client.id));
      return;
    }
    const chosen = new URLSearchParams(await text(request)).get('person');
    const person = people.find(({ sub }) => sub === chosen);
    return provider.interactionFinished(
      request,
      response,
      person === undefined
        ? { error: 'access_denied', error_description: 'The person chose not to sign in.' }
        : { login: { accountId: person.sub, remember: false } },
    );
  }

  return {
    url,
    people,
    requests: () => ({ ...asked }),
    misbehave: (how) => {
      misbehaviour = how;
    },
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'demo' }).sign(privateKey),
    close: () => closeServer(server),
  };
}

function configure(
  settings: DemoIdentityProviderOptions & { name: string; people: readonly DemoPerson[] },
): Configuration {
  const { client, people, refreshTokens = false } = settings;
  return {
    adapter: createMemoryAdapterFactory(Date),
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: client.redirectUris,
        grant_types: ['authorization_code', ...(refreshTokens ? ['refresh_token'] : [])],
        id_token_signed_response_alg: 'ES256',
        ...settings.clientMetadata,
      },
    ],
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access'],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'given_name', 'family_name'],
      groups: ['groups'],
    },
    issueRefreshToken: () => refreshTokens,
    conformIdTokenClaims: settings.claimsIn === 'userinfo',
    enabledJWA: { idTokenSigningAlgValues: ['ES256'], userinfoSigningAlgValues: ['ES256'] },
    pkce: { required: () => true },
    routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks' },
    // Cookies ignore ports: names of its own keep it apart from whatever else runs on this host.
    cookies: {
      names: { session: sessionCookie, interaction: 'demo_idp_choice', resume: 'demo_idp_resume' },
    },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AuthorizationCode: 60, AccessToken: 600, IdToken: 600 },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      encryption: { enabled: true },
      jwtUserinfo: { enabled: true },
    },
    interactions: { url: (_context, interaction) => `/choose/${interaction.uid}` },
    findAccount: (_context, sub) => {
      const person = people.find((one) => one.sub === sub);
      return person && { accountId: sub, claims: () => ({ ...person }) };
    },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        ...(oidc.client === undefined ? {} : { clientId: oidc.client.clientId }),
        ...(oidc.session?.accountId === undefined ? {} : { accountId: oidc.session.accountId }),
      });
      grant.addOIDCScope('openid email profile groups');
      await grant.save();
      return grant;
    },
    renderError: (context, { error, error_description }) => {
      context.set(pageHeaders());
      context.body = renderRefusal(settings.name, `${error}: ${error_description ?? 'no more is known'}`);
    },
  };
}

/** As much of a Koa context as bending takes. */
interface Answer {
  path: string;
  body: unknown;
  response: { get(header: string): string | undefined };
  set(header: string, value: string): void;
}

/** Koa is done with the request; what goes out is bent here, so that everything before it is the real protocol. */
async function bendAnswer(
  context: Answer,
  how: { privateKey: CryptoKey; redirectUris: string[]; misbehaviour: Misbehaviour },
): Promise<void> {
  const { misbehaviour } = how;
  const { body } = context;
  const location = context.response.get('location');
  if (location) context.set('location', bendCallback(location, how.redirectUris, misbehaviour));
  if (typeof body === 'string' && findEndpoint(context.path) === 'userinfo' && misbehaviour.userinfoSignature) {
    context.body = await forgeIdToken(body, how.privateKey, { signature: misbehaviour.userinfoSignature });
  }
  if (typeof body !== 'object' || body === null) return;
  const endpoint = findEndpoint(context.path);
  if (endpoint === 'discovery') context.body = writeOver(body, misbehaviour.metadata);
  if (endpoint === 'userinfo') context.body = writeOver(body, misbehaviour.userinfo);
  const forges = misbehaviour.idToken !== undefined || misbehaviour.signature !== undefined;
  if (endpoint === 'token' && forges && 'id_token' in body && typeof body.id_token === 'string') {
    context.body = { ...body, id_token: await forgeIdToken(body.id_token, how.privateKey, misbehaviour) };
  }
}

function findEndpoint(pathname: string): Endpoint {
  return paths[pathname] ?? paths[pathname.slice(0, Math.max(pathname.indexOf('/', 1), 0))] ?? 'other';
}

function dropCookie(header: string | undefined, name: string): string {
  return (header ?? '')
    .split('; ')
    .filter((pair) => !pair.startsWith(`${name}=`))
    .join('; ');
}

function renderChoice(name: string, people: readonly DemoPerson[], application: string): string {
  return renderPage({
    part: 'identity-provider',
    brand: name,
    title: 'Choose an account',
    body: html`<h1>Choose an account</h1>
<p class="faint">to go on to ${application}. This is a demo on your machine, not the real ${name}: there is no password.</p>
<form method="post">
${people.map(
  (person) =>
    html`<button class="person" name="person" value="${person.sub}"><strong>${person.name}</strong><span>${person.email}</span></button>\n`,
)}<button class="other" name="cancel" value="yes">Don't sign in</button>
</form>`,
  });
}

function renderRefusal(name: string, reason: string): string {
  return renderPage({
    part: 'identity-provider',
    brand: name,
    title: 'This did not work',
    body: html`<h1>This did not work</h1>
<p>${name} cannot go on with this request. Go back to the application and start again.</p>
<p class="faint">${reason}</p>`,
  });
}

function refuse(response: ServerResponse, name: string, error: unknown): void {
  response
    .writeHead(400, pageHeaders())
    .end(renderRefusal(name, error instanceof Error ? error.message : String(error)));
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => resolve(server.address() as AddressInfo));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
