import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findFreePort } from '../../src/cli/demo/ports.ts';
import { startServerProcess } from '../../src/cli/demo/server-process.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'server-process-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function start(script: string, environment: Record<string, string> = {}) {
  const file = join(directory, 'server.mjs');
  await writeFile(file, script);
  const port = await findFreePort({ host: '127.0.0.1' });
  return startServerProcess({
    command: [file],
    environment: { PORT: String(port), ...environment },
    readyUrl: `http://127.0.0.1:${port}/health/ready`,
    logFile: join(directory, 'server.log'),
  });
}

// 503 at first, as a server does that still migrates its database.
const server = `import { createServer } from 'node:http';
let asked = 0;
createServer((_request, response) => response.writeHead(asked++ < 2 ? 503 : 200).end()).listen(process.env.PORT, '127.0.0.1');
console.log('settings', process.env.STEPGATE_DATA, process.env.DATABASE_URL);
process.on('SIGTERM', () => process.exit(0));`;

test('it is up once it is ready, gets the demo’s settings alone, and stops when asked', async () => {
  process.env['DATABASE_URL'] = 'postgres://somewhere-real';
  const running = await start(server, { STEPGATE_DATA: 'demo' });
  delete process.env['DATABASE_URL'];
  await running.stop();
  expect(await running.ended).toBe('the server ended with code 0');
  expect(await readFile(join(directory, 'server.log'), 'utf8')).toBe('settings demo undefined\n');
});

test('a server that ends at once is an error with the end of its log', async () => {
  const started = start("console.error('PUBLIC_URL must be a URL.'); process.exit(2);");
  await expect(started).rejects.toThrow(/the server ended with code 2\. .*\nPUBLIC_URL must be a URL\./);
});
