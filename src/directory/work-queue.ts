import { AppError } from '../kernel/errors.ts';

/** Runs a few pieces of work at once, lets some wait in order, and refuses the rest at once. */
export interface WorkQueue {
  /** @throws AppError OVERLOADED when as many wait as may. */
  run<T>(work: () => Promise<T>): Promise<T>;
  load(): { running: number; waiting: number; finished: number };
}

export function createWorkQueue({ concurrency, waiting }: { concurrency: number; waiting: number }): WorkQueue {
  const line: (() => void)[] = [];
  let running = 0;
  let finished = 0;

  async function takePlace(): Promise<void> {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (line.length >= waiting) {
      throw new AppError('OVERLOADED', { detail: `${running} pieces of work are running and ${line.length} waiting.` });
    }
    await new Promise<void>((go) => line.push(go));
  }

  // The place goes straight to the next in line: nobody who comes in between can take it.
  function leavePlace(): void {
    finished += 1;
    const next = line.shift();
    if (next) next();
    else running -= 1;
  }

  return {
    async run(work) {
      await takePlace();
      try {
        return await work();
      } finally {
        leavePlace();
      }
    },
    load: () => ({ running, waiting: line.length, finished }),
  };
}
