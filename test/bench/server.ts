import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** A server that is measured, in a process of its own. */
export interface BenchServer {
  pid: number;
  stop(): Promise<void>;
}

/** @throws Error with the end of its log when it does not come up. */
export async function startBenchServer({
  command,
  environment,
  readyUrl,
  logFile,
}: {
  command: string[];
  environment: Record<string, string>;
  readyUrl: string;
  logFile: string;
}): Promise<BenchServer> {
  const log = openSync(logFile, 'a');
  const { PATH = '' } = process.env;
  const child: ChildProcess = spawn(process.execPath, [...profiling(logFile), ...command], {
    env: { PATH, ...environment },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = once(child, 'exit');
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await fetch(readyUrl).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok && child.pid !== undefined) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${command.at(-1)} did not come up:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
    }
    await wait(20);
  }
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** With BENCH_PROFILES=directory each server leaves a CPU profile there (`*.cpuprofile`), named after its log. */
function profiling(logFile: string): string[] {
  const directory = process.env['BENCH_PROFILES'];
  if (!directory) return [];
  const name = logFile.split('/').at(-1)?.replace('.log', '') ?? 'server';
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`];
}
