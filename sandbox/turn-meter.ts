import type { Entry, FailureCode, Limits, MetLimit, Usage } from './protocol.ts';

export interface TurnMeter {
  /** Runs guest code that belongs to the turn which the entry `opener` opens. @param run is given the time it has, in milliseconds */
  measure(opener: number, run: (timeout: number) => void): Measured;
  /** Was it the timeout that ended what began then (`performance.now()`)? The two clocks may differ a little. */
  isLate(began: number): boolean;
}

interface Measured {
  /** The limit of CPU time that is passed. */
  fault: { code: FailureCode; message: string; limit: MetLimit } | null;
  /** What the guest code threw, or that the host broke it off. */
  broke: { thrown: unknown } | null;
  late: boolean;
}

/**
 * Charges CPU time to a turn when it first runs, never to a replay (J11): what a turn has used stands in its entry.
 * @param usage is kept up to date
 */
export function createTurnMeter(journal: readonly Entry[], limits: Limits, usage: Usage): TurnMeter {
  let loginCpuUs = journal.reduce((sum, { cpuUs }) => sum + (cpuUs ?? 0), 0);

  const isLate = (began: number) => performance.now() - began >= limits.turnWallMs * 0.98;

  function charge(opener: number, spent: number, wallMs: number): Measured['fault'] {
    usage.turnWallMs = Math.max(usage.turnWallMs, wallMs);
    loginCpuUs += spent;
    let turn = usage.turns.find(({ seq }) => seq === opener);
    if (turn) turn.cpuUs += spent;
    else {
      turn = { seq: opener, cpuUs: spent };
      usage.turns.push(turn);
    }
    if (turn.cpuUs > limits.turnCpuMs * 1000) {
      const message = `A turn of the script used more than ${limits.turnCpuMs} ms of CPU time.`;
      return { code: 'SCRIPT_TIMEOUT', message, limit: metLimit('turnCpuMs', turn.cpuUs) };
    }
    if (loginCpuUs > limits.loginCpuMs * 1000) {
      const message = `The script used more than ${limits.loginCpuMs} ms of CPU time in this sign-in.`;
      return { code: 'SCRIPT_LOGIN_TIMEOUT', message, limit: metLimit('loginCpuMs', loginCpuUs) };
    }
    return null;
  }

  function metLimit(name: 'turnCpuMs' | 'loginCpuMs', us: number): MetLimit {
    return { name, used: Math.ceil(us / 1000), allowed: limits[name] };
  }

  return {
    isLate,
    measure(opener, run) {
      const isNew = journal[opener]?.cpuUs == null;
      const began = performance.now();
      const cpuBefore = process.threadCpuUsage();
      let broke: Measured['broke'] = null;
      try {
        run(limits.turnWallMs);
      } catch (thrown) {
        broke = { thrown };
      }
      const { user, system } = process.threadCpuUsage(cpuBefore);
      const late = isLate(began);
      return { fault: isNew ? charge(opener, user + system, performance.now() - began) : null, broke, late };
    },
  };
}
