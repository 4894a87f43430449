import { createPublicKey } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** What the provider of a conformance module does otherwise than it should; null leaves a claim out. */
export interface Module {
  idToken?: Record<string, unknown>;
  userinfo?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  /** Names the id_token no key? */
  withoutKid?: boolean;
  /** How many keys of the same kind are published. */
  keys?: 1 | 2;
  /** Published beside them. */
  moreKeys?: JWK[];
  signature?:
    | 'none'
    | 'broken'
    | 'by the client secret'
    /** The published key's text, taken for a shared secret. */
    | 'by the public key as a secret'
    | 'by a key published since'
    /** One that nobody published, and that the token itself brings along (`jwk`, `jku`, `x5u`). */
    | 'by a key that it brings along';
  /** Endpoints that send on to an address inside. */
  redirects?: ('/.well-known/openid-configuration' | '/jwks' | '/token' | '/userinfo')[];
}

export interface ConformanceProvider {
  url: string;
  play(module: Module): void;
  /** The Authorization headers of the last requests for tokens and userinfo, and what the last one for a code asked. */
  seen(): { authorization: string | undefined; bearer: string | undefined; scope: string | null; nonce: string | null };
  /** How often somebody asked for its keys. */
  keysAsked(): number;
  /** How often somebody followed it inside. */
  reachedInside(): number;
  close(): Promise<void>;
}

/** A provider that signs with RS256 and lets everybody in, as the OpenID Foundation's suite plays it to clients. */
export async function createConformanceProvider(client: { id: string; secret: string }): Promise<ConformanceProvider> {
  const [first, second, later] = await Promise.all(['first', 'second', 'later'].map(makeKey));
  let module: Module = {};
  let authorization: string | undefined;
  let bearer: string | undefined;
  let asked = new URLSearchParams();
  let reached = 0;
  let keysAsked = 0;

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const json = (body: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname === '/jwks') keysAsked += 1;
    if (module.redirects?.some((path) => path === pathname)) {
      return void response.writeHead(307, { location: `${url}/inside` }).end();
    }
    switch (pathname) {
      case '/inside':
        reached += 1;
        return void json({});
      case '/.well-known/openid-configuration':
        return void json(writeOver(metadata, module.metadata));
      case '/jwks':
        return void json({ keys: publishedKeys() });
      case '/authorize': {
        asked = searchParams;
        const back = new URL(searchParams.get('redirect_uri') ?? '');
        back.search = new URLSearchParams({ code: 'code', state: searchParams.get('state') ?? '' }).toString();
        return void response.writeHead(302, { location: back.href }).end();
      }
      case '/token': {
        authorization = request.headers.authorization;
        await text(request);
        if (!isClient(authorization)) return void json({ error: 'invalid_client' }, 401);
        return void json({
          access_token: 'token',
          token_type: 'Bearer',
          expires_in: 600,
          id_token: await signIdToken(),
        });
      }
      case '/userinfo':
        bearer = request.headers.authorization;
        return void json(writeOver({ sub: 'person-1' }, module.userinfo));
      default:
        return void json({}, 404);
    }
  }

  /** Both halves come form-encoded (RFC 6749, section 2.3.1). */
  function isClient(header = ''): boolean {
    const [id = '', secret = ''] = Buffer.from(header.replace('Basic ', ''), 'base64').toString().split(':');
    return decodeURIComponent(id) === client.id && decodeURIComponent(secret) === client.secret;
  }

  const metadata = {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    userinfo_endpoint: `${url}/userinfo`,
    jwks_uri: `${url}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };

  function publishedKeys(): JWK[] {
    const own = module.signature === 'by a key published since' ? later! : first!;
    const keys = module.keys === 2 ? [own.jwk, second!.jwk] : [own.jwk];
    if (module.moreKeys) return [...module.moreKeys, ...keys];
    return module.withoutKid ? keys.map(({ kid: _, ...key }) => key) : keys;
  }

  async function signIdToken(): Promise<string> {
    const iat = Math.floor(Date.now() / 1000);
    const claims = writeOver(
      { iss: url, sub: 'person-1', aud: client.id, iat, exp: iat + 600, nonce: asked.get('nonce') },
      module.idToken,
    );
    if (module.signature === 'none') return `${encode({ alg: 'none' })}.${encode(claims)}.`;
    if (module.signature === 'by the client secret') return signByHash(claims, client.secret);
    if (module.signature === 'by the public key as a secret') {
      const pem = createPublicKey({ key: first!.jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      return signByHash(claims, String(pem));
    }
    const foreign = module.signature === 'by a key that it brings along';
    const { privateKey, jwk } = module.signature === 'by a key published since' || foreign ? later! : first!;
    const brought = foreign ? { jwk, jku: `${url}/inside`, x5u: `${url}/inside` } : {};
    const header = { alg: 'RS256', ...(module.withoutKid ? {} : { kid: jwk.kid! }), ...brought };
    const token = await new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
    return module.signature === 'broken' ? breakSignature(token) : token;
  }

  return {
    url,
    play: (next) => {
      module = next;
    },
    keysAsked: () => keysAsked,
    reachedInside: () => reached,
    seen: () => ({ authorization, bearer, scope: asked.get('scope'), nonce: asked.get('nonce') }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function signByHash(claims: Record<string, unknown>, secret: string): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(Buffer.from(secret));
}

async function makeKey(kid: string): Promise<{ privateKey: CryptoKey; jwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' } };
}

/** The same signature with one letter changed. */
function breakSignature(token: string): string {
  const at = token.lastIndexOf('.') + 10;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

function writeOver(target: object, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...target, ...changes }).filter(([, value]) => value !== null));
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
