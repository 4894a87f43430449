import type { Clock } from '../kernel/clock.ts';
import { second } from '../kernel/clock.ts';
import type { AccessToken } from '../script-api/outside.ts';

/** Access tokens that calls share, in memory alone. */
export interface Tokens {
  get(key: string, ask: () => Promise<AccessToken>): Promise<string>;
  forget(key: string): void;
}

/** Before its end a token is not used any more: it has to arrive as well. */
const margin = 10 * second;
const most = 1000;

export function createTokens({ clock }: { clock: Clock }): Tokens {
  const kept = new Map<string, { value: string; until: number }>();

  return {
    async get(key, ask) {
      const known = kept.get(key);
      if (known && known.until > clock.now()) return known.value;
      kept.delete(key);
      const { value, lifetime } = await ask();
      const until = clock.now() + lifetime * second - margin;
      if (until > clock.now()) {
        const [oldest] = kept.keys();
        if (kept.size >= most && oldest !== undefined) kept.delete(oldest);
        kept.set(key, { value, until });
      }
      return value;
    },
    forget(key) {
      kept.delete(key);
    },
  };
}
