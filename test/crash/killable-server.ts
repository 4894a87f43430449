import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FailPoint } from './fail-point.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const failPoint = new URL('./fail-point.ts', import.meta.url).href;
/** Shared by all servers of all tests: a server that compiles nothing starts with half the work. */
const compiled = fileURLToPath(new URL('../../node_modules/.cache/stepgate-crash', import.meta.url));

/** The real server as a process, to be killed and started again on the same port and data. */
export interface KillableServer {
  /** Starts it, and waits until it is ready or has ended. */
  start(atStart?: FailPoint): Promise<'ready' | 'ended'>;
  /** SIGKILL; resolves when it is gone, and its sandbox processes with it. */
  kill(): Promise<void>;
  /** Lets it die by itself. */
  arm(point: FailPoint): void;
  /** Resolves when it has ended, whoever ended it. */
  ended(): Promise<void>;
  /** Resolves when it answers, which may take a restart by somebody else. */
  untilReady(): Promise<void>;
  /** The end of what it printed. */
  lastLines(count: number): string;
}

/** @param environment the server's settings; `PUBLIC_URL` among them. */
export function createKillableServer(environment: Record<string, string>, logFile: string): KillableServer {
  let child: ChildProcess | null = null;
  let gone: Promise<unknown> = Promise.resolve();

  async function answers(): Promise<boolean> {
    const answer = await fetch(`${environment['PUBLIC_URL']}/health/ready`).catch(() => null);
    await answer?.body?.cancel().catch(() => {});
    return answer?.ok === true;
  }

  async function untilSandboxesAreGone(pids: number[]): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (pids.some((pid) => isRunning(pid))) {
      if (Date.now() > deadline) throw new Error(`sandbox processes outlived their server: ${pids.join(', ')}`);
      await wait(10);
    }
  }

  const lastLines = (count: number) => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n');

  return {
    async start(atStart) {
      const log = openSync(logFile, 'a', 0o600);
      const { PATH = '' } = process.env;
      const started = spawn(process.execPath, ['--import', failPoint, main], {
        env: {
          PATH,
          NODE_COMPILE_CACHE: compiled,
          ...environment,
          ...(atStart ? { FAIL_POINT: JSON.stringify(atStart) } : {}),
        },
        stdio: ['ignore', log, log, 'ipc'],
      });
      closeSync(log);
      child = started;
      let alive = true;
      gone = once(started, 'exit').then(() => {
        alive = false;
      });
      while (alive && !(await answers())) await wait(10);
      return alive ? 'ready' : 'ended';
    },
    async kill() {
      const sandboxes = child?.pid === undefined ? [] : listChildren(child.pid);
      child?.kill('SIGKILL');
      await gone;
      await untilSandboxesAreGone(sandboxes);
    },
    arm: (point) => void (child?.connected && child.send(point)),
    async ended() {
      await gone;
    },
    async untilReady() {
      while (!(await answers())) await wait(20);
    },
    lastLines,
  };
}

/** Known on Linux only; elsewhere nobody looks. */
function listChildren(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  try {
    return readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readStatus(pid));
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
