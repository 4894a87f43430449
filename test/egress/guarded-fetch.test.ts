import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createGuardedFetch, type GuardedFetchOptions } from '../../src/egress/guarded-fetch.ts';
import { createHostList } from '../../src/egress/host-list.ts';
import { AppError } from '../../src/kernel/errors.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server on this machine; `hits` counts the requests that reached it, `dials` the connections. */
async function serve(listener: RequestListener) {
  const seen = { hits: 0, dials: 0 };
  const server: Server = createServer((request, response) => {
    seen.hits++;
    listener(request, response);
  });
  server.on('connection', () => {
    seen.dials++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, seen };
}

function guard(options: Partial<GuardedFetchOptions> = {}) {
  const made = createGuardedFetch({
    allowedHosts: [],
    withoutList: 'anybody',
    allowLoopbackForDevelopment: true,
    ...options,
  });
  closers.push(made.close);
  return made.fetch;
}

async function failure(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw error;
  return error;
}

/** Answers look-ups from a list, one entry each, the last one for ever. */
function lookupFrom(answers: string[][]) {
  let calls = 0;
  const lookup: LookupFunction = (_hostname, _options, callback) => {
    const answer = answers[Math.min(calls++, answers.length - 1)] ?? [];
    callback(
      null,
      answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { lookup, calls: () => calls };
}

describe('what comes back', () => {
  test('is the answer, decompressed, with its headers and status', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(201, {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'x-method': request.method,
      });
      response.end(gzipSync('{"hello":"you"}'));
    });
    const answer = await guard()(url, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
    expect(answer).toBeInstanceOf(Response);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-method')).toBe('POST');
    expect(answer.headers.has('content-encoding')).toBe(false);
    expect(await answer.json()).toEqual({ hello: 'you' });
  });

  test('may be empty', async () => {
    const { url } = await serve((_request, response) => response.writeHead(204).end());
    expect((await guard()(url)).status).toBe(204);
  });
});

describe('before anything is dialled', () => {
  test.each([
    ['plain http', 'http://example.com/'],
    ['another protocol', 'file:///etc/passwd'],
    ['credentials in the URL', 'https://user:secret@example.com/'],
    ['no URL', 'not a url'],
  ])('%s is refused', async (_name, url) => {
    const { lookup, calls } = lookupFrom([['127.0.0.1']]);
    const error = await failure(guard({ allowLoopbackForDevelopment: false, lookup })(url));
    expect(error.code).toBe('EGRESS_REFUSED');
    expect(error.message).not.toContain('secret');
    expect(calls()).toBe(0);
  });

  test('a host that is not in the list is refused, and one that is passes in any case', async () => {
    const { url, port, seen } = await serve((_request, response) => response.end('ok'));
    const fetch = guard({ allowedHosts: ['Idp.Example.com'], lookup: lookupFrom([['127.0.0.1']]).lookup });
    expect((await failure(fetch(url))).code).toBe('EGRESS_REFUSED');
    expect((await failure(fetch(`http://idp.example.com.evil.test:${port}`))).code).toBe('EGRESS_REFUSED');
    expect(seen.dials).toBe(0);
    expect(await (await fetch(`http://IDP.example.com:${port}`)).text()).toBe('ok');
  });

  test('where none is listed, connections may call everybody and scripts nobody, or who is here in development', async () => {
    const { url, port, seen } = await serve((_request, response) => response.end('ok'));
    const { lookup, calls } = lookupFrom([['127.0.0.1']]);
    const nobody = (allowLoopbackForDevelopment: boolean) =>
      guard({ withoutList: 'nobody', allowLoopbackForDevelopment, lookup });
    expect((await failure(nobody(true)(`http://idp.example.com:${port}`))).code).toBe('EGRESS_REFUSED');
    expect((await failure(nobody(false)('https://idp.example.com/'))).code).toBe('EGRESS_REFUSED');
    expect([calls(), seen.dials]).toEqual([0, 0]);
    expect(await (await nobody(true)(url)).text()).toBe('ok');
    expect(await (await guard({ withoutList: 'anybody', lookup })(`http://idp.example.com:${port}`)).text()).toBe('ok');
  });

  test.each<[string, string[], string[]]>([
    ['api.example.com', ['api.example.com'], ['example.com', 'a.api.example.com', 'api.example.com.evil.test']],
    ['*.example.com', ['api.example.com', 'a.b.example.com'], ['example.com', 'xexample.com', 'example.com.evil.test']],
    ['*', ['example.com', 'localhost'], []],
    ['API.Example.com', ['api.example.com'], []],
  ])('the list «%s»', (listed, has, hasNot) => {
    const list = createHostList([listed]);
    expect(has.filter((name) => !list.has(name))).toEqual([]);
    expect(hasNot.filter((name) => list.has(name))).toEqual([]);
  });

  test.each([
    'https://127.0.0.1:PORT/',
    'https://[::1]:PORT/',
    'https://[::ffff:127.0.0.1]:PORT/',
    'https://0x7f.1:PORT/',
    'https://2130706433:PORT/',
    'https://0:PORT/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1/',
  ])('the literal address in %s is refused without development mode', async (pattern) => {
    const { port, seen } = await serve((_request, response) => response.end());
    const error = await failure(guard({ allowLoopbackForDevelopment: false })(pattern.replace('PORT', String(port))));
    expect(error.code).toBe('EGRESS_REFUSED');
    expect(seen.dials).toBe(0);
  });

  test.each(['10.0.0.1', '192.168.1.1', '::ffff:127.0.0.1', '169.254.169.254', 'fd00::1'])(
    'a name that leads to %s is refused even in development mode',
    async (address) => {
      const { lookup } = lookupFrom([[address]]);
      const error = await failure(guard({ lookup })('https://idp.example.com/'));
      expect(error.code).toBe('EGRESS_REFUSED');
    },
  );

  test('in development mode plain http still reaches loopback only', async () => {
    const error = await failure(guard({ lookup: lookupFrom([['93.184.216.34']]).lookup })('http://idp.example.com/'));
    expect(error.code).toBe('EGRESS_REFUSED');
  });
});

describe('a name that changes its address', () => {
  test('is looked up once for a connection, and the checked address is the dialled one', async () => {
    const { port, seen } = await serve((_request, response) => response.setHeader('connection', 'close').end('ok'));
    const { lookup, calls } = lookupFrom([['127.0.0.1'], ['10.0.0.1'], ['169.254.169.254', '127.0.0.1']]);
    const fetch = guard({ lookup });
    const url = `http://idp.example.com:${port}`;

    expect(await (await fetch(url)).text()).toBe('ok');
    expect(calls()).toBe(1);
    expect((await failure(fetch(url))).code).toBe('EGRESS_REFUSED');
    expect(seen.dials).toBe(1);
    // Of several addresses, only those that may be called are dialled.
    expect(await (await fetch(url)).text()).toBe('ok');
    expect(calls()).toBe(3);
  });

  test('nobody there is the same error as a forbidden address', async () => {
    const { port } = await serve(() => {});
    await closers.pop()?.();
    expect((await failure(guard()(`http://127.0.0.1:${port}`))).code).toBe('EGRESS_REFUSED');
    const unknown: LookupFunction = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), '');
    expect((await failure(guard({ lookup: unknown })('https://nowhere.example.com'))).code).toBe('EGRESS_REFUSED');
  });
});

describe('limits', () => {
  test('a server that never answers runs into the deadline', async () => {
    const { url, seen } = await serve(() => {});
    const error = await failure(guard({ deadline: 100 })(url));
    expect(error.code).toBe('EGRESS_TIMEOUT');
    expect(seen.hits).toBe(1);
  });

  test('a server that trickles runs into the deadline too: it is for the whole', async () => {
    const { url } = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect((await failure(guard({ deadline: 200 })(url))).code).toBe('EGRESS_TIMEOUT');
  });

  test('a name server that never answers does as well', async () => {
    const error = await failure(guard({ deadline: 100, lookup: () => {} })('https://idp.example.com'));
    expect(error.code).toBe('EGRESS_TIMEOUT');
  });

  test('an answer of exactly the cap passes, one byte more does not', async () => {
    const { url } = await serve((request, response) => response.end('x'.repeat(Number(request.url?.slice(1)))));
    const fetch = guard({ maxBytes: 1000 });
    expect((await (await fetch(`${url}/1000`)).text()).length).toBe(1000);
    expect((await failure(fetch(`${url}/1001`))).code).toBe('EGRESS_TOO_LARGE');
  });

  test('a call can have its own deadline and its own cap, less than the usual ones or more', async () => {
    const { url } = await serve((_request, response) => response.end('x'.repeat(50)));
    const stuck = await serve(() => {});
    const fetch = guard({ maxBytes: 40, deadline: 5000 });
    expect((await failure(fetch(url))).code).toBe('EGRESS_TOO_LARGE');
    expect((await (await fetch(url, { maxBytes: 50 })).text()).length).toBe(50);
    expect((await failure(fetch(url, { maxBytes: 49 }))).code).toBe('EGRESS_TOO_LARGE');
    const error = await failure(fetch(stuck.url, { deadline: 50 }));
    expect(error.code).toBe('EGRESS_TIMEOUT');
    expect(error.message).toContain('50 ms');
  });

  test('an endless answer is cut off', async () => {
    const { url } = await serve((_request, response) => {
      const block = Buffer.alloc(64 * 1024);
      const pour = () => {
        while (response.write(block));
      };
      response.on('drain', pour);
      pour();
    });
    expect((await failure(guard()(url))).code).toBe('EGRESS_TOO_LARGE');
  });

  test('a gzip bomb is stopped by its unpacked size', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(200_000);
    const { url } = await serve((_request, response) => response.setHeader('content-encoding', 'gzip').end(bomb));
    const before = process.memoryUsage().arrayBuffers;
    expect((await failure(guard()(url))).code).toBe('EGRESS_TOO_LARGE');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1024 * 1024);
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['gzip, gzip', (bytes) => gzipSync(gzipSync(bytes))],
    ['gzip, br', (bytes) => brotliCompressSync(gzipSync(bytes))],
  ])('so is one that is packed as %s', async (coding, pack) => {
    const bomb = pack(Buffer.alloc(20 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(50_000);
    const { url } = await serve((_request, response) => response.setHeader('content-encoding', coding).end(bomb));
    expect((await failure(guard()(url))).code).toBe('EGRESS_TOO_LARGE');
  });

  test('ten gigabytes are not waited for: announced and sent, they are cut off; announced alone, they run out of time', async () => {
    const block = Buffer.alloc(64 * 1024);
    const { url } = await serve((request, response) => {
      response.writeHead(200, { 'content-length': String(10 * 2 ** 30) });
      const pour = () => {
        while (request.url === '/sent' && response.write(block));
      };
      response.on('drain', pour);
      response.flushHeaders();
      pour();
    });
    const fetch = guard({ deadline: 2000 });
    expect((await failure(fetch(`${url}/sent`))).code).toBe('EGRESS_TOO_LARGE');
    expect((await failure(fetch(`${url}/announced`, { deadline: 90 }))).code).toBe('EGRESS_TIMEOUT');
  });

  test('a server that drips its headers, one byte after the other, runs out of time as well', async () => {
    const { url } = await serve((request) => {
      const timer = setInterval(() => request.socket.write('x'), 10);
      request.socket.write('HTTP/1.1 200 OK\r\nx: ');
      request.socket.on('close', () => clearInterval(timer));
      request.socket.on('error', () => clearInterval(timer));
    });
    expect((await failure(guard({ deadline: 150 })(url))).code).toBe('EGRESS_TIMEOUT');
  });

  test('the caller can end it with a reason of its own', async () => {
    const { url } = await serve(() => {});
    const reason = new Error('no longer wanted');
    await expect(guard()(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('an answer that cannot be used', () => {
  test.each(
    [301, 302, 303, 307, 308].flatMap((status) =>
      ['http://169.254.169.254/latest', '//10.0.0.1/', 'file:///etc/passwd', '/same/host'].map((location) => [
        status,
        location,
      ]),
    ) as [number, string][],
  )('a redirect (%i) to %s is not followed', async (status, location) => {
    const { url, seen } = await serve((_request, response) => response.writeHead(status, { location }).end());
    expect((await failure(guard()(url))).code).toBe('EGRESS_FAILED');
    expect(seen.hits).toBe(1);
  });

  test('a redirect is not followed', async () => {
    const inner = await serve((_request, response) => response.end('inside'));
    const { url } = await serve((_request, response) => response.writeHead(302, { location: inner.url }).end());
    expect((await failure(guard()(url))).code).toBe('EGRESS_FAILED');
    expect(inner.seen.hits).toBe(0);
  });

  test.each<[string, RequestListener]>([
    [
      'ends before the length it promised',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('short', () => response.destroy());
      },
    ],
    ['closes without an answer', (request) => request.socket.destroy()],
    ['does not speak HTTP', (request) => request.socket.end('220 mail.example.com ESMTP\r\n')],
    [
      'says gzip and sends something else',
      (_request, response) => response.setHeader('content-encoding', 'gzip').end('plain'),
    ],
    [
      'promises two lengths',
      (request) => request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 5\r\n\r\nhello'),
    ],
  ])('a server that %s', async (_name, listener) => {
    const { url } = await serve(listener);
    expect((await failure(guard()(url))).code).toBe('EGRESS_FAILED');
  });

  test('bytes beyond the promised length never reach the answer', async () => {
    const { url } = await serve((request) => request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhello'));
    expect(await (await guard()(url)).text()).toBe('he');
  });

  test('TLS where there is none', async () => {
    const { port } = await serve((_request, response) => response.end());
    expect((await failure(guard()(`https://127.0.0.1:${port}`))).code).toBe('EGRESS_FAILED');
  });
});
