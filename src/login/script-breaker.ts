import type { PlayResult } from '../../sandbox/protocol.ts';
import { type Clock, minute, second } from '../kernel/clock.ts';
import type { ApplicationId } from '../kernel/ids.ts';

/** A version of an application's sign-in flow, and so one script. */
export interface ScriptVersion {
  applicationId: ApplicationId;
  version: number;
}

/** What became of a play: `broken` is one that used up its time or memory; `untold` says nothing about the script. */
export type Course = 'ran' | 'broken' | 'untold';

/**
 * Keeps scripts that use up time or memory again and again from costing everybody else the sandbox. Such a version is
 * refused for a while; then one play at a time may try it. State is this process's own, and a restart forgets it.
 */
export interface ScriptBreaker {
  /** May the version be played now? Every play that is let in is told by `record`. */
  admit(of: ScriptVersion): boolean;
  /** @returns whether this play has made the version refused, which it was not before it */
  record(of: ScriptVersion, course: Course): boolean;
}

export const breakerDefaults = { failures: 5, windowMs: minute, restMs: 30 * second } as const;

interface State {
  /** When plays broke, within the window. */
  broken: number[];
  /** Until when every play is refused; null while none is. */
  refusedUntil: number | null;
  trying: boolean;
}

export function createScriptBreaker({
  clock,
  failures = breakerDefaults.failures,
  windowMs = breakerDefaults.windowMs,
  restMs = breakerDefaults.restMs,
}: {
  clock: Clock;
  failures?: number;
  windowMs?: number;
  restMs?: number;
}): ScriptBreaker {
  // Only versions that broke lately are here.
  const states = new Map<string, State>();
  const keyOf = ({ applicationId, version }: ScriptVersion) => `${applicationId}/${version}`;

  return {
    admit(of) {
      const state = states.get(keyOf(of));
      if (!state || state.refusedUntil === null) return true;
      if (state.trying || clock.now() < state.refusedUntil) return false;
      state.trying = true;
      return true;
    },
    record(of, course) {
      const key = keyOf(of);
      const state = states.get(key) ?? { broken: [], refusedUntil: null, trying: false };
      const now = clock.now();
      if (state.refusedUntil !== null) {
        // Plays that were on the way when the version was refused tell nothing new.
        if (!state.trying) return false;
        state.trying = false;
        if (course === 'ran') states.delete(key);
        if (course === 'broken') state.refusedUntil = now + restMs;
        return false;
      }
      state.broken = state.broken.filter((at) => at > now - windowMs);
      if (course === 'broken') state.broken.push(now);
      if (state.broken.length === 0) states.delete(key);
      else states.set(key, state);
      if (state.broken.length < failures) return false;
      state.refusedUntil = now + restMs;
      return true;
    },
  };
}

export function courseOf(result: PlayResult): Course {
  if (result.kind === 'busy') return 'untold';
  const broken =
    result.kind === 'ends' &&
    result.verdict.result === 'error' &&
    ['SCRIPT_TIMEOUT', 'SCRIPT_WALL_TIMEOUT', 'SCRIPT_LOGIN_TIMEOUT', 'SCRIPT_MEMORY'].includes(result.verdict.code);
  return broken ? 'broken' : 'ran';
}
