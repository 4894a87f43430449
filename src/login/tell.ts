import { second } from '../kernel/clock.ts';
import type { LoginId } from '../kernel/ids.ts';
import type { CallAnswer, TellingFunction } from '../script-api/definition.ts';
import type { OpenOutside } from './call.ts';

/** What a script tells others, on its way while the sign-in goes on. */
export interface Teller {
  /**
   * Begins a call that nobody waits for; the log tells of one that fails. It is made at most once: one that is under way
   * when the process ends is lost.
   */
  tell(call: { fn: TellingFunction; given: never[]; loginId: LoginId; seq: number; beganAt: number }): void;
  /** Waits for those under way, as long as each may take at most. */
  stop(): Promise<void>;
}

/** Of one call, with all its requests. */
const patience = 5 * second;

/** At once, in one process: a server that hangs must not fill the memory. */
const most = 500;

export function createTeller({
  openOutside,
  log,
}: {
  openOutside: OpenOutside;
  log: { warn(fields: object, message: string): void };
}): Teller {
  const underWay = new Set<Promise<void>>();

  async function make({ fn, given, loginId, seq, beganAt }: Parameters<Teller['tell']>[0]): Promise<void> {
    const lost = (why: object) =>
      log.warn({ login: loginId, call: fn.name, ...why }, 'What a script told did not arrive.');
    const outside = openOutside({ loginId, seq, beganAt, signal: AbortSignal.timeout(patience) });
    const answer: CallAnswer | null = await fn.run(outside, ...given).catch((err: unknown) => {
      lost({ err });
      return null;
    });
    if (answer && answer.outcome !== 'success') lost({ code: answer.failure.code, detail: answer.failure.detail });
  }

  return {
    tell(call) {
      if (underWay.size >= most) {
        log.warn(
          { login: call.loginId, call: call.fn.name },
          `What a script told is lost: ${most} calls are under way.`,
        );
        return;
      }
      const made = make(call).finally(() => underWay.delete(made));
      underWay.add(made);
    },
    async stop() {
      await Promise.all(underWay);
    },
  };
}
