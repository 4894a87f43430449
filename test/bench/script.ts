import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createPool, type Pool } from '../../sandbox/pool.ts';
import type { Bundle, Entry } from '../../sandbox/protocol.ts';
import { median, percentile, type Row, round, type Table, timeEach } from './measure.ts';
import { answerQuestion, limits, makeBundle, passStep } from './script-sample.ts';

/**
 * The script's part of a sign-in: what its requests wait for. A play always gets an isolate that no script has been in, so
 * «warm» means that its process has played before; «after a restart», that it has not.
 */
export async function run({ logins = 300, restarts = 10 } = {}): Promise<Table[]> {
  return [
    await compareLogins(logins, restarts),
    await compareTurns(logins, restarts),
    await playTogether(logins),
    await replayLong(logins),
  ];
}

/** One play, as a request makes it. @returns the step that it waits for, passed; null when the login has succeeded */
async function play(pool: Pool, bundle: Bundle, journal: Entry[]): Promise<Entry | null> {
  const result = await pool.play(bundle, journal, limits, async (question) => {
    const reply = answerQuestion(question);
    if ('answer' in reply) journal.push({ op: question.op, args: question.args, answer: reply.answer, cpuUs: null });
    return reply;
  });
  for (const { seq, cpuUs } of result.usage.turns) journal[seq]!.cpuUs = cpuUs;
  if (result.kind === 'waits') return passStep(result.question);
  if (result.kind === 'ends' && result.verdict.result === 'success') return null;
  throw new Error(`the script ended: ${JSON.stringify(result)}`);
}

/**
 * Both turns of a login: `onLoginRequest`, and `onSuccess` of its first step, which wants a second.
 * @param between is waited for and not counted. @returns milliseconds of each
 */
async function timeTurns(pool: Pool, bundle: Bundle, between: () => Promise<void> = async () => {}): Promise<Turns> {
  const journal: Entry[] = [];
  await between();
  const begun = performance.now();
  journal.push((await play(pool, bundle, journal))!);
  const first = performance.now() - begun;
  await between();
  const again = performance.now();
  await play(pool, bundle, journal);
  return [first, performance.now() - again];
}

async function twoTurns(...args: Parameters<typeof timeTurns>): Promise<number> {
  const [first, second] = await timeTurns(...args);
  return first + second;
}

type Turns = [first: number, second: number];

async function timeLogins(count: number, login: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await login());
  return times;
}

/** As long as a child needs to make its next isolate: a moment for the people between whose requests it is idle. */
const moment = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

const afterRestart = 'Stepgate, first login after a restart';

const rivals: Readonly<Record<string, string>> = {
  vm: 'node:vm (no wall)',
  'isolated-vm': 'isolated-vm, in process',
  ses: 'SES, in process',
  quickjs: 'QuickJS in WebAssembly, in process',
};

async function compareLogins(logins: number, restarts: number): Promise<Table> {
  const rows: Row[] = [];
  let base = 0;
  const add = (way: string, calls: number, times: readonly number[]) => {
    if (base === 0) base = median(times);
    const numbers = { 'p50 ms': round(median(times)), 'p99 ms': round(percentile(times, 99)) };
    rows.push({ way, calls, ...numbers, '× first row': round(median(times) / base) });
  };
  const pool = createPool({ size: 1, queue: 1 });
  await pool.ready();
  for (const calls of [0, 5, 20]) {
    const bundle = makeBundle(calls);
    await timeLogins(50, () => twoTurns(pool, bundle));
    add('Stepgate', calls, await timeLogins(logins, () => twoTurns(pool, bundle, moment)));
    add('Stepgate, without a pause', calls, await timeLogins(logins, () => twoTurns(pool, bundle)));
  }
  await pool.close();

  const firsts = await timeRestarts(restarts);
  add(
    afterRestart,
    0,
    firsts.map(([first, second]) => first + second),
  );
  for (const [name, way] of Object.entries(rivals)) {
    for (const calls of [0, 5, 20]) add(way, calls, await timeRival(name, calls, logins));
  }
  const note =
    'Both turns of a login with two steps, each from the start of the script. The others run the same text in a fresh ' +
    'realm of their own process, with neither a journal nor a second process around it.';
  return { title: 'The script’s part of a sign-in', rows, note };
}

/** A login in a process that has not played yet, so many times. */
async function timeRestarts(restarts: number): Promise<Turns[]> {
  const firsts: Turns[] = [];
  for (let i = 0; i < restarts; i++) {
    const bundle = makeBundle(0);
    const fresh = createPool({ size: 1, queue: 1, likely: { functions: bundle.functions, limits } });
    await fresh.ready();
    await moment();
    firsts.push(await timeTurns(fresh, bundle, moment));
    await fresh.close();
  }
  return firsts;
}

async function compareTurns(logins: number, restarts: number): Promise<Table> {
  const rows: Row[] = [];
  const add = (way: string, calls: number, logins: readonly Turns[]) => {
    for (const [i, turn] of ['onLoginRequest', 'onSuccess'].entries()) {
      const times = logins.map((turns) => turns[i]!);
      rows.push({ way, calls, turn, 'p50 ms': round(median(times)), 'p99 ms': round(percentile(times, 99)) });
    }
  };
  const pool = createPool({ size: 1, queue: 1 });
  await pool.ready();
  for (const calls of [0, 5, 20]) {
    const bundle = makeBundle(calls);
    await timeLogins(50, () => twoTurns(pool, bundle));
    const times: Turns[] = [];
    for (let i = 0; i < logins; i++) times.push(await timeTurns(pool, bundle, moment));
    add('Stepgate', calls, times);
  }
  await pool.close();
  add(afterRestart, 0, await timeRestarts(restarts));
  const note = 'The same turns, each by itself: the second plays the first again, and makes the calls.';
  return { title: 'Each turn of the script', rows, note };
}

async function timeRival(name: string, calls: number, logins: number): Promise<number[]> {
  const file = fileURLToPath(new URL('./rival.ts', import.meta.url));
  const args = ['--no-node-snapshot', file, name, String(calls), String(logins)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { TZ: 'UTC', LC_ALL: 'en_US.UTF-8' },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as number[];
}

async function playTogether(logins: number): Promise<Table> {
  const rows: Row[] = [];
  const pool = createPool({ size: 2, queue: 500 });
  await pool.ready();
  const bundle = makeBundle(0);
  await timeLogins(50, () => twoTurns(pool, bundle));
  for (const atOnce of [1, 4, 16, 64]) {
    const times: number[] = [];
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let i = 0; i < Math.ceil((2 * logins) / atOnce); i++) times.push(await twoTurns(pool, bundle));
      }),
    );
    const perSecond = Math.round((times.length / (performance.now() - begun)) * 1000);
    const numbers = { 'p50 ms': round(median(times)), 'p99 ms': round(percentile(times, 99)) };
    rows.push({ 'logins at once': atOnce, 'logins per second': perSecond, ...numbers });
  }
  await pool.close();
  return { title: 'Many scripts at once, two children', rows, note: 'The same two turns, without a pause.' };
}

async function replayLong(logins: number): Promise<Table> {
  const rows: Row[] = [];
  const pool = createPool({ size: 1, queue: 1 });
  await pool.ready();
  let base = 0;
  for (const calls of [0, 45, 195]) {
    const bundle = makeBundle(calls);
    const journal: Entry[] = [];
    journal.push((await play(pool, bundle, journal))!);
    await play(pool, bundle, journal);
    const times = await timeEach(Math.ceil(logins / 3), () => play(pool, bundle, [...journal]));
    base ||= median(times);
    const numbers = { 'p50 ms': round(median(times)), 'p99 ms': round(percentile(times, 99)) };
    rows.push({ 'journal entries': journal.length, ...numbers, '× first row': round(median(times) / base) });
  }
  await pool.close();
  const note = 'A request at which a login waits again: nothing new is asked, the whole journal is played.';
  return { title: 'Playing a journal again', rows, note };
}
