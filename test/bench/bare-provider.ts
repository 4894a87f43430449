import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair } from 'jose';
import * as client from 'openid-client';
import { createPasswords } from '../../src/directory/passwords.ts';
import { usernameKey } from '../../src/directory/usernames.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { Provider } from '../../src/kernel/oidc-provider.ts';
import { createAdapter } from '../../src/oidc/adapter.ts';
import { createDurability } from '../../src/oidc/durability.ts';
import { openDatabase } from '../../src/storage/open.ts';

/*
 * What Stepgate is measured beside: oidc-provider alone, on the same storage through the same adapter, in a process of its
 * own. It has no pages to speak of, no login record, no script, no journal, no event, no throttling, no provisioning. Its
 * interaction ends at once, or with a password, or by way of another provider; the path of the redirect URI says which.
 */

const { PORT = '0', DIRECTORY = '', UPSTREAM = '', CALLBACK = '' } = process.env;
const url = `http://localhost:${PORT}`;
const database = await openDatabase({ directory: DIRECTORY });
const durability = createDurability();
const passwords = createPasswords();
const { privateKey } = await generateKeyPair('ES256', { extractable: true });

const provider = new Provider(url, {
  adapter: (model) => createAdapter(model, { database, clock: systemClock, durability }),
  clients: [
    {
      client_id: 'payroll',
      client_secret: 'secret',
      redirect_uris: ['at-once', 'password', 'upstream'].map((way) => `${CALLBACK}/${way}`),
      grant_types: ['authorization_code', 'refresh_token'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'bench' }] },
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  responseTypes: ['code'],
  pkce: { required: () => true },
  issueRefreshToken: async () => true,
  features: { devInteractions: { enabled: false } },
  routes: { authorization: '/authorize' },
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({
      ...(oidc.client ? { clientId: oidc.client.clientId } : {}),
      ...(oidc.session?.accountId ? { accountId: oidc.session.accountId } : {}),
    });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
});
provider.use(async (context, next) => {
  await next();
  await durability.settle(context);
});
const answer = provider.callback();

// ---- another provider -------------------------------------------------------------------------------------------------

const redirectUri = `${url}/callback`;
const pending = new Map<string, { uid: string; nonce: string; verifier: string }>();
let upstream: Promise<client.Configuration> | null = null;

function getUpstream(): Promise<client.Configuration> {
  upstream ??= client.discovery(new URL(UPSTREAM), 'stepgate', undefined, client.ClientSecretBasic('secret'), {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
  });
  return upstream;
}

async function sendUpstream(uid: string, response: ServerResponse): Promise<void> {
  const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
  pending.set(state, { uid, nonce, verifier });
  const target = client.buildAuthorizationUrl(await getUpstream(), {
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  response.writeHead(303, { location: target.href }).end();
}

async function readAnswer(target: URL): Promise<string> {
  const state = target.searchParams.get('state') ?? '';
  const known = pending.get(state);
  if (!known) throw new Error('unknown state');
  pending.delete(state);
  const answered = new URL(redirectUri);
  answered.search = target.search;
  const tokens = await client.authorizationCodeGrant(await getUpstream(), answered, {
    expectedState: state,
    expectedNonce: known.nonce,
    pkceCodeVerifier: known.verifier,
  });
  return String(tokens.claims()?.sub);
}

// ---- the interaction ----------------------------------------------------------------------------------------------------

async function interact(target: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, , uid = '', callback] = target.pathname.split('/');
  const finish = (accountId: string) => provider.interactionFinished(request, response, { login: { accountId } });
  if (callback !== undefined) return finish(await readAnswer(target));
  if (request.method === 'POST') {
    const form = new URLSearchParams(await text(request));
    const user = await database.read.users.findByUsernameKey(usernameKey(form.get('username') ?? ''));
    const hash = user && (await database.read.users.findPasswordHash(user.id));
    if (!user || !(await passwords.verify(hash, form.get('password') ?? ''))) throw new Error('wrong password');
    return finish(user.subject);
  }
  const { params } = await provider.interactionDetails(request, response);
  const way = String(params['redirect_uri']).split('/').at(-1);
  if (way === 'at-once') return finish('somebody');
  if (way === 'upstream') return sendUpstream(uid, response);
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end(
      '<form method="post"><input name="username"><input name="password" type="password"><button>Sign in</button></form>',
    );
}

const server = createServer((request, response) => {
  const target = new URL(request.url ?? '/', url);
  const fail = (error: Error) => response.writeHead(500).end(error.stack);
  if (target.pathname === '/health/ready') response.writeHead(200).end();
  else if (target.pathname === '/callback') {
    const uid = pending.get(target.searchParams.get('state') ?? '')?.uid ?? '';
    // The interaction's cookie is bound to its own path.
    response.writeHead(303, { location: `/interaction/${uid}/callback${target.search}` }).end();
  } else if (target.pathname.startsWith('/interaction/')) interact(target, request, response).catch(fail);
  else answer(request, response);
});
server.listen(Number(PORT), 'localhost');
