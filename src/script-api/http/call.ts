import { holdsTyped } from '../../secrets/placeholder.ts';
import type { CallAnswer } from '../definition.ts';
import { type Outside, type OutsideAnswer, OutsideFailure, type OutsideRequest } from '../outside.ts';
import { ScriptCallError } from '../read-arguments.ts';
import { type AuthConfig, prove, readAuthConfig } from './auth.ts';
import { fitsHeader, readHeaders } from './headers.ts';
import { parseJson } from './json.ts';
import { getLimits } from './limits.ts';

/** A call as a script wishes it. Texts may hold placeholders of secrets. */
export interface HttpCall {
  method: 'GET' | 'POST';
  url: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** What JSON can hold; undefined for none. */
  body: unknown;
  auth: AuthConfig | null;
}

/**
 * A call from the arguments of a script.
 * @throws ScriptCallError when the URL is none of the web, or a header or the authentication is wrong
 */
export function readHttpCall(
  fn: string,
  given: {
    method: HttpCall['method'];
    url: string;
    body?: unknown;
    headers: Record<string, string> | undefined;
    authConfig: Record<string, unknown> | undefined;
  },
): HttpCall {
  const { method, url, body, headers = {}, authConfig } = given;
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new ScriptCallError(`${fn}: url must be an absolute URL with https, and ${JSON.stringify(url)} was given.`);
  }
  if (holdsTyped(url)) {
    throw new ScriptCallError(
      `${fn}: what a person typed can stand in body, headers and authConfig, and never in the url.`,
    );
  }
  return {
    method,
    url,
    headers: readHeaders(fn, headers),
    body: body ?? undefined,
    auth: authConfig ? readAuthConfig(fn, authConfig) : null,
  };
}

/** Makes the call, and tells its end in the terms of handlers. */
export async function callEndpoint(outside: Outside, call: HttpCall): Promise<CallAnswer> {
  try {
    return readAnswer(await exchange(outside, call));
  } catch (failure) {
    if (!(failure instanceof OutsideFailure)) throw failure;
    const { outcome, code, detail } = failure;
    // The same for every reason: a script learns nothing of a network that it cannot reach.
    return { outcome, data: {}, failure: { code, params: {}, detail } };
  }
}

async function exchange(outside: Outside, call: HttpCall): Promise<OutsideAnswer> {
  const request = await write(outside, call);
  for (let attempt = 0; ; attempt++) {
    const proof = call.auth && (await prove(outside, call.auth));
    const headers = proof ? { ...request.headers, [proof.header[0]]: proof.header[1] } : request.headers;
    checkHeaders(headers);
    const answer = await outside.send({ ...request, headers });
    if (answer.status === 401 && proof?.refused()) continue;
    if (answer.status < 500 || call.method !== 'GET' || attempt === getLimits.retries.value) return answer;
  }
}

/** A secret may not fit; saying so must not tell it, as the client's own message would. */
function checkHeaders(headers: Record<string, string>): void {
  const [odd] = Object.entries(headers).filter(([, value]) => !fitsHeader(value));
  if (odd) throw new OutsideFailure('fail', 'CALL_FAILED', `The value of the header ${odd[0]} cannot be sent.`);
}

async function write(outside: Outside, { method, url, headers, body }: HttpCall): Promise<OutsideRequest> {
  const all: Record<string, string> = { accept: 'application/json' };
  for (const [name, value] of Object.entries(headers)) all[name] = await outside.reveal(value);
  if (method === 'POST') {
    all['content-type'] ??= 'application/json';
    all['idempotency-key'] = outside.key;
  }
  const text = body === undefined || method === 'GET' ? null : await writeBody(outside, body, all['content-type']!);
  return { method, url: await revealUrl(outside, url), headers: all, body: text };
}

async function writeBody(outside: Outside, body: unknown, contentType: string): Promise<string> {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(contentType);
  if (typeof body === 'string') {
    const isJson = /[/+]json\b/i.test(contentType);
    return outside.reveal(body, isForm ? encodeURIComponent : isJson ? escapeForJson : undefined);
  }
  const plain = await revealAll(outside, body);
  if (!isForm || typeof plain !== 'object' || plain === null) return JSON.stringify(plain);
  const fields = Object.entries(plain).map(([name, value]) => [name, textOf(value)]);
  return new URLSearchParams(fields).toString();
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}

/** For the inside of a text in JSON that the script has put together itself. */
function escapeForJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

async function revealAll(outside: Outside, value: unknown): Promise<unknown> {
  if (typeof value === 'string') return outside.reveal(value);
  if (Array.isArray(value)) return Promise.all(value.map((each) => revealAll(outside, each)));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(async ([name, each]) => [name, await revealAll(outside, each)] as const);
  return Object.fromEntries(await Promise.all(fields));
}

/** A secret can be in the path or the query, as one part of it; never in the name of the host. */
async function revealUrl(outside: Outside, text: string): Promise<string> {
  const { origin, pathname, search } = new URL(text);
  return origin + (await outside.reveal(pathname + search, encodeURIComponent));
}

function readAnswer({ status, mediaType, text }: OutsideAnswer): CallAnswer {
  if (status < 200 || status >= 300) {
    const outcome = status === 408 ? 'timeout' : 'fail';
    return { outcome, data: { status }, failure: failedBecause(`The endpoint answered ${status}.`) };
  }
  if (mediaType === 'text/plain') return { outcome: 'success', data: { response: text } };
  if (text.trim() === '') return { outcome: 'success', data: {} };
  const parsed = parseJson(text);
  if ('value' in parsed) return { outcome: 'success', data: parsed.value };
  const detail = `The endpoint’s answer (${mediaType || 'without a Content-Type'}) ${parsed.problem}.`;
  return { outcome: 'fail', data: { status }, failure: failedBecause(detail) };
}

function failedBecause(detail: string) {
  return { code: 'CALL_FAILED', params: {}, detail } as const;
}
