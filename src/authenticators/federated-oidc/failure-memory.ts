import { type Clock, second } from '../../kernel/clock.ts';

/** How long a provider that could not be asked is left alone by those whom nobody waits for. */
const rest = 30 * second;

/**
 * Remembers the last failure for a while: what anybody may send, such as a logout token, must not make us ask a provider
 * again and again that does not answer.
 */
export interface FailureMemory {
  /** The result of `work`, which is left out for 30 s after it has failed: then it fails in the same way. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createFailureMemory({ clock }: { clock: Clock }): FailureMemory {
  let failed: { error: unknown; until: number } | null = null;
  return {
    async run(work) {
      if (failed && clock.now() < failed.until) throw failed.error;
      try {
        const result = await work();
        failed = null;
        return result;
      } catch (error) {
        failed = { error, until: clock.now() + rest };
        throw error;
      }
    },
  };
}
