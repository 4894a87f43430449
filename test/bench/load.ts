import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';

/** A server under load, and how somebody signs in there. */
export interface Target {
  /** Of the authorization and token endpoints. */
  authorize: string;
  token: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
}

export type Credentials =
  | { username: string; password: string }
  | { person: string; connection?: string }
  /** Leaves at the first page. */
  | 'leaves'
  | null;

const agent = new Agent({ connections: 16, keepAliveTimeout: 60_000, pipelining: 1 });

export const closeLoad = () => agent.close();

interface Answer {
  status: number;
  location: string | null;
  text: string;
}

/**
 * One whole sign-in as a browser and an application make it: from the authorization request to the tokens. Kept as light
 * as can be, since it shares the machine with what it measures: it knows the pages that it will meet.
 * @param address where the person seems to come from, for servers that slow one address down
 */
export async function signIn(target: Target, credentials: Credentials, address: string): Promise<void> {
  const cookies = new Map<string, Map<string, string>>();
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: target.clientId,
    response_type: 'code',
    redirect_uri: target.redirectUri,
    scope: 'openid profile email',
    state: 'state',
    nonce: 'nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });

  async function ask(url: URL, form: Record<string, string> | null): Promise<Answer> {
    const jar = cookies.get(url.host) ?? new Map<string, string>();
    cookies.set(url.host, jar);
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent,
      method: form ? 'POST' : 'GET',
      headers: {
        accept: 'text/html',
        'x-forwarded-for': address,
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded', origin: url.origin } : {}),
      },
      body: form ? String(new URLSearchParams(form)) : null,
    });
    for (const line of [headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const { location } = headers;
    return { status: statusCode, location: typeof location === 'string' ? location : null, text: await body.text() };
  }

  let url = new URL(`${target.authorize}?${query}`);
  let form: Record<string, string> | null = null;
  for (let hops = 0; hops < 20; hops++) {
    const answer: Answer = await ask(url, form);
    form = null;
    if (answer.location !== null) {
      url = new URL(answer.location, url);
      if (url.href.startsWith(target.redirectUri)) return redeem(target, url, verifier);
      // The upstream provider's page is not looked at: it lists everybody.
      if (url.pathname.startsWith('/choose/')) form = { person: isPerson(credentials) ? credentials.person : '' };
    } else if (answer.status === 200 && /<form/.test(answer.text)) {
      if (credentials === 'leaves') return;
      const csrf = /name="csrf" value="([^"]+)"/.exec(answer.text)?.[1];
      const fields = isPerson(credentials) ? { option: credentials.connection ?? 'Google' } : { ...credentials };
      form = { ...fields, ...(csrf === undefined ? {} : { csrf }) };
    } else
      throw new Error(
        `${url.pathname} answered ${answer.status}: ${answer.text.replace(/<[^>]*>/g, ' ').slice(0, 400)}`,
      );
  }
  throw new Error('the sign-in goes in circles');
}

function isPerson(credentials: Credentials): credentials is { person: string; connection?: string } {
  return typeof credentials === 'object' && credentials !== null && 'person' in credentials;
}

async function redeem(target: Target, callback: URL, verifier: string): Promise<void> {
  const code = callback.searchParams.get('code');
  if (code === null) throw new Error(`no code: ${callback.search}`);
  const { statusCode, body } = await request(target.token, {
    dispatcher: agent,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${target.clientId}:${target.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: String(
      new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: target.redirectUri,
        code_verifier: verifier,
      }),
    ),
  });
  const answer = await body.text();
  if (statusCode !== 200 || !answer.includes('id_token')) throw new Error(`no tokens: ${answer.slice(0, 300)}`);
}
