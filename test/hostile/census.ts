import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, vi } from 'vitest';

/** What this process holds, to be compared before and after: a leak is what stays. */
export interface Census {
  /** Processes that it started and that are still there. */
  children: number;
  /** Files, pipes and sockets. */
  handles: number;
  /** Bytes in use after a full collection: objects, and buffers beside them. */
  memory: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Zeros for what the system does not tell. */
export function takeCensus(): Census {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return { children: countChildren(), handles: countHandles(), memory: heapUsed + external };
}

/** What tests and caches may hold on to, in bytes. */
const most = 12 * 2 ** 20;

/** As many children and handles as before, and no more memory than tests themselves take. */
export async function expectNothingLeft(before: Census): Promise<void> {
  // A child that was ended is replaced; until then there is one too few.
  await vi.waitFor(() => expect(countChildren()).toBe(before.children), { timeout: 10_000 });
  await vi.waitFor(() => expect(countHandles()).toBeLessThanOrEqual(before.handles), { timeout: 10_000 });
  expect(takeCensus().memory).toBeLessThan(before.memory + most);
}

function countChildren(): number {
  try {
    return readdirSync('/proc/self/task')
      .map((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).length)
      .reduce((sum, count) => sum + count, 0);
  } catch {
    return 0;
  }
}

function countHandles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
