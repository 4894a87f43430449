import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A real HTTP server for scripts to call, on a host of its own. */
export interface Endpoint {
  url: string;
  /** What it was asked, oldest first. */
  asked: Asked[];
  /** How it answers from now on. */
  answers(how: (asked: Asked, response: ServerResponse) => unknown): void;
  /** Answers with JSON. */
  says(value: unknown, status?: number): void;
  /** Resolves when it has been asked so often. */
  untilAsked(times: number): Promise<void>;
  forget(): void;
  close(): Promise<void>;
}

export async function createEndpoint({ host = '127.0.0.3' } = {}): Promise<Endpoint> {
  const asked: Asked[] = [];
  const waiting: { times: number; resolve: () => void }[] = [];
  let answer: (asked: Asked, response: ServerResponse) => unknown = (_asked, response) => response.end();

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    asked.push(one);
    for (const { times, resolve } of waiting) if (asked.length >= times) resolve();
    await answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));

  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    asked,
    answers(how) {
      answer = how;
    },
    says(value, status = 200) {
      answer = (_asked, response) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      };
    },
    untilAsked: (times) =>
      new Promise((resolve) => {
        if (asked.length >= times) resolve();
        else waiting.push({ times, resolve });
      }),
    forget() {
      asked.length = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
