import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../kernel/clock.ts';
import { loadQuietly } from '../load-quietly.ts';
import type { RunningDemo } from './start-demo.ts';

/**
 * `npm run demo` starts the demo and stays up until Ctrl+C; `npm run demo -- --once` plays the mission's scenario on data of
 * its own and ends with 0, or with 1 and the first difference.
 */
const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
const { startDemo, demoPassword } = await loadQuietly(() => import('./start-demo.ts'));

try {
  process.exitCode = values.once ? await runOnce() : await stayUp();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function stayUp(): Promise<number> {
  const asked = stopAsked();
  const demo = await startDemo({ directory: join(import.meta.dirname, '../../../demo-data') });
  try {
    console.log(describeDemo(demo));
    const reason = await Promise.race([asked, demo.serverEnded]);
    if (reason === 'asked') return 0;
    console.error(`The demo stops because ${reason}. See ${demo.directory.logFile}`);
    return 1;
  } finally {
    await demo.stop();
  }
}

async function runOnce(): Promise<number> {
  const { playOnce } = await import('./play-once.ts');
  const directory = await mkdtemp(join(tmpdir(), 'stepgate-demo-'));
  const asked = stopAsked();
  const demo = await startDemo({ directory });
  try {
    const played = playOnce({ ...demo, password: demoPassword, clock: systemClock, say: console.log });
    const verdict = await Promise.race([played, asked, demo.serverEnded]);
    if (typeof verdict === 'string') {
      played.catch(() => {});
      console.error(
        verdict === 'asked' ? '\nStopped.' : `\nThe play stops because ${verdict}. See ${demo.directory.logFile}`,
      );
      return 1;
    }
    if (!verdict.passed) {
      console.error(
        `\nThe scenario FAILED: ${verdict.scenes.at(-1)?.detail}\nThe server's log: ${demo.directory.logFile}`,
      );
      return 1;
    }
    console.log(`\nThe scenario passed: ${verdict.scenes.length} scenes.`);
    await demo.stop();
    await rm(directory, { recursive: true });
    return 0;
  } finally {
    await demo.stop();
  }
}

function describeDemo(demo: RunningDemo): string {
  const show = (path: string) => relative(process.cwd(), path) || '.';
  return `
The Stepgate demo is up.

  Open          ${demo.applicationUrl}   Payroll, the application that people sign in to

  Sign in as    ann or ben, password ${demoPassword}
                  then an authenticator app (set up at the first time) or a code by mail
                «Continue with Google», then Grace Hopper or Alan Turing
                  comes from another identity provider: no second factor, and an account is made

  Mails         ${demo.mails.url}
  Admin API     ${demo.serverUrl}/api/v1   (token in ${show(demo.directory.secretsFile)})
  Server's log  ${show(demo.directory.logFile)}

  Ctrl+C stops it. ${show(demo.directory.path)} keeps its data; remove that directory to begin anew.
`;
}

/** Settles at the first SIGINT or SIGTERM. A second one ends the process at once, as ever. */
function stopAsked(): Promise<'asked'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('asked'));
  });
}
