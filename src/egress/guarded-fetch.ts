import type { LookupFunction } from 'node:net';
import type { Agent, BodyInit, RequestInit } from 'undici';
import { second } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { isLoopbackHost } from './addresses.ts';
import { createHostList } from './host-list.ts';

export interface GuardedFetchOptions {
  /** Host names that may be called; `*.example.com` for those below it, `*` for all. */
  allowedHosts: readonly string[];
  /** Who may be called where none is listed. */
  withoutList: 'anybody' | 'nobody';
  /** Lets loopback addresses be called, by http too. For a demo or a developer's machine, never for a server. */
  allowLoopbackForDevelopment: boolean;
  /** Milliseconds for a whole request, from the name's look-up to the last byte. Default 10 s. */
  deadline?: number;
  /** Bytes of an answer, after decompression. Default 1 MiB. */
  maxBytes?: number;
  /** How names become addresses. Default: the system's way. */
  lookup?: LookupFunction;
}

export interface GuardedRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: BodyInit | null;
  signal?: AbortSignal | undefined;
  /** In place of the general ones. */
  deadline?: number;
  maxBytes?: number;
}

export interface GuardedFetch {
  /**
   * Like `fetch`, with the whole answer read, for calls to hosts that others have named.
   * @throws AppError EGRESS_REFUSED (host not allowed, address not public, nobody answers there: one error, so that no
   *   caller can map a network with it), EGRESS_TIMEOUT, EGRESS_TOO_LARGE, EGRESS_FAILED. Their details are for admins and
   *   logs, never for scripts or people.
   */
  fetch(url: string | URL, request?: GuardedRequest): Promise<Response>;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Not before the first call: a start is quicker without. */
const undici = () => import('undici');

/** The only way out: every call to a host that an admin, a script or another server has named goes through here. */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { deadline = 10 * second, maxBytes = 1024 * 1024, allowLoopbackForDevelopment } = options;
  const listed = createHostList(options.allowedHosts);

  function mayCall({ hostname }: URL): boolean {
    if (options.allowedHosts.length > 0) return listed.has(hostname);
    return options.withoutList === 'anybody' || (allowLoopbackForDevelopment && isLoopbackHost(hostname));
  }

  let opened: Promise<Agent> | undefined;

  async function openAgent(): Promise<Agent> {
    const [{ Agent }, { createGuardedConnector }] = await Promise.all([undici(), import('./guarded-connector.ts')]);
    return new Agent({
      connect: createGuardedConnector({
        allowLoopbackForDevelopment,
        timeout: deadline,
        ...(options.lookup ? { lookup: options.lookup } : {}),
      }),
    });
  }

  function checkUrl(input: string | URL): URL {
    const url = URL.parse(input);
    if (!url) throw new AppError('EGRESS_REFUSED', { detail: 'This is not a URL.' });
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowLoopbackForDevelopment)) {
      throw new AppError('EGRESS_REFUSED', { detail: `${url.origin} is not https.` });
    }
    if (url.username || url.password) {
      throw new AppError('EGRESS_REFUSED', { detail: `The URL of ${url.host} carries a user name.` });
    }
    if (!mayCall(url)) {
      throw new AppError('EGRESS_REFUSED', { detail: `${url.hostname} is not in STEPGATE_EGRESS_HOSTS.` });
    }
    return url;
  }

  return {
    async fetch(input, request = {}) {
      const url = checkUrl(input);
      const ours = new AbortController();
      const limit = request.deadline ?? deadline;
      const timer = setTimeout(
        () => ours.abort(new AppError('EGRESS_TIMEOUT', { detail: `${url.host} took longer than ${limit} ms.` })),
        limit,
      );
      const signal = request.signal ? AbortSignal.any([ours.signal, request.signal]) : ours.signal;
      try {
        opened ??= openAgent();
        const [{ fetch }, dispatcher] = await Promise.all([undici(), opened]);
        const answer = await fetch(url, { ...toInit(request), redirect: 'manual', dispatcher, signal });
        if (answer.status >= 300 && answer.status < 400 && answer.headers.has('location')) {
          await answer.body?.cancel();
          throw new AppError('EGRESS_FAILED', {
            detail: `${url.host} answered with a redirect (${answer.status}), and none is followed.`,
          });
        }
        const body = await readBody(answer.body, request.maxBytes ?? maxBytes, url.host);
        return rebuild(answer.status, answer.headers, body);
      } catch (error) {
        request.signal?.throwIfAborted();
        throw ours.signal.aborted ? ours.signal.reason : toEgressError(error, url.host);
      } finally {
        clearTimeout(timer);
        // Whatever is still on its way is of no use to anybody now.
        ours.abort();
      }
    },
    close: async () => (await opened)?.destroy(),
  };
}

function toInit({ method, headers, body }: GuardedRequest): RequestInit {
  return {
    ...(method === undefined ? {} : { method }),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined || body === null ? {} : { body }),
    ...(body instanceof ReadableStream ? { duplex: 'half' as const } : {}),
  };
}

async function readBody(body: AsyncIterable<Uint8Array> | null, maxBytes: number, host: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new AppError('EGRESS_TOO_LARGE', { detail: `${host} answered with more than ${maxBytes} bytes.` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The answer again, as it is after decompression: headers about its length and coding are no longer true. */
function rebuild(status: number, from: Iterable<[string, string]>, body: Buffer): Response {
  const headers = new Headers([...from] as [string, string][]);
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) headers.delete(name);
  const empty = status === 204 || status === 205 || status === 304;
  return new Response(empty ? null : new Uint8Array(body), { status, headers });
}

/** Failures before a connection stands are all one: they must not tell what is there. */
const notConnected = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'EINVAL',
  'ENOTFOUND',
  'ENODATA',
  'EAI_AGAIN',
  'ESERVFAIL',
]);

function toEgressError(error: unknown, host: string): AppError {
  const chain = listCauses(error);
  const own = chain.find((one) => one instanceof AppError);
  if (own) return own;
  const codes = chain.map((one) => String((one as { code?: unknown }).code ?? ''));
  const code = codes.findLast((one) => one !== '');
  if (codes.some((one) => notConnected.has(one))) {
    return new AppError('EGRESS_REFUSED', { detail: `${host} cannot be reached (${code}).`, cause: error });
  }
  if (codes.some((one) => one === 'ETIMEDOUT' || one.endsWith('_TIMEOUT'))) {
    return new AppError('EGRESS_TIMEOUT', { detail: `${host} did not answer (${code}).`, cause: error });
  }
  const reason = code ?? chain.at(-1)?.message ?? 'no more is known';
  return new AppError('EGRESS_FAILED', { detail: `The call to ${host} broke off (${reason}).`, cause: error });
}

/** An error, what caused it, and what several attempts failed of. */
function listCauses(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const attempts = error instanceof AggregateError ? error.errors : [];
  return [error, ...[...attempts, error.cause].flatMap(listCauses)];
}
