import { decodeProtectedHeader } from 'jose';
import type { StepState } from '../authenticators/authenticator.ts';
import { checkClaims } from '../authenticators/federated/check-claims.ts';
import { withDeadline } from '../authenticators/federated/deadline.ts';
import { invalidAnswer } from '../authenticators/federated/failure.ts';
import type { FederationProtocol, Vouched } from '../authenticators/federated/protocol.ts';
import type { Answer } from '../connections/answer.ts';
import type { Connection } from '../connections/connection.ts';
import { callbackPath } from '../connections/urls.ts';
import type { Hop, HopName } from './connection-test.ts';
import { explainFailure, passedHop } from './explain.ts';
import { hopDeadline, type ProbeDeps } from './probe.ts';
import { type RecordedCall, recordCalls } from './record-calls.ts';

/** The provider's answer, read as a sign-in would read it, with each hop told on its own. */
export async function readBack(
  deps: ProbeDeps,
  connection: Connection,
  { kept, answer }: { kept: StepState; answer: Answer },
): Promise<{ hops: Hop[]; vouched: Vouched | null }> {
  const { calls, fetch } = recordCalls(deps.fetch);
  const protocol = deps.createProtocols(fetch)[connection.type] as FederationProtocol;
  const arrival = showArrival(deps.publicUrl, answer);
  let vouched: Vouched | null = null;
  try {
    const expected = callbackPath(connection);
    if (answer.path !== expected) {
      throw invalidAnswer(`It came to ${answer.path}; answers of this connection come to ${expected}.`);
    }
    vouched = await withDeadline(protocol.read(connection, kept, answer.form), hopDeadline);
    checkClaims({ ...vouched.claims, sub: vouched.subject });
    const checked = ['The subject is a name that can be kept, and the claims are of a size and form that are taken.'];
    return { hops: [arrival, ...describeCalls(connection, calls, null), passedHop('claims', [], checked)], vouched };
  } catch (error) {
    const name = vouched === null ? findFailed(connection, calls) : 'claims';
    const told = name === 'answer' ? answer.form['error'] : calls.at(-1)?.json['error'];
    const own = calls.filter((call) => placeOf(connection, calls, call) === name);
    const failed = {
      ...passedHop(name, own, []),
      ...(name === 'answer' ? { calls: arrival.calls } : {}),
      ...explainFailure(name, error, told),
    };
    const before = name === 'answer' ? [] : [arrival];
    return { hops: [...before, ...describeCalls(connection, calls, name), failed], vouched: null };
  }
}

function showArrival(publicUrl: string, { path, form }: Answer): Hop {
  const call = {
    by: 'browser',
    method: 'SAMLResponse' in form ? 'POST' : 'GET',
    url: publicUrl + path,
    sent: Object.keys(form),
    status: null,
    answered: [],
    milliseconds: null,
  } as const;
  const hop = passedHop(
    'answer',
    [],
    ['It came to the address of this connection, with the state of this test, once.'],
  );
  return { ...hop, calls: [{ ...call, answered: [] }] };
}

/** Where it went wrong: what was asked last and refused, or what comes to be checked when that has been answered. */
function findFailed(connection: Connection, calls: readonly RecordedCall[]): HopName {
  if (connection.type === 'saml') return 'assertion';
  const last = calls.at(-1);
  if (!last) return 'answer';
  const place = placeOf(connection, calls, last);
  if (connection.type === 'oauth2' || last.status !== 200) return place;
  if (place === 'discovery') return 'answer';
  return place === 'token' || place === 'keys' ? 'id_token' : place;
}

function placeOf(connection: Connection, calls: readonly RecordedCall[], { url }: RecordedCall): HopName {
  const is = (other: unknown) => typeof other === 'string' && other.split('?', 1)[0] === url;
  if (connection.type === 'oauth2') {
    if (is(connection.tokenEndpoint)) return 'token';
    return is(connection.userinfoEndpoint) ? 'userinfo' : 'emails';
  }
  const metadata = calls[0]?.json ?? {};
  if (is(metadata['token_endpoint'])) return 'token';
  if (is(metadata['jwks_uri'])) return 'keys';
  return is(metadata['userinfo_endpoint']) ? 'userinfo' : 'discovery';
}

/** The hops between the servers that went well, in their order. */
function describeCalls(connection: Connection, calls: readonly RecordedCall[], failed: HopName | null): Hop[] {
  const names = new Set(calls.map((call) => placeOf(connection, calls, call)));
  if (connection.type === 'oidc' && names.has('keys')) names.add('id_token');
  if (connection.type === 'saml' && failed === null) names.add('assertion');
  return [...names]
    .filter((name) => name !== failed)
    .map((name) => {
      const own = calls.filter((call) => placeOf(connection, calls, call) === name);
      return passedHop(name, own, describeChecks(name, connection, calls));
    });
}

function describeChecks(name: HopName, connection: Connection, calls: readonly RecordedCall[]): string[] {
  switch (name) {
    case 'discovery':
      return ['The issuer in the metadata is the connection’s.'];
    case 'token':
      return ['The provider took the code, the PKCE verifier and our client for one another.'];
    case 'keys':
      return ['The key that signed is among the provider’s.'];
    case 'id_token':
      return [
        ...describeSignature(calls),
        'iss, aud, azp, exp, iat, nonce and sub are right, and the signature is by a key of the provider.',
      ];
    case 'assertion':
      return [
        'The assertion is signed by a certificate of the connection, with an algorithm that is good enough.',
        'Issuer, Audience, Recipient, InResponseTo and the times are right.',
      ];
    case 'userinfo':
      return connection.type === 'oidc' ? ['It is about the person of the id_token (sub).'] : ['It names the person.'];
    case 'emails':
      return ['The primary address is taken, verified where the list says so.'];
    default:
      return [];
  }
}

function describeSignature(calls: readonly RecordedCall[]): string[] {
  const idToken = calls.findLast(({ json }) => typeof json['id_token'] === 'string')?.json['id_token'];
  try {
    const { alg, kid, enc } = decodeProtectedHeader(String(idToken));
    return [`The id_token is ${enc ? 'encrypted' : 'signed'} with ${alg} by key «${kid ?? 'without a name'}».`];
  } catch {
    return [];
  }
}
