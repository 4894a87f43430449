import type { ServerResponse } from 'node:http';
import { type CryptoKey, decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose';
import { second } from '../../kernel/clock.ts';

export type Endpoint = 'discovery' | 'jwks' | 'authorization' | 'choose' | 'token' | 'userinfo' | 'other';

/**
 * An endpoint answers 500, never, by a byte a second, with the head of an answer alone, with half a body and a closed
 * connection, or with a page instead of JSON.
 */
export type Fault = 'fails' | 'hangs' | 'trickles' | 'stops after the headers' | 'is cut off' | 'answers with a page';

/**
 * What an identity provider that is broken, or in an attacker's hand, does otherwise. Values written over others replace
 * them; `null` leaves one out.
 */
export interface Misbehaviour {
  /** What the endpoints do instead of answering. */
  endpoints?: Partial<Record<Endpoint, Fault>>;
  /** Written over the discovery document, such as `{ issuer: 'https://other.example' }`. */
  metadata?: Record<string, unknown>;
  /** Written over the claims of the id_token before it is signed, such as `{ nonce: 'another' }`. */
  idToken?: Record<string, unknown>;
  /** Who signs the id_token: a key that the provider never published (under the published key's id), or nobody. */
  signature?: 'foreign key' | 'none';
  /** Who signs userinfo, where it is signed. */
  userinfoSignature?: 'foreign key';
  /** Written over the answer of the userinfo endpoint, such as `{ sub: 'somebody-else' }`. */
  userinfo?: Record<string, unknown>;
  /** Written over the parameters of the redirect back to the application, such as `{ iss: 'https://other.example' }`. */
  callback?: Record<string, string | null>;
  /** The answer to the authorization request, instead of asking the person (RFC 6749 section 4.1.2.1). */
  refusal?: { error: string; error_description?: string };
}

/** `target` with `changes` written over it; `null` leaves a name out. */
export function writeOver(target: object, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...target, ...changes }).filter(([, value]) => value !== null));
}

/** Plays a broken endpoint on this response, whatever the request was. */
export function breakResponse(how: Fault, response: ServerResponse) {
  switch (how) {
    case 'hangs':
      return;
    case 'stops after the headers':
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      return;
    case 'trickles': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), second);
      response.on('close', () => clearInterval(drip));
      return;
    }
    case 'fails':
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"server_error"}');
      return;
    case 'answers with a page':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Maintenance</title>');
      return;
    case 'is cut off':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id_token":"ey', () => response.destroy());
  }
}

/** The id_token again, with the claims and the signature that the misbehaviour asks for. */
export async function forgeIdToken(
  idToken: string,
  signingKey: CryptoKey,
  misbehaviour: Misbehaviour,
): Promise<string> {
  const header = decodeProtectedHeader(idToken);
  const claims = writeOver(decodeJwt(idToken), misbehaviour.idToken);
  if (misbehaviour.signature === 'none') {
    return `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`;
  }
  const foreign = misbehaviour.signature === 'foreign key' ? (await generateKeyPair('ES256')).privateKey : null;
  return new SignJWT(claims).setProtectedHeader({ ...header, alg: 'ES256' }).sign(foreign ?? signingKey);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The redirect back to the application with the parameters that the misbehaviour wants; other redirects stay. */
export function bendCallback(location: string, redirectUris: readonly string[], misbehaviour: Misbehaviour): string {
  if (misbehaviour.callback === undefined || !redirectUris.some((uri) => location.startsWith(uri))) return location;
  const url = new URL(location);
  for (const [name, value] of Object.entries(misbehaviour.callback)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}
