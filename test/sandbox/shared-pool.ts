import { createPool, type Pool } from '../../sandbox/pool.ts';

let pool: Pool | null = null;

/** One sandbox process for all servers of a test process: it takes longer to start than a server does. Nobody closes it. */
export function sharedPool(): Pool {
  pool ??= createPool({ size: 1, queue: 500 });
  return pool;
}
