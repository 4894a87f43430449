import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

export interface ServerProcessOptions {
  /** The file to run with this Node, with its arguments: `['src/main.ts']`, absolute. */
  command: readonly string[];
  environment: Record<string, string>;
  /** Answers 2xx once the server can be used. */
  readyUrl: string;
  /** Gets what the server prints. */
  logFile: string;
  /** Default 60,000. */
  startTimeoutMs?: number;
}

export interface ServerProcess {
  /** Settles when the process ends, with how it ended. */
  ended: Promise<string>;
  /** Asks it to stop, and ends it after 10 seconds if it does not. */
  stop(): Promise<void>;
}

/** Names that decide how a server runs. None of them comes from the shell: the demo sets its own. */
const ownVariables = /^(STEPGATE_|PORT$|HOST$|PUBLIC_URL$|DATABASE_URL$|SMTP_URL$|MAIL_FROM$)/;

/**
 * Starts a server as a process of its own and waits until it is ready.
 * @throws Error with the end of its log when it ends before, or takes too long.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { command, environment, readyUrl, logFile, startTimeoutMs = 60_000 } = options;
  const inherited = Object.entries(process.env).filter(([name]) => !ownVariables.test(name));
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(process.execPath, command, {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = once(child, 'exit').then(([code, signal]) =>
    signal === null ? `the server ended with code ${code}` : `the server was ended by ${signal}`,
  );
  await log.close();

  const stop = () => stopChild(child, ended);
  const early = new AbortController();
  ended.then(() => early.abort());
  const ready = await waitUntilReady(readyUrl, AbortSignal.any([early.signal, AbortSignal.timeout(startTimeoutMs)]));
  if (ready) return { ended, stop };
  const reason = early.signal.aborted ? await ended : `the server was not ready after ${startTimeoutMs} ms`;
  await stop();
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-15);
  throw new Error(`The start failed: ${reason}. The end of ${logFile}:\n${lines.join('\n')}`);
}

async function waitUntilReady(url: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const answer = await fetch(url, { signal }).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok === true) return true;
    await wait(50, undefined, { signal }).catch(() => {});
  }
  return false;
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}
