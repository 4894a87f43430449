import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool, type Pool } from '../../sandbox/pool.ts';
import {
  type Bundle,
  defaultLimits,
  type Entry,
  type Limits,
  type PlayResult,
  type Question,
} from '../../sandbox/protocol.ts';
import { guestFunctions } from '../../src/script-api/index.ts';
import { describeLimits } from '../../src/script-api/rules.ts';
import { bundle, createWorld, ending, essence, login, playWhole } from '../sandbox/world.ts';
import { startWorld, type World } from '../stories/world.ts';
import { type Census, expectNothingLeft, takeCensus } from './census.ts';
import { expectOrdinarySignIn, expectWholeEntries, type Move, signInUnder } from './live-sign-in.ts';

/*
 * Hostile scripts are played twice. First in the real pool with its real limits, while somebody else signs in all the
 * time: the pool stays up, a typed verdict comes in time, the neighbour and whoever comes next get what is theirs. Then in
 * a whole server with storage, where somebody signs in over HTTP: the login is closed, with one event.
 */

export interface Attack {
  script: string;
  happens?: Move[];
  /** How it may end; several where the machine decides which limit is met first. */
  ends: string | readonly string[];
  limits?: Partial<Limits>;
}

export interface Attacked {
  result: PlayResult;
  journal: Entry[];
  /** For how long the machine kept the play waiting. */
  starvedMs: number;
}

export interface Arena {
  readonly pool: Pool;
  /** Plays a hostile script and expects everything that must hold of every script. */
  attack(attack: Attack): Promise<Attacked>;
  /**
   * Plays it through as it is, and once more with a suspension at each of its questions, its sandbox thrown away each time:
   * journal, log, state and end must be the same.
   */
  attackSuspended(attack: Attack): Promise<Attacked>;
  /** A test for each attack. `logs` is what it logs, where that tells whether it got anywhere. */
  table(attacks: readonly (Attack & { it: string; logs?: string[] })[], how?: 'attack' | 'attackSuspended'): void;
}

const mebibyte = 2 ** 20;
const graceMs = 250;

const neighbourSecret = 'only-the-neighbour-may-see-this';
const neighbourScript = login(`var seen = new Map([['${neighbourSecret}', 1]]);
  executeStep(1, { onSuccess: function (context) {
    Log.info(seen.size, JSON.stringify(context.currentKnownSubject), Math.random(), new Date());
    if (!hasRole(context.currentKnownSubject, 'admin')) fail();
    context.currentKnownSubject.claims.level = [1, 2];
    executeStep(2);
  } });`);

/** What no script may get to see: where the server lives, what it was started with, and what belongs to others. */
const forbidden = [
  fileURLToPath(new URL('../..', import.meta.url)).slice(0, -1),
  homedir(),
  neighbourSecret,
  'environment-of-the-server',
  'en_US.UTF-8',
  'file://',
  'node:internal',
  'node_modules',
  'isolated-vm',
];

/** A pool of two and a server for all tests of a file, with a neighbour who signs in until the last of them is over. */
export function openArena(): Arena {
  let pool: Pool;
  let world: World;
  let stopped = false;
  let signedIn = 0;
  let signingIn: Promise<void>;
  let atFirst: Census;
  const undisturbed = playWhole(neighbourScript).result;

  beforeAll(async () => {
    expect(ending(undisturbed)).toBe('success');
    process.env['STEPGATE_HOSTILE_TEST'] = 'environment-of-the-server';
    pool = createPool({ size: 2, queue: 50 });
    await pool.ready();
    world = await startWorld();
    await expectOrdinarySignIn(world);
    atFirst = takeCensus();
    signingIn = signInAllTheTime();
    signingIn.catch(() => {}); // told by `afterAll`
  });
  afterAll(async () => {
    stopped = true;
    try {
      await signingIn;
      expect(signedIn).toBeGreaterThan(0);
      await expectOrdinarySignIn(world);
      await expectNothingLeft(atFirst);
    } finally {
      await pool.close();
      await world?.close();
    }
  });

  async function signInAllTheTime(): Promise<void> {
    while (!stopped) {
      await signIn();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Where the machine is too busy to tell, the person tries again; anything else but success is a fault. */
  async function signIn(): Promise<void> {
    const { result } = await playInPool({ script: neighbourScript });
    if (result.kind === 'busy') return;
    expect(essence(result)).toEqual(essence(undisturbed));
    signedIn++;
  }

  /** @param suspends at each question, which a later play finds answered */
  async function playInPool(
    { script, happens = [], limits = {} }: Pick<Attack, 'script' | 'happens' | 'limits'>,
    suspends = false,
  ) {
    const answer = createAnswers(happens);
    const journal: Entry[] = [];
    let turnBegan = performance.now();
    let slowestTurnMs = 0;
    const endTurn = () => {
      slowestTurnMs = Math.max(slowestTurnMs, performance.now() - turnBegan);
    };
    const write = (question: Question) => {
      // Every question has the next number, and none is asked twice.
      expect(question.seq).toBe(journal.length);
      const reply = answer(question);
      journal.push({ op: question.op, args: question.args, answer: reply.answer });
      return reply;
    };
    for (;;) {
      const result = await pool.play(
        arenaBundle(script),
        journal,
        { ...defaultLimits, ...limits },
        async (question) => {
          // What is asked in the middle of a turn gives it no more time.
          if (question.scheduled) endTurn();
          const reply = suspends ? { wait: true as const } : write(question);
          if (question.scheduled) turnBegan = performance.now();
          return reply;
        },
      );
      endTurn();
      if (result.kind !== 'waits' || !suspends) return { result, journal, slowestTurnMs };
      write(result.question);
      turnBegan = performance.now();
    }
  }

  async function attackInPool(attack: Attack, suspends = false): Promise<Attacked> {
    const meter = startMeter(pool);
    const { result, journal, slowestTurnMs } = await playInPool(attack, suspends).finally(() => meter.stop());

    expect(result.kind).toMatch(/^(ends|busy)$/);
    expect(slowestTurnMs - meter.starvedMs).toBeLessThan(
      (attack.limits?.turnWallMs ?? defaultLimits.turnWallMs) + graceMs,
    );
    expect(meter.peakBytes).toBeLessThan(300 * mebibyte);
    if (result.kind === 'ends' && result.verdict.result === 'error') {
      // A limit has a code of its own, and says by how much it was passed.
      const { code, limit } = result.verdict;
      expect(limit?.name).toBe(limitsByCode[code]);
      if (limit && limit.used !== null) expect(limit.used).toBeGreaterThan(limit.allowed);
    }
    const told = JSON.stringify({ result, asked: journal.map(({ op, args }) => [op, args]) });
    expect(forbidden.filter((text) => told.includes(text))).toEqual([]);
    expectWholeEntries(journal);
    const before = signedIn;
    while (signedIn === before) await Promise.race([signIn(), signingIn]);
    return { result, journal, starvedMs: meter.starvedMs };
  }

  /** No verdict on the script, and so nobody is signed in: only a machine that is too busy may be the cause. */
  async function attackUntilTold(attack: Attack, suspends = false): Promise<Attacked> {
    let attacked = await attackInPool(attack, suspends);
    for (let tries = 0; attacked.result.kind === 'busy' && tries < 5; tries++)
      attacked = await attackInPool(attack, suspends);
    if (attacked.result.kind === 'busy') expect(attacked.starvedMs).toBeGreaterThan(graceMs);
    else expect([attack.ends].flat()).toContain(ending(attacked.result));
    return attacked;
  }

  async function attack(given: Attack): Promise<Attacked> {
    const attacked = await attackUntilTold(given);
    const meter = startMeter(pool);
    const { end } = await signInUnder(world, given.script, given.happens ?? [], forbidden).finally(() => meter.stop());
    if (end === 'OVERLOADED') expect(meter.starvedMs).toBeGreaterThan(graceMs);
    else expect([given.ends].flat().flatMap(liveEnds)).toContain(end);
    return attacked;
  }

  async function attackSuspended(given: Attack): Promise<Attacked> {
    const whole = await attack(given);
    const parts = await attackUntilTold(given, true);
    if (whole.result.kind === 'busy' || parts.result.kind === 'busy') return whole;
    expect(essence(parts.result)).toEqual(essence(whole.result));
    expect(parts.journal).toEqual(whole.journal);
    return whole;
  }

  return {
    get pool() {
      return pool;
    },
    attack,
    attackSuspended,
    table(attacks, how = 'attack') {
      it.each(attacks)('$it', async ({ logs, ...given }) => {
        const { result } = await { attack, attackSuspended }[how](given);
        if (logs && result.kind !== 'busy') expect(result.said.map(({ text }) => text)).toEqual(logs);
      });
    },
  };
}

const limitsByCode: Readonly<Record<string, string>> = Object.fromEntries(
  describeLimits().map(({ name, code }) => [code, name]),
);

/** What the server tells of a play that ended so. */
function liveEnds(end: string): readonly string[] {
  if (!end.startsWith('failure: ')) return [end];
  return end === 'failure: no-step' ? ['NO_STEP_PASSED'] : ['CANCELLED', 'DENIED_BY_SCRIPT'];
}

/** With the functions that a server's scripts have. */
function arenaBundle(script: string): Bundle {
  return { ...bundle(script), functions: guestFunctions };
}

/** Functions that scripts can call before anybody is known are answered here. */
function createAnswers(happens: readonly Move[]): (question: Question) => { answer: string } {
  const world = createWorld(happens);
  return (question) => {
    if (question.op === 'getMaskedValue')
      return { answer: JSON.stringify(`*${JSON.parse(question.args)[0]}`.slice(0, 100)) };
    const reply = world.answer(question);
    if (!('answer' in reply)) throw new Error('the world answers everything at once');
    return reply;
  };
}

/** Watches the children while a script is played: their memory, and how long they stood in line for a processor. */
function startMeter(pool: Pool) {
  const peaks = new Map<number, number>();
  const delays = new Map<number, { first: number; last: number }>();
  const look = () => {
    for (const pid of [process.pid, ...pool.pids]) {
      const delay = waitedMs(pid);
      if (delay === null) continue;
      delays.set(pid, { first: delays.get(pid)?.first ?? delay, last: delay });
      if (pid !== process.pid) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, peakBytes(pid)));
    }
  };
  look();
  const timer = setInterval(look, 10);
  return {
    stop() {
      look();
      clearInterval(timer);
    },
    get peakBytes() {
      return Math.max(0, ...peaks.values());
    },
    /** This process and the worst off of the children: which of them played is the pool's affair. */
    get starvedMs() {
      const { [process.pid]: own = 0, ...others } = Object.fromEntries(
        [...delays].map(([pid, { first, last }]) => [pid, last - first]),
      );
      return own + Math.max(0, ...Object.values(others));
    },
  };
}

/** For how long a process that could run had no processor; null once it is gone. */
function waitedMs(pid: number): number | null {
  const text = readProcess(pid, 'schedstat');
  return text === null ? null : Number(text.split(' ')[1]) / 1e6;
}

/** The most memory that a process ever had. */
function peakBytes(pid: number): number {
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(readProcess(pid, 'status') ?? '')?.[1] ?? 0) * 1024;
}

function readProcess(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}
