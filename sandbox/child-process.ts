import { type ChildProcess, execFile, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FromChild } from './protocol.ts';

/** A sandbox process, seen from the server. */
export interface Child {
  process: ChildProcess;
  input: Writable;
  /** Rejects when the sandbox's program cannot be read. */
  ready: Promise<void>;
  busy: boolean;
  plays: number;
  /** Takes messages of the play that is on; null between plays. */
  listener: { message(message: FromChild): void; gone(signal: NodeJS.Signals | null): void } | null;
}

export function startChild(onExit: (signal: NodeJS.Signals | null) => void): Child {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const process_ = spawn(
    process.execPath,
    [
      '--no-node-snapshot',
      '--no-warnings',
      // Scripts are short and run once: compiling a function at its first call costs more than compiling all of them.
      '--no-lazy',
      // Each call tells its place: else V8 reads a function's text once more at the first stack that it is in.
      '--no-enable-lazy-source-positions',
      // Collects its garbage early: a child stays as small as it began, and is not soon replaced for its size.
      '--optimize-for-size',
      '--disallow-code-generation-from-strings',
      '--permission',
      '--allow-addons',
      `--allow-fs-read=${root}`,
      // node-gyp-build looks there for the kind of C library.
      '--allow-fs-read=/etc/alpine-release',
      fileURLToPath(new URL('./enter.js', import.meta.url)),
    ],
    // The zone and locale are the same on every machine; nothing else is inherited.
    {
      env: { TZ: 'UTC', LC_ALL: 'en_US.UTF-8' },
      cwd: root,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  const child: Child = {
    process: process_,
    input: process_.stdio[3] as Writable,
    ready: Promise.resolve(),
    busy: true,
    plays: 0,
    listener: null,
  };
  child.input.on('error', () => {}); // a child that is gone: `exit` tells
  readLines(
    process_.stdio[4] as Readable,
    (message) => child.listener?.message(message),
    () => process_.kill('SIGABRT'),
  );
  const signal = (process_.stdio as unknown as Readable[])[5]!;
  child.ready = readProgram().then((program) => {
    child.input.write(program);
    return new Promise((resolve) => signal.once('data', () => resolve()));
  });
  process_.once('exit', (_code, signal) => onExit(signal));
  return child;
}

let program: Promise<string> | undefined;

/**
 * The sandbox's program as one line of JSON. It is made in a process of its own, once: the memory that it takes to strip
 * types is never given back.
 */
function readProgram(): Promise<string> {
  const printer = fileURLToPath(new URL('./print-program.ts', import.meta.url));
  program ??= promisify(execFile)(process.execPath, ['--no-warnings', printer], { env: {}, maxBuffer: 2 ** 24 }).then(
    ({ stdout }) => stdout,
  );
  return program;
}

/** Longer than any line that a play within its limits can make. */
const maxLine = 32 * 2 ** 20;

function readLines(stream: Readable, take: (message: FromChild) => void, refuse: () => void): void {
  let parts: string[] = [];
  let length = 0;
  stream.setEncoding('utf8');
  stream.on('error', () => {});
  stream.on('data', (chunk: string) => {
    const lines = chunk.split('\n');
    for (const [i, line] of lines.entries()) {
      parts.push(line);
      length += line.length;
      if (length > maxLine) return refuse();
      if (i === lines.length - 1) return;
      const message = parseMessage(parts.join(''));
      parts = [];
      length = 0;
      if (!message) return refuse();
      take(message);
    }
  });
}

/** A child that speaks anything but the protocol has been taken over. */
function parseMessage(line: string): FromChild | null {
  try {
    const message = JSON.parse(line);
    return typeof message === 'object' && message !== null && ('ask' in message || 'done' in message) ? message : null;
  } catch {
    return null;
  }
}
