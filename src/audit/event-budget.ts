import { type Clock, minute } from '../kernel/clock.ts';
import { networkOf } from '../kernel/network.ts';

/**
 * May one more refused request from this address leave an event? Anybody can send requests to be refused, so there is a
 * number of events for each network and minute, and one for all of them together; beyond it the log alone tells.
 */
export type TakesEvent = (ip: string) => boolean;

export function createEventBudget({
  clock,
  ofOneNetwork = 60,
  inAll = 600,
}: {
  clock: Clock;
  /** Events in a minute. */
  ofOneNetwork?: number;
  inAll?: number;
}): TakesEvent {
  let window = Number.NaN;
  let left = 0;
  const taken = new Map<string, number>();

  return (ip) => {
    const present = Math.floor(clock.now() / minute);
    if (present !== window) {
      window = present;
      left = inAll;
      taken.clear();
    }
    const network = networkOf(ip);
    const before = taken.get(network) ?? 0;
    if (left === 0 || before >= ofOneNetwork) return false;
    left -= 1;
    taken.set(network, before + 1);
    return true;
  };
}
