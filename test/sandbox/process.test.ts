import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '../../sandbox/pool.ts';

/*
 * The layer behind the isolate: whatever breaks out of it finds itself in a process that holds nothing and may do nothing.
 * What the system tells of a real one is looked at; then other code is run in one started just like it.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));

let pool: Pool;
beforeAll(async () => {
  process.env['STEPGATE_SANDBOX_TEST'] = 'of the server';
  pool = createPool({ size: 1, queue: 1 });
  await pool.ready();
});
afterAll(async () => {
  delete process.env['STEPGATE_SANDBOX_TEST'];
  await pool.close();
});

const told = (file: string) => readFileSync(`/proc/${pool.pids[0]}/${file}`, 'utf8').split('\0').filter(Boolean);

describe.skipIf(process.platform !== 'linux')('a sandbox process', () => {
  it('has nothing of the server’s environment', () => {
    expect(told('environ')).toEqual(['TZ=UTC', 'LC_ALL=en_US.UTF-8']);
  });

  it('has no file open, and no connection but the pipes to the server', () => {
    const open = new Map(
      readdirSync(`/proc/${pool.pids[0]}/fd`).map((fd) => [fd, readlinkSync(`/proc/${pool.pids[0]}/fd/${fd}`)]),
    );
    for (const fd of ['0', '1', '2']) expect(open.get(fd)).toBe('/dev/null');
    expect([...open.values()].filter((what) => what.startsWith('/') && what !== '/dev/null')).toEqual([]);
    expect([...open].filter(([, what]) => what.startsWith('socket')).map(([fd]) => fd)).toEqual(['3', '4', '5']);
  });

  it('may read the program’s own folder, load its addon, and nothing else', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    let visitors = 0;
    server.on('connection', () => visitors++);
    const { port } = server.address() as { port: number };
    const file = join(tmpdir(), 'stepgate-sandbox-test');
    const results = await runLikeIt(`
      const tries = {
        'reads its own program': () => fs.readFileSync(${JSON.stringify(join(root, 'sandbox/child.ts'))}),
        'reads another file': () => fs.readFileSync('/etc/passwd'),
        'lists a folder': () => fs.readdirSync('/'),
        'writes a file': () => fs.writeFileSync(${JSON.stringify(file)}, 'x'),
        'writes its own program': () => fs.writeFileSync(${JSON.stringify(join(root, 'sandbox/child.tmp'))}, 'x'),
        'starts a process': () => child.spawnSync('true'),
        'starts a thread': () => new threads.Worker('', { eval: true }),
        'opens itself for a debugger': () => inspector.open(0),
        'makes code from text': () => Function('return 1')(),
        'calls the server': () => new Promise((resolve, reject) => net.connect(${port}, '127.0.0.1').on('connect', resolve).on('error', reject)),
      };
      for (const [name, attempt] of Object.entries(tries)) {
        try { await attempt(); tell(name, 'done'); } catch (error) { tell(name, error.code ?? error.name); }
      }`);
    server.close();
    expect(results).toEqual({
      'reads its own program': 'done',
      'reads another file': 'ERR_ACCESS_DENIED',
      'lists a folder': 'ERR_ACCESS_DENIED',
      'writes a file': 'ERR_ACCESS_DENIED',
      'writes its own program': 'ERR_ACCESS_DENIED',
      'starts a process': 'ERR_ACCESS_DENIED',
      'starts a thread': 'ERR_ACCESS_DENIED',
      'opens itself for a debugger': 'ERR_ACCESS_DENIED',
      'makes code from text': 'EvalError',
      'calls the server': 'ERR_ACCESS_DENIED',
    });
    expect(visitors).toBe(0);
  });
});

/** Runs other code in place of the sandbox’s program, in a process with the arguments of a real one. */
async function runLikeIt(code: string): Promise<Record<string, string>> {
  const [command, ...args] = told('cmdline');
  const child = spawn(command!, args, {
    env: {},
    cwd: root,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  const source = `
    import fs from 'node:fs';
    import child from 'node:child_process';
    import threads from 'node:worker_threads';
    import inspector from 'node:inspector';
    import net from 'node:net';
    const told = {};
    const tell = (name, what) => { told[name] = what; };
    ${code}
    fs.writeSync(4, JSON.stringify(told));
    process.exit(0);`;
  const program = { [new URL('../../sandbox/child.ts', import.meta.url).href]: source };
  (child.stdio[3] as Writable).write(`${JSON.stringify(program)}\n`);
  return JSON.parse(await text(child.stdio[4] as Readable));
}
