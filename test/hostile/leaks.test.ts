import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createPool } from '../../sandbox/pool.ts';
import { defaultLimits, type Entry } from '../../sandbox/protocol.ts';
import { bundle, createWorld, ending, login } from '../sandbox/world.ts';
import { expectNothingLeft, takeCensus } from './census.ts';

/**
 * Nothing is left of hostile scripts: one for each way in which a play can end, played over and over. That each group
 * leaves children, handles and memory as they were is expected by the arena, when the group is over.
 */

const body = (code: string) => login(`executeStep(1); ${code}`);

const ways: Readonly<Record<string, string>> = {
  'is stopped in its child': body('for (;;);'),
  'has its child ended for its time': body('Array.prototype.includes.call({ length: 2 ** 53 }, 1);'),
  'uses up its isolate': body('let l = null; for (;;) l = { l, pad: [1, 2, 3, 4] };'),
  'makes its child crash': body('Array.prototype.sort.call({ length: 2 ** 31 });'),
  'leaves promises open': 'function onLoginRequest() { executeStep(1); return new Promise(() => {}); }',
  'floods the log': body("for (let i = 0; i < 250; i++) Log.info('x'.repeat(4000));"),
  'floods the wall': body("for (let i = 0; i < 30; i++) hasRole(null, 'x'.repeat(5e4));"),
  'is cut off in the middle of a turn': body('for (let i = 0; i < 300; i++) hasRole(null, i);'),
  'cannot be read': 'function onLoginRequest( {',
  'ends well': body(''),
};

it('fifty plays that end in all ways leave the server, and its children, as they were', {
  timeout: 300_000,
}, async () => {
  const none = takeCensus();
  const pool = createPool({ size: 2, queue: 10 });
  const playAll = async () => {
    const ends: string[] = [];
    for (const script of Object.values(ways)) {
      const journal: Entry[] = [];
      const world = createWorld();
      const result = await pool.play(bundle(script), journal, defaultLimits, async (question) => {
        const reply = world.answer(question);
        if ('answer' in reply) journal.push({ op: question.op, args: question.args, answer: reply.answer });
        return reply;
      });
      ends.push(ending(result));
    }
    return new Set(ends);
  };
  await pool.ready();
  expect((await playAll()).size).toBeGreaterThan(5);
  const before = takeCensus();
  expect(before.children).toBe(2);

  for (let round = 0; round < 5; round++) await playAll();
  await expectNothingLeft(before);
  // Up to a megabyte of each play comes by.
  const leftByOne = (takeCensus().memory - before.memory) / (5 * Object.keys(ways).length);
  expect(leftByOne).toBeLessThan(20_000);
  for (const pid of pool.pids) expect(residentMebibytes(pid)).toBeLessThan(150);

  await pool.close();
  const after = takeCensus();
  expect(after.children).toBe(none.children);
  expect(after.handles).toBeLessThanOrEqual(none.handles + 1);
});

function residentMebibytes(pid: number): number {
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
