import { X509Certificate } from 'node:crypto';
import { withDeadline } from '../authenticators/federated/deadline.ts';
import { invalidAnswer } from '../authenticators/federated/failure.ts';
import type { Protocols } from '../authenticators/federated/index.ts';
import type { Departure, FederationProtocol } from '../authenticators/federated/protocol.ts';
import { clientErrors } from '../authenticators/federated-oauth2/token.ts';
import type { Connection, OAuth2Connection, OidcConnection, SamlConnection } from '../connections/connection.ts';
import { connectionUrls } from '../connections/urls.ts';
import type { GuardedFetch } from '../egress/guarded-fetch.ts';
import { day, second } from '../kernel/clock.ts';
import type { Hop, HopName } from './connection-test.ts';
import { explainFailure, passedHop } from './explain.ts';
import { type RecordedCall, recordCalls, showCall } from './record-calls.ts';

export interface ProbeDeps {
  /** Without a trailing slash. */
  publicUrl: string;
  fetch: GuardedFetch['fetch'];
  /** Protocols that know nothing yet, and call through this. */
  createProtocols(fetch: GuardedFetch['fetch']): Protocols;
}

/** Milliseconds for one hop. */
export const hopDeadline = 8 * second;

/** A code that no provider has made: what the token endpoint says of it tells whether it knows our client. */
const madeUpCode = 'stepgate-connection-test';

/**
 * Looks at everything on the way to a provider that can be looked at without a person, and prepares the way there. It ends
 * at the first hop without which nobody gets any further.
 */
export async function probe(
  deps: ProbeDeps,
  connection: Connection,
  { state, now }: { state: string; now: number },
): Promise<{ hops: Hop[]; departure: Departure | null }> {
  const recorder = recordCalls(deps.fetch);
  const protocol = deps.createProtocols(recorder.fetch)[connection.type] as FederationProtocol;
  const asked = { loginHint: null, prompt: [], maxAge: null };
  const departing = await attempt('discovery', recorder.calls, () =>
    protocol.depart(connection, { state, parameters: {}, asked }),
  );
  if (!('value' in departing)) return { hops: [departing.hop], departure: null };
  const departure = departing.value;
  const redeem = () =>
    protocol.read(connection, departure.kept, {
      state,
      code: madeUpCode,
      ...(connection.type === 'oidc' ? { iss: connection.issuer } : {}),
    });

  const hops = await probeProtocol({ ...deps, recorder, redeem, now }, connection);
  const leaves = hops.every(({ outcome }) => outcome !== 'failed');
  return {
    hops: [...hops, showDeparture(deps.publicUrl, connection, departure)],
    departure: leaves ? departure : null,
  };
}

interface Probing extends ProbeDeps {
  recorder: ReturnType<typeof recordCalls>;
  redeem(): Promise<unknown>;
  now: number;
}

function probeProtocol(probing: Probing, connection: Connection): Promise<Hop[]> | Hop[] {
  switch (connection.type) {
    case 'oidc':
      return probeOidc(probing, connection);
    case 'oauth2':
      return probeOAuth2(probing, connection);
    case 'saml':
      return probeSaml(probing, connection);
  }
}

async function probeOidc(probing: Probing, { issuer }: OidcConnection): Promise<Hop[]> {
  const { calls, fetch } = probing.recorder;
  const metadata = calls[0]?.json ?? {};
  const discovery = passedHop('discovery', calls, [
    `The metadata name the issuer «${issuer}», as the connection does.`,
  ]);
  const from = calls.length;
  const keys = await attempt('keys', calls, async () => {
    const response = await fetch(String(metadata['jwks_uri'] ?? ''), { deadline: hopDeadline });
    if (response.status !== 200) throw invalidAnswer(`The keys (jwks_uri) came with HTTP ${response.status}.`);
    const list = calls.at(-1)?.json['keys'];
    const signing = (Array.isArray(list) ? list : []).filter(
      (key: { use?: unknown; kty?: unknown } | null) => key?.use !== 'enc' && key?.kty !== 'oct',
    );
    if (signing.length === 0) throw invalidAnswer('Among the keys there is none that signs.');
    return signing.length;
  });
  if (!('value' in keys)) return [discovery, { ...keys.hop, calls: calls.slice(from).map(showCall) }];
  const checked = [`${keys.value} of the keys can sign.`];
  return [discovery, passedHop('keys', calls.slice(from), checked), await probeClient(probing)];
}

async function probeOAuth2(probing: Probing, connection: OAuth2Connection): Promise<Hop[]> {
  const client = await probeClient(probing);
  const { calls, fetch } = probing.recorder;
  const from = calls.length;
  const { userinfoEndpoint, emailsEndpoint } = connection;
  const urls = [userinfoEndpoint, ...(emailsEndpoint === null ? [] : [emailsEndpoint])];
  const endpoints = await attempt('endpoints', calls, async () => {
    for (const url of urls) {
      const { status } = await fetch(url, { deadline: hopDeadline, headers: { 'user-agent': 'Stepgate' } });
      if (status === 404 || status >= 500) throw invalidAnswer(`${new URL(url).host} answered HTTP ${status}.`);
    }
  });
  const asked = calls.slice(from);
  if (!('value' in endpoints)) return [client, { ...endpoints.hop, calls: asked.map(showCall) }];
  return [client, passedHop('endpoints', asked, ['Somebody answers there; without a token nothing is told.'])];
}

/** Does the provider know our client? It is shown a code that it has never made, and must refuse just that. */
async function probeClient({ recorder, redeem }: Probing): Promise<Hop> {
  const { calls } = recorder;
  const from = calls.length;
  const redeemed = await attempt('client', calls, redeem);
  const asked = calls.slice(from);
  const hop = passedHop('client', asked, []);
  if ('value' in redeemed) {
    const cause = 'The token endpoint gave tokens for a code that it has never made.';
    return { ...hop, outcome: 'failed', cause, mend: 'This is no provider to rely on: look at its token endpoint.' };
  }
  const answers = asked.map(({ status, json }) => (status === 401 ? 'invalid_client' : json['error']));
  const [first, second] = answers;
  const codeRefused = (error: unknown) => error === 'invalid_grant' || error === 'bad_verification_code';
  if (codeRefused(first)) {
    return { ...hop, checked: ['The provider knows our client; it refused only the code, which was made up.'] };
  }
  if (codeRefused(second)) {
    const cause = 'The provider does not know the new client secret; the one before is still good.';
    return {
      ...hop,
      outcome: 'warning',
      cause,
      mend: 'Change the secret at the provider, or give the right one here.',
    };
  }
  const unclear = typeof first !== 'string' || !clientErrors.has(first);
  const answered = asked.some(({ status }) => status !== null && status < 500);
  return { ...redeemed.hop, calls: hop.calls, outcome: unclear && answered ? 'warning' : 'failed' };
}

async function probeSaml({ recorder, now }: Probing, { certificates, ssoUrl }: SamlConnection): Promise<Hop[]> {
  const ends = certificates.map((pem) => new X509Certificate(pem).validToDate.getTime());
  const latest = Math.max(...ends);
  const until = `The last of ${certificates.length} certificate(s) ends on ${new Date(latest).toISOString().slice(0, 10)}.`;
  const known = passedHop('certificates', [], [until]);
  const mend = 'Give the provider’s next certificate beside this one, before the provider changes over.';
  const soon = latest < now + 30 * day;

  const reached = await attempt('endpoints', recorder.calls, () => recorder.fetch(ssoUrl, { deadline: hopDeadline }));
  const calls = recorder.calls.map(showCall);
  const sso = passedHop('endpoints', recorder.calls, ['Somebody answers at the sign-on address.']);
  return [
    soon ? { ...known, outcome: 'warning', cause: until, mend } : known,
    'value' in reached
      ? sso
      : {
          ...reached.hop,
          calls,
          outcome: 'warning',
          mend: 'People’s browsers go there, not this server: if they reach it, all is well.',
        },
  ];
}

function showDeparture(publicUrl: string, connection: Connection, { url }: Departure): Hop {
  const { origin, pathname, searchParams } = new URL(url);
  const call = {
    by: 'browser',
    method: 'GET',
    url: origin + pathname,
    sent: [...searchParams.keys()],
    status: null,
    answered: [],
    milliseconds: null,
  } as const;
  const { callbackUrl, metadataUrl } = connectionUrls(publicUrl, connection);
  const known = metadataUrl === undefined ? '' : `, and that it has read ${metadataUrl}`;
  return {
    ...passedHop('departure', [], [`The answer is expected at ${callbackUrl}, once, for this test alone.`]),
    calls: [{ ...call, sent: [...call.sent], answered: [] }],
    mend: `If the provider shows an error instead of a sign-in, look whether ${callbackUrl} is registered there${known}.`,
  };
}

/** What came of it, or the hop that failed. */
async function attempt<T>(
  name: HopName,
  calls: readonly RecordedCall[],
  work: () => Promise<T>,
): Promise<{ value: T } | { hop: Hop }> {
  try {
    return { value: await withDeadline(work(), hopDeadline) };
  } catch (error) {
    const last = calls.at(-1);
    return { hop: { ...passedHop(name, calls, []), ...explainFailure(name, error, last?.json['error']) } };
  }
}
