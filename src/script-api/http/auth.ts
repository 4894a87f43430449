import { createHash } from 'node:crypto';
import { readText } from '../../../sandbox/value-types.ts';
import { type Outside, OutsideFailure } from '../outside.ts';
import { ScriptCallError } from '../read-arguments.ts';
import { readHeaders } from './headers.ts';

/** How a request shows who sends it. Texts may hold placeholders of secrets. */
export type AuthConfig =
  | { type: 'basic'; username: string; password: string }
  | { type: 'bearer'; token: string }
  | { type: 'apikey'; apiKey: string; headerName: string }
  | { type: 'clientcredential'; consumerKey: string; consumerSecret: string; tokenEndpoint: string; scope: string };

const aliases: ReadonlyMap<string, AuthConfig['type']> = new Map([
  ['basic', 'basic'],
  ['basicauth', 'basic'],
  ['bearer', 'bearer'],
  ['bearertoken', 'bearer'],
  ['apikey', 'apikey'],
  ['clientcredential', 'clientcredential'],
  ['clientcredentials', 'clientcredential'],
]);

/**
 * `{type, properties: {…}}`, or the properties beside the type.
 * @throws ScriptCallError
 */
export function readAuthConfig(fn: string, given: Record<string, unknown>): AuthConfig {
  const { type: named, properties } = given;
  const type = typeof named === 'string' ? aliases.get(named.toLowerCase()) : undefined;
  if (!type) {
    const found = JSON.stringify(named) ?? 'nothing';
    throw new ScriptCallError(
      `${fn}: authConfig.type must be basic, bearer, apikey or clientcredential, and ${found} was given.`,
    );
  }
  const fields = typeof properties === 'object' && properties !== null ? (properties as typeof given) : given;
  const field = (name: string) => {
    const text = readText(fields[name]);
    if (text === undefined || text === '') {
      throw new ScriptCallError(`${fn}: authConfig of the type ${type} must have ${name}, a text.`);
    }
    return text;
  };
  switch (type) {
    case 'basic':
      return { type, username: field('username'), password: field('password') };
    case 'bearer':
      return { type, token: field('token') };
    case 'apikey': {
      const headerName = field('headerName');
      readHeaders(fn, { [headerName]: '' });
      return { type, apiKey: field('apiKey'), headerName: headerName.toLowerCase() };
    }
    case 'clientcredential': {
      const tokenEndpoint = field('tokenEndpoint');
      if (!URL.canParse(tokenEndpoint)) throw new ScriptCallError(`${fn}: authConfig.tokenEndpoint must be a URL.`);
      const scope = (fields['scope'] ?? '') === '' ? '' : field('scope');
      return {
        type,
        consumerKey: field('consumerKey'),
        consumerSecret: field('consumerSecret'),
        tokenEndpoint,
        scope,
      };
    }
  }
}

/** A header that shows who sends a request, and what to do when the other side refuses it. */
export interface Proof {
  header: readonly [name: string, value: string];
  /** True when another try may have a better proof. */
  refused(): boolean;
}

const isFinal = () => false;

/** @throws OutsideFailure when a token was not to be had */
export async function prove(outside: Outside, auth: AuthConfig): Promise<Proof> {
  switch (auth.type) {
    case 'basic':
      return { header: ['authorization', await basic(outside, auth.username, auth.password)], refused: isFinal };
    case 'bearer':
      return { header: ['authorization', `Bearer ${await outside.reveal(auth.token)}`], refused: isFinal };
    case 'apikey':
      return { header: [auth.headerName, await outside.reveal(auth.apiKey)], refused: isFinal };
    case 'clientcredential': {
      const credentials = await basic(outside, auth.consumerKey, auth.consumerSecret);
      // By what is sent, not by its name: a rotated secret has a token of its own.
      const key = createHash('sha256')
        .update(JSON.stringify([auth.tokenEndpoint, auth.scope, credentials]))
        .digest('base64url');
      let fresh = false;
      const token = await outside.token(key, () => {
        fresh = true;
        return askForToken(outside, auth, credentials);
      });
      return {
        header: ['authorization', `Bearer ${token}`],
        refused() {
          outside.forgetToken(key);
          return !fresh;
        },
      };
    }
  }
}

/** RFC 7617. */
async function basic(outside: Outside, username: string, password: string): Promise<string> {
  const pair = `${await outside.reveal(username)}:${await outside.reveal(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** The client credentials grant (RFC 6749, section 4.4). */
async function askForToken(
  outside: Outside,
  { tokenEndpoint, scope }: AuthConfig & { type: 'clientcredential' },
  authorization: string,
): Promise<{ value: string; lifetime: number }> {
  const answer = await outside.send({
    method: 'POST',
    url: tokenEndpoint,
    headers: { authorization, accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope ? { scope } : {}) }).toString(),
  });
  const token = answer.status === 200 ? readToken(answer.text) : null;
  if (!token) throw new OutsideFailure('fail', 'CALL_FAILED', `The token endpoint answered ${answer.status}.`);
  return token;
}

/** RFC 6749, section 5.1. Without a lifetime a token is used for this call only. */
function readToken(text: string): { value: string; lifetime: number } | null {
  try {
    const { access_token: value, expires_in: lifetime } = JSON.parse(text) as Record<string, unknown>;
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) return null;
    return { value, lifetime: typeof lifetime === 'number' && lifetime > 0 ? lifetime : 0 };
  } catch {
    return null;
  }
}
