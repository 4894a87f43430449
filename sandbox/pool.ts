import { readFileSync } from 'node:fs';
import { type Child, startChild } from './child-process.ts';
import {
  type Bundle,
  type Entry,
  emptyState,
  type Likely,
  type Limits,
  noUsage,
  nowhere,
  type Place,
  type PlayResult,
  placeOf,
  type Question,
  type Reply,
  type ToChild,
  type Verdict,
} from './protocol.ts';

/** Answers a question of the script; may take its time, which is not charged to the script. */
export type Answer = (question: Question) => Promise<Reply>;

export interface Pool {
  /**
   * Plays in a sandbox process. `answer` appends each new entry to `journal`, so that a play that must be tried again
   * asks nothing twice. The child may be killed on the way, which the result tells as a verdict (`SCRIPT_TIMEOUT`,
   * `SCRIPT_WALL_TIMEOUT`, `SCRIPT_MEMORY`) or, when the machine was too busy to tell, as `busy`.
   * @throws PoolFull when too many plays wait already, or the pool is closed
   */
  play(bundle: Bundle, journal: Entry[], limits: Limits, answer: Answer): Promise<PlayResult>;
  /** Resolves when the first child can play. @throws Error when the sandbox's program cannot be read */
  ready(): Promise<void>;
  /** Ends all children; plays on the way end as `busy`. */
  close(): Promise<void>;
  readonly pids: number[];
}

export class PoolFull extends Error {
  override readonly name = 'PoolFull';
}

const mebibyte = 2 ** 20;
/** Memory of a child beyond the script's own: above it, it is ended. By the time that is seen it may have 50 more. */
const maxChildBytes = 184 * mebibyte;
/** One that holds on to so much between two plays is replaced. */
const maxRestingBytes = 144 * mebibyte;
/** Contexts are freed late: a child is replaced after so many plays. */
const maxPlays = 5000;
/** Milliseconds between two looks at a child that plays. */
const lookEvery = 10;
/** Milliseconds beyond a limit before the child is ended from outside: on the clock, and of CPU time. */
const grace = 250;
const cpuGrace = 150;

export interface PoolOptions {
  /** How many scripts may run at once. */
  size: number;
  /** How many plays may wait for a child before new ones are refused. */
  queue: number;
  likely?: Likely;
}

export function createPool({ size, queue: queueLimit, likely }: PoolOptions): Pool {
  const children = new Set<Child>();
  const waiting: ((child: Child | null) => void)[] = [];
  let closed = false;

  for (let i = 0; i < size; i++) start();

  function start(): void {
    let isReady = false;
    const child = startChild((signal) => {
      children.delete(child);
      child.listener?.gone(signal);
      // One that cannot even start is not started again in a hot loop.
      if (!closed) setTimeout(() => !closed && start(), isReady ? 0 : 1000);
    });
    children.add(child);
    const begin = () => {
      isReady = true;
      if (likely) tell(child, { prepare: likely });
      hand(child);
    };
    child.ready.then(begin, () => {}); // `ready` tells
  }

  function hand(child: Child): void {
    if (closed || !children.has(child)) return;
    const next = waiting.shift();
    child.busy = next !== undefined;
    next?.(child);
  }

  async function take(): Promise<Child> {
    if (closed) throw new PoolFull('the sandbox is closed');
    for (const child of children) {
      if (!child.busy) {
        child.busy = true;
        return child;
      }
    }
    if (waiting.length >= queueLimit) throw new PoolFull('too many scripts wait to be run');
    return new Promise((resolve, reject) => {
      waiting.push((child) => (child ? resolve(child) : reject(new PoolFull('the sandbox is closed'))));
    });
  }

  function giveBack(child: Child): void {
    child.plays++;
    if (child.plays >= maxPlays || residentBytes(child.process.pid) > maxRestingBytes) child.process.kill('SIGKILL');
    else {
      // To the end of the line: it is still making its next isolate, and others have theirs.
      children.delete(child);
      children.add(child);
      hand(child);
    }
  }

  async function play(bundle: Bundle, journal: Entry[], limits: Limits, answer: Answer): Promise<PlayResult> {
    // A child that crashes, or is starved, says nothing about the script until another child has done the same.
    let result: PlayResult | Death = await playOnce(bundle, journal, limits, answer, 0);
    if ('died' in result ? result.died === 'crashed' || result.died === 'busy' : result.kind === 'busy') {
      if (closed) return emptyResult({ kind: 'busy' });
      const spent = 'died' in result && result.died === 'crashed' ? result.ranMs : 0;
      result = await playOnce(bundle, journal, limits, answer, spent);
    }
    if (!('died' in result)) return result;
    if (result.died === 'busy') return emptyResult({ kind: 'busy' });
    // V8 crashes where it finds no memory.
    const code = result.died === 'crashed' ? 'SCRIPT_MEMORY' : result.died;
    return emptyResult({ kind: 'ends', verdict: deathVerdict(code, limits, result.turnAt) });
  }

  interface Death {
    died: keyof typeof deaths | 'crashed' | 'busy';
    /** For how long the child had been running since it last heard from the server. */
    ranMs: number;
    /** Of the call whose callback ran, where this play has asked it; else nowhere. */
    turnAt: Place;
  }

  async function playOnce(
    bundle: Bundle,
    journal: Entry[],
    limits: Limits,
    answer: Answer,
    spentMs: number,
  ): Promise<PlayResult | Death> {
    const child = await take();
    // Replays of earlier turns are not charged to the script, but they are not free either.
    const patience = Math.max(limits.turnWallMs - spentMs, grace) + grace + journal.length * 10;
    const replayCpuMs = journal.reduce((sum, entry) => sum + (entry.cpuUs ?? 0), 0) / 1000;
    // The child may play twice: see `playInTime` there.
    const fairCpuMs = 2 * (limits.turnCpuMs + replayCpuMs) + cpuGrace;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let late: NodeJS.Immediate | undefined;
      let began = 0;
      let cpuBefore: number | null = null;
      let cpuUsed: number | null = null;
      let killed: Death['died'] | null = null;
      let turnAt: Place = nowhere;
      let answering: Promise<unknown> = Promise.resolve();

      /** Only a child that had the processor can have wasted it. */
      const hasWasted = () => cpuUsed !== null && cpuUsed > fairCpuMs;
      const watch = () => {
        began = performance.now();
        cpuBefore = cpuMs(child.process.pid);
        cpuUsed = null;
        const check = () => {
          const cpuNow = cpuMs(child.process.pid);
          cpuUsed = cpuNow === null || cpuBefore === null ? null : cpuNow - cpuBefore;
          if (residentBytes(child.process.pid) > maxChildBytes + limits.memoryMiB * mebibyte)
            return kill('SCRIPT_MEMORY');
          if (!hasWasted() && performance.now() <= began + patience) {
            timer = setTimeout(check, lookEvery);
            return;
          }
          // Were it this process that was late, the child's message would be read before this is run.
          // Where the system does not tell who had the processor, a script that is stuck is to blame.
          const stuck = cpuUsed === null ? 'SCRIPT_WALL_TIMEOUT' : 'busy';
          late = setImmediate(() => kill(hasWasted() ? 'SCRIPT_TIMEOUT' : stuck));
        };
        timer = setTimeout(check, lookEvery);
      };
      const rest = () => {
        clearTimeout(timer);
        clearImmediate(late);
      };
      const kill = (reason: Death['died']) => {
        killed = reason;
        child.process.kill('SIGKILL');
      };
      const settle = () => {
        rest();
        child.listener = null;
      };
      const send = (message: ToChild) => {
        watch();
        tell(child, message);
      };

      child.listener = {
        message(message) {
          rest();
          if ('done' in message) {
            settle();
            giveBack(child);
            return resolve(message.done);
          }
          if (message.ask.scheduled) turnAt = placeOf(message.ask);
          answering = answer(message.ask).then(
            (reply) => child.listener && send({ reply }),
            (fault) => {
              // The server's own failure: the child waits for an answer that will not come.
              settle();
              child.process.kill('SIGKILL');
              reject(fault);
            },
          );
        },
        gone(signal) {
          settle();
          const fromOutside = signal === 'SIGKILL' || signal === 'SIGTERM';
          const crashed = hasWasted() ? 'SCRIPT_TIMEOUT' : 'crashed';
          const died = killed ?? (fromOutside ? 'busy' : crashed);
          const ranMs = performance.now() - began;
          // What is being answered belongs into the journal before anybody plays on.
          answering.then(() => resolve({ died, ranMs, turnAt }));
        },
      };
      send({ play: { bundle, journal, limits } });
    });
  }

  return {
    play,
    async ready() {
      await Promise.race([...children].map((child) => child.ready));
    },
    async close() {
      closed = true;
      for (const turnAway of waiting.splice(0)) turnAway(null);
      await Promise.all(
        [...children].map(
          (child) =>
            new Promise<void>((resolve) => {
              child.process.once('exit', () => resolve());
              child.process.kill('SIGKILL');
            }),
        ),
      );
    },
    get pids() {
      return [...children].map((child) => child.process.pid!);
    },
  };
}

function tell(child: Child, message: ToChild): void {
  child.input.write(`${JSON.stringify(message)}\n`);
}

/** What a child was ended for, by the limit that it had passed. */
const deaths = {
  SCRIPT_TIMEOUT: { name: 'turnCpuMs', what: 'A turn of the script', unit: 'ms of CPU time and could not be stopped' },
  SCRIPT_WALL_TIMEOUT: { name: 'turnWallMs', what: 'A turn of the script', unit: 'ms on the clock' },
  SCRIPT_MEMORY: { name: 'memoryMiB', what: 'The script', unit: 'MiB of memory' },
} as const;

function deathVerdict(code: keyof typeof deaths, limits: Limits, at: Place): Verdict {
  const { name, what, unit } = deaths[code];
  const allowed = limits[name];
  const message = `${what} used more than ${allowed} ${unit}; its process was ended.`;
  return { result: 'error', code, message, limit: { name, used: null, allowed }, ...at };
}

/** The result of a play that told nothing but its end. */
export function emptyResult(end: { kind: 'busy' } | { kind: 'ends'; verdict: Verdict }): PlayResult {
  return {
    ...end,
    state: emptyState,
    said: [],
    usage: noUsage,
  };
}

/** Resident memory of a process; 0 where the system does not tell. */
function residentBytes(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return 0;
  }
}

/** CPU time of a process in milliseconds; null where the system does not tell. */
function cpuMs(pid: number | undefined): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}
