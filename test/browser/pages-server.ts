import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findLanguage } from '../../src/kernel/languages.ts';
import { samples } from '../pages/samples.ts';

export interface PagesServer {
  url: string;
  /** The bodies of the forms that were posted, in order. */
  posted: URLSearchParams[];
  close(): Promise<void>;
}

/** Serves the sample pages (`/password?ui_locales=de`) and their files under the policy that the real server sends. */
export async function servePages(): Promise<PagesServer> {
  const posted: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('content-security-policy', policy);
    if (request.method === 'POST') {
      posted.push(new URLSearchParams(Buffer.concat(await request.toArray()).toString()));
      response.writeHead(303, { location: '/step-done' }).end();
      return;
    }
    const file = /^\/assets\/([a-z]+\.(css|js|svg))$/.exec(url.pathname);
    if (file?.[1] && file[2]) {
      const content = await readFile(new URL(`../../src/pages/public/${file[1]}`, import.meta.url));
      response.setHeader('content-type', types[file[2] as keyof typeof types]).end(content);
      return;
    }
    const sample = samples[url.pathname.slice(1)];
    response.statusCode = sample ? 200 : 404;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(sample ? String(sample(findLanguage(url.searchParams.get('ui_locales') ?? '') ?? 'en')) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const types = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
