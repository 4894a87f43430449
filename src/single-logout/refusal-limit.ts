import { type Clock, minute } from '../kernel/clock.ts';
import { networkOf } from '../kernel/network.ts';

/** Counts refused messages by network, so that who sends many is turned away before anything is read. */
export interface RefusalLimit {
  isReached(ip: string): boolean;
  count(ip: string): void;
}

/** @param perMinute of one network. What is accepted is not counted: a provider may end any number of sessions at once. */
export function createRefusalLimit({ clock, perMinute = 60 }: { clock: Clock; perMinute?: number }): RefusalLimit {
  const maxNetworks = 10_000;
  let window = Number.NaN;
  const refused = new Map<string, number>();

  function countOf(network: string): number {
    const present = Math.floor(clock.now() / minute);
    if (present !== window) {
      window = present;
      refused.clear();
    }
    return refused.get(network) ?? 0;
  }

  return {
    isReached: (ip) => countOf(networkOf(ip)) >= perMinute,
    count(ip) {
      const network = networkOf(ip);
      const before = countOf(network);
      if (before > 0 || refused.size < maxNetworks) refused.set(network, before + 1);
    },
  };
}
