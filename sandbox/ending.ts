import type ivm from 'isolated-vm';
import { oneLine, toPlace } from './places.ts';
import {
  type FailureCode,
  type Limits,
  type MetLimit,
  nowhere,
  type Place,
  type PlayEnd,
  type Verdict,
} from './protocol.ts';

/** How a play comes to its end. */
export interface Ending {
  /** Null until the sign-in is decided. */
  readonly verdict: Verdict | null;
  /** Null while the play may go on. */
  readonly stopped: PlayEnd | null;
  /** The first verdict stands (J8). */
  decide(verdict: Verdict): void;
  /** An error of the script. */
  fail(code: FailureCode, message: string, at?: Place, limit?: MetLimit): void;
  /** What the script threw and did not catch, as the guest tells it. */
  failThrown(envelope: string): void;
  /** A turn that broke a limit ends the login, whatever it was waiting for or had decided. */
  overrule(code: FailureCode, message: string, limit?: MetLimit): void;
  /** The same for memory: the isolate is gone. */
  overruleMemory(): void;
  /** The play is over. A script on the way is cut off here and now: it can neither catch this nor go on. */
  stop(end: PlayEnd, midTurn: boolean): void;
  /** The same with the verdict. */
  stopDecided(midTurn: boolean): void;
  /** Errors from here on are of this turn: of the callback `name`, which the call at `at` gave. */
  enterTurn(name: string, at?: Place): void;
  leaveTurn(): void;
  /** Of the call whose callback ran last; nowhere in the first turn. */
  readonly turnAt: Place;
  metLimit(name: keyof Limits, used: number | null): MetLimit;
}

export function createEnding({ isolate, limits }: { isolate: ivm.Isolate; limits: Limits }): Ending {
  let verdict: Verdict | null = null;
  let stopped: PlayEnd | null = null;
  let turnAt: Place = nowhere;
  let turnName: string | null = null;

  function makeError(code: FailureCode, message: string, at: Place, limit?: MetLimit): Verdict {
    const about = { ...(limit ? { limit } : {}), ...(turnName === null ? {} : { turn: turnName }) };
    return { result: 'error', code, message: oneLine(message), ...about, ...at };
  }

  const ending: Ending = {
    get verdict() {
      return verdict;
    },
    get stopped() {
      return stopped;
    },
    get turnAt() {
      return turnAt;
    },
    decide(next) {
      verdict ??= next;
    },
    fail(code, message, at = nowhere, limit) {
      ending.decide(makeError(code, message, at, limit));
    },
    failThrown(envelope) {
      const [message, where] = JSON.parse(envelope) as [string, string];
      ending.fail('SCRIPT_ERROR', message, toPlace(where));
    },
    overrule(code, message, limit) {
      verdict = makeError(code, message, turnAt, limit);
      stopped = { kind: 'ends', verdict };
    },
    overruleMemory() {
      const said = `The script used more than ${limits.memoryMiB} MiB of memory.`;
      ending.overrule('SCRIPT_MEMORY', said, ending.metLimit('memoryMiB', null));
    },
    stop(end, midTurn) {
      stopped = end;
      if (midTurn) isolate.dispose();
    },
    stopDecided(midTurn) {
      ending.stop({ kind: 'ends', verdict: verdict! }, midTurn);
    },
    enterTurn(name, at = turnAt) {
      turnName = name;
      turnAt = at;
    },
    leaveTurn() {
      turnName = null;
    },
    metLimit: (name, used) => ({ name, used, allowed: limits[name] }),
  };
  return ending;
}
