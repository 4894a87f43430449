/** A resource as the admin API gives it: what each has, and whatever else it brings. */
export interface Resource {
  id: string;
  [name: string]: unknown;
}

/** The server understood, and said no. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly status: number;
  /** Problem details, where the server gave some. */
  readonly problem: {
    code?: string;
    message?: string;
    findings?: readonly { message: string; path?: string }[];
  };

  constructor(request: string, status: number, text: string) {
    super(`${request} was answered with ${status}: ${text.slice(0, 500)}`);
    this.status = status;
    this.problem = text.startsWith('{') ? JSON.parse(text) : {};
  }
}

export interface AdminApi {
  get(path: string): Promise<Resource>;
  post(path: string, body: unknown): Promise<Resource>;
  put(path: string, body: unknown): Promise<Resource>;
  /** Puts what becomes of the resource as it is; refused (CHANGED_MEANWHILE) where somebody else has changed it since. */
  change(path: string, update: (now: Resource) => unknown): Promise<Resource>;
  patch(path: string, body: unknown): Promise<Resource>;
  delete(path: string): Promise<void>;
  /** All items of a list, page after page. */
  list(path: string): Promise<Resource[]>;
  /** What is no JSON. */
  getText(path: string): Promise<string>;
  /** Takes an answer that comes as lines of JSON, as long as it goes on coming. */
  postForLines(path: string, body: unknown, take: (line: Record<string, unknown>) => void): Promise<void>;
}

/**
 * The admin API of a server, `${serverUrl}/api/v1`, with an owner's token. An answer that is not 2xx becomes an
 * ApiRefusal with the request, the status and the problem's own words (RFC 9457). Requests end after 30 seconds, those
 * that answer line by line after ten minutes.
 */
export function createAdminApi(server: { serverUrl: string; adminToken: string }): AdminApi {
  async function send(
    method: string,
    path: string,
    body: unknown,
    seconds: number,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const response = await fetch(`${server.serverUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.adminToken}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(seconds * 1000),
    });
    if (!response.ok) throw new ApiRefusal(`${method} ${path}`, response.status, await response.text());
    return response;
  }

  async function call(method: string, path: string, body?: unknown): Promise<Resource> {
    const text = await (await send(method, path, body, 30)).text();
    return text === '' ? { id: '' } : JSON.parse(text);
  }

  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    async change(path, update) {
      const now = await send('GET', path, undefined, 30);
      const body = await update((await now.json()) as Resource);
      const ifMatch = { 'if-match': now.headers.get('etag')! };
      return (await send('PUT', path, body, 30, ifMatch)).json() as Promise<Resource>;
    },
    patch: (path, body) => call('PATCH', path, body),
    delete: async (path) => {
      await call('DELETE', path);
    },
    list: async (path) => {
      const all: Resource[] = [];
      let cursor = '';
      do {
        const joint = path.includes('?') ? '&' : '?';
        const page = await call('GET', cursor === '' ? path : `${path}${joint}cursor=${encodeURIComponent(cursor)}`);
        all.push(...(page['items'] as Resource[]));
        cursor = typeof page['next'] === 'string' ? page['next'] : '';
      } while (cursor !== '');
      return all;
    },
    getText: async (path) => (await send('GET', path, undefined, 30)).text(),
    async postForLines(path, body, take) {
      let rest = '';
      const { body: stream } = await send('POST', path, body, 600);
      for await (const part of stream!.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + part).split('\n');
        rest = lines.pop()!;
        for (const line of lines) take(JSON.parse(line));
      }
    },
  };
}
