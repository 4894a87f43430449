import { type Clock, minute } from '../../kernel/clock.ts';

/** Refreshes out of turn that may come one after the other, and how long it takes until one more may. */
const burst = 5;
const refill = minute;

/**
 * How often keys may be asked for out of turn, because something was signed by one that is not known (token bucket): a
 * provider that changes its keys is followed at once, and nobody can make us ask it again and again.
 */
export interface KeyRefreshes {
  isLeft(): boolean;
  /** False, and nothing taken, where none is left. */
  take(): boolean;
}

export function createKeyRefreshes({ clock }: { clock: Clock }): KeyRefreshes {
  let left = burst;
  let since = clock.now();

  function refillNow(): void {
    const gained = Math.floor((clock.now() - since) / refill);
    if (gained <= 0) return;
    left = Math.min(burst, left + gained);
    since += gained * refill;
  }

  return {
    isLeft() {
      refillNow();
      return left > 0;
    },
    take() {
      refillNow();
      if (left === 0) return false;
      left -= 1;
      return true;
    },
  };
}
