import { createHmac } from 'node:crypto';
import type { Bundle } from './protocol.ts';

/**
 * Arguments as the journal keeps them and plays compare them: where a secret one stands, its keyed hash (J6). The key is
 * the login's own, so that equal secrets of two logins do not look alike.
 */
export function createHiding({ functions, hashKey }: Bundle): (op: string, args: string) => string {
  const hidden = new Map(functions.map(({ name, hidden: positions }) => [name, positions]));
  return (op, args) => {
    const positions = hidden.get(op);
    if (!positions) return args;
    const list = JSON.parse(args) as unknown[];
    for (const position of positions) {
      const value = list[position];
      if (value === undefined || value === null) continue;
      const hash = createHmac('sha256', hashKey).update(`${op}/${position}/${JSON.stringify(value)}`);
      list[position] = { $hash: hash.digest('base64url') };
    }
    return JSON.stringify(list);
  };
}
