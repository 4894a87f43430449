import { isDeepStrictEqual } from 'node:util';
import { escapePointer, isRecord } from '../kernel/json.ts';
import type { Difference } from './scenario-types.ts';

/**
 * Where an answer is not what was expected of it, in the order of the expectation. An object has to have what is written;
 * a list as many items, each of which matches.
 */
export function findDifferences(expected: unknown, found: unknown, path = ''): Difference[] {
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    return expected.flatMap((item, i) => findDifferences(item, found[i], `${path}/${i}`));
  }
  if (isRecord(expected) && isRecord(found)) {
    return Object.entries(expected).flatMap(([name, value]) =>
      findDifferences(value, Object.hasOwn(found, name) ? found[name] : undefined, `${path}/${escapePointer(name)}`),
    );
  }
  if (isDeepStrictEqual(expected, found)) return [];
  return [{ path, expected, ...(found === undefined ? {} : { found }) }];
}
