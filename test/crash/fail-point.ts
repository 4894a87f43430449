import { writeSync } from 'node:fs';
import { watchStatements } from './watch-statements.ts';

/*
 * Loaded before the server (`node --import`), it ends the process as `kill -9` does, at a statement that it was told:
 * by the variable FAIL_POINT for the start, or by a message while the server runs. The server itself knows nothing of it.
 */

/** Where to die: at the `nth` statement from now on whose text fits. */
export interface FailPoint {
  when: 'before' | 'after';
  /** Source of a regular expression; statements that only read do not count. */
  statement: string;
  nth: number;
}

let armed: { point: FailPoint; left: number } | null = null;

function arm(point: FailPoint): void {
  armed = { point, left: point.nth };
}

function pass(when: FailPoint['when'], sql: string): void {
  if (!armed || armed.point.when !== when || !new RegExp(armed.point.statement, 'i').test(sql)) return;
  armed.left -= 1;
  if (armed.left > 0) return;
  writeSync(2, `fail-point: ${when} ${sql.replace(/\s+/g, ' ').slice(0, 60)}\n`);
  process.kill(process.pid, 'SIGKILL');
}

watchStatements({ before: (sql) => pass('before', sql), after: (sql) => pass('after', sql) });

const atStart = process.env['FAIL_POINT'];
if (atStart) arm(JSON.parse(atStart) as FailPoint);
process.on('message', (message) => arm(message as FailPoint));
process.channel?.unref();
