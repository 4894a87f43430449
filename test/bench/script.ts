import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createPool } from '../../sandbox/pool.ts';
import { type Bundle, defaultLimits, type Entry, type Question, type Reply } from '../../sandbox/protocol.ts';
import { guestFunctions } from '../../src/script-api/index.ts';
import { median, percentile, type Row, round, type Table, timeEach } from './measure.ts';

const limits = { ...defaultLimits, entries: 1000 };
const local = { idp: 'LOCAL', authenticator: 'BasicAuthenticator' };
const app = { idp: 'LOCAL', authenticator: 'totp' };

/** The mission's script where `questions` is 0; else one that asks the directory so often before the second step. */
export function makeScript(questions: number): Bundle {
  const script = `var onLoginRequest = function (context) {
    executeStep(1, {
      onSuccess: function (context) {
        var roles = 0;
        for (var i = 0; i < ${questions}; i++) if (hasRole(context.steps[1].subject, 'role ' + i)) roles++;
        if (context.steps[1].idp == 'LOCAL') executeStep(2);
      },
    });
  };`;
  return {
    script,
    functions: guestFunctions,
    steps: [{ options: [local] }, { options: [app] }],
    tenantDomain: 'carbon.super',
    serviceProviderName: 'Payroll',
  };
}

/** What the world says; the second step waits for the person. */
export function answer({ op, args }: Pick<Question, 'op' | 'args'>): Reply {
  if (op === 'start') return { answer: JSON.stringify({ at: 1_700_000_000_000, seed: 7, request: {} }) };
  if (op === 'step' && args.startsWith('[2')) return { wait: true };
  if (op === 'step') {
    const user = { user: 'user_1', subject: 'user_1' };
    return {
      answer: JSON.stringify({ at: 1_700_000_001_000, step: 1, outcome: 'success', proves: true, ...local, ...user }),
    };
  }
  return { answer: 'false' };
}

/** The journal of a login that waits at its second step after so many questions. */
async function makeJournal(bundle: Bundle): Promise<Entry[]> {
  const pool = createPool({ size: 1, queue: 1 });
  const journal: Entry[] = [];
  const result = await pool.play(bundle, journal, limits, async (question) => {
    const reply = answer(question);
    if ('answer' in reply) journal.push({ op: question.op, args: question.args, answer: reply.answer, cpuUs: 0 });
    return reply;
  });
  await pool.close();
  if (result.kind !== 'waits') throw new Error(`the script ended: ${JSON.stringify(result)}`);
  return journal;
}

/**
 * Measures a turn of a script: what a request of a sign-in waits for. A play always makes a fresh isolate, so «warm» means
 * that its process has played before; «after a restart», that it has not.
 */
export async function run({ plays = 300, children = 8 } = {}): Promise<Table> {
  const rows: Row[] = [];
  const add = (what: string, entries: number, times: readonly number[], base = median(times)) => {
    rows.push({
      turn: what,
      entries,
      'p50 ms': round(median(times)),
      'p99 ms': round(percentile(times, 99)),
      '× warm': round(median(times) / base),
    });
  };

  const mission = makeScript(0);
  const short = await makeJournal(mission);
  const pool = createPool({ size: 1, queue: 1 });
  await pool.ready();
  const turn = (bundle: Bundle, journal: readonly Entry[]) => async () => {
    const result = await pool.play(bundle, [...journal], limits, async (question) => answer(question));
    if (result.kind !== 'waits') throw new Error(`the script ended: ${JSON.stringify(result)}`);
  };
  await timeEach(50, turn(mission, short));
  const warm = await timeEach(plays, turn(mission, short));
  const base = median(warm);

  const starts: number[] = [];
  const firsts: number[] = [];
  for (let i = 0; i < children; i++) {
    const begin = performance.now();
    const fresh = createPool({ size: 1, queue: 1 });
    await fresh.ready();
    starts.push(performance.now() - begin);
    firsts.push(...(await timeEach(1, () => fresh.play(mission, [...short], limits, async (q) => answer(q)))));
    await fresh.close();
  }
  add('start of a sandbox process (before any sign-in needs it)', 0, starts, base);
  add('first play of a process: after a restart', short.length, firsts, base);
  add('warm, through the pool', short.length, warm, base);
  for (const questions of [3, 48, 198]) {
    const bundle = makeScript(questions);
    const journal = await makeJournal(bundle);
    await timeEach(10, turn(bundle, journal));
    add(
      'warm, whole journal replayed',
      journal.length,
      await timeEach(Math.ceil(plays / 3), turn(bundle, journal)),
      base,
    );
  }
  const asking = makeScript(4);
  const before = (await makeJournal(makeScript(0))).slice(0, 2);
  await timeEach(10, () => turn(asking, before)().catch(() => {}));
  add('warm, four new questions in the turn', before.length, await timeEach(plays, turn(asking, before)), base);
  await pool.close();
  add('the same play inside one process, no pool', short.length, await playHere(plays), base);
  const note =
    'A play makes a fresh isolate and context, runs the script from its start against the journal, and is thrown away. ' +
    'The pool adds two pipes and the JSON on them.';
  return { title: 'A turn of a script', rows, note };
}

/** The same in a process of its own, which the engine wants started in another way than this one. */
async function playHere(plays: number): Promise<number[]> {
  const file = fileURLToPath(new URL('./play-here.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-node-snapshot', file, String(plays)], {
    env: { TZ: 'UTC', LC_ALL: 'en_US.UTF-8' },
  });
  return JSON.parse(stdout) as number[];
}
