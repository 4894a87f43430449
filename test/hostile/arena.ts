import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool, type Pool } from '../../sandbox/pool.ts';
import { defaultLimits, type Entry, type Limits, type PlayResult } from '../../sandbox/protocol.ts';
import { bundle, createWorld, ending, essence, type Happening, login, playWhole } from '../sandbox/world.ts';

/*
 * Hostile scripts are played in the real pool with its real limits, while somebody else signs in all the time. Whatever a
 * script does: the pool stays up, a typed verdict comes in time, the neighbour and whoever comes next get what is theirs.
 */

export interface Attack {
  it: string;
  script: string;
  happens?: Happening[];
  /** How it may end; several where the machine decides which limit is met first. */
  ends: string | readonly string[];
  /** What it logs, where that tells whether it got anywhere. */
  logs?: string[];
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
  attack(attack: Pick<Attack, 'script' | 'happens' | 'limits'>): Promise<Attacked>;
  /** A test for each attack. */
  table(attacks: readonly Attack[]): void;
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

/** A pool of two for all tests of a file, with a neighbour who signs in until the last of them is over. */
export function openArena(): Arena {
  let pool: Pool;
  let stopped = false;
  let signedIn = 0;
  let signingIn: Promise<void>;
  const undisturbed = playWhole(neighbourScript).result;

  beforeAll(async () => {
    expect(ending(undisturbed)).toBe('success');
    process.env['STEPGATE_HOSTILE_TEST'] = 'environment-of-the-server';
    pool = createPool({ size: 2, queue: 50 });
    await pool.ready();
    signingIn = signInAllTheTime();
    signingIn.catch(() => {}); // told by `afterAll`
  });
  afterAll(async () => {
    stopped = true;
    try {
      await signingIn;
      expect(signedIn).toBeGreaterThan(0);
    } finally {
      await pool.close();
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
    const { result } = await playInPool(neighbourScript);
    if (result.kind === 'busy') return;
    expect(essence(result)).toEqual(essence(undisturbed));
    signedIn++;
  }

  async function playInPool(script: string, happens: readonly Happening[] = [], limits: Partial<Limits> = {}) {
    const world = createWorld(happens);
    const journal: Entry[] = [];
    let lastAnswer = performance.now();
    const result = await pool.play(bundle(script), journal, { ...defaultLimits, ...limits }, async (question) => {
      // Every question has the next number, and none is asked twice.
      expect(question.seq).toBe(journal.length);
      const reply = world.answer(question);
      if ('answer' in reply) journal.push({ op: question.op, args: question.args, answer: reply.answer });
      lastAnswer = performance.now();
      return reply;
    });
    return { result, journal, wallMs: performance.now() - lastAnswer };
  }

  async function attack({ script, happens, limits }: Pick<Attack, 'script' | 'happens' | 'limits'>): Promise<Attacked> {
    const meter = startMeter(pool);
    const { result, journal, wallMs } = await playInPool(script, happens, limits).finally(() => meter.stop());
    const tookMs = wallMs - meter.starvedMs;

    expect(result.kind).toMatch(/^(ends|busy)$/);
    expect(tookMs).toBeLessThan((limits?.turnWallMs ?? defaultLimits.turnWallMs) + graceMs);
    expect(meter.peakBytes).toBeLessThan(300 * mebibyte);
    const told = JSON.stringify({ result, asked: journal.map(({ op, args }) => [op, args]) });
    expect(forbidden.filter((text) => told.includes(text))).toEqual([]);
    for (const { op, args, answer } of journal) {
      expect(op).toMatch(/^[\w.]+$/);
      expect([JSON.parse(args), JSON.parse(answer)]).toBeDefined();
    }
    const before = signedIn;
    while (signedIn === before) await Promise.race([signIn(), signingIn]);
    return { result, journal, starvedMs: meter.starvedMs };
  }

  return {
    get pool() {
      return pool;
    },
    attack,
    table(attacks) {
      it.each(attacks)('$it', async ({ ends, logs, ...given }) => {
        let attacked = await attack(given);
        for (let tries = 0; attacked.result.kind === 'busy' && tries < 5; tries++) attacked = await attack(given);
        // No verdict on the script, and so nobody is signed in: only a machine that is too busy may be the cause.
        if (attacked.result.kind === 'busy') return expect(attacked.starvedMs).toBeGreaterThan(graceMs);
        expect([ends].flat()).toContain(ending(attacked.result));
        if (logs) expect(attacked.result.said.map(({ text }) => text)).toEqual(logs);
      });
    },
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
