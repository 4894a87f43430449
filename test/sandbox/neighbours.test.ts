import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool, type Pool } from '../../sandbox/pool.ts';
import type { Entry } from '../../sandbox/protocol.ts';
import { bundle, createWorld, ending, lines, login, patient } from './world.ts';

/** J13: what one sign-in's script does to its realm, no other sign-in meets, though both are played in one process. */

let pool: Pool;
let pid: number | undefined;

beforeAll(async () => {
  pool = createPool({ size: 1, queue: 10 });
  await pool.ready();
  [pid] = pool.pids;
});
afterAll(() => pool.close());

async function plays(script: string) {
  const journal: Entry[] = [];
  const world = createWorld();
  const result = await pool.play(bundle(script), journal, patient, async (question) => {
    const reply = world.answer(question);
    if ('answer' in reply) journal.push({ op: question.op, args: question.args, answer: reply.answer });
    return reply;
  });
  return { ends: ending(result), said: lines(result), heapBytes: result.usage.heapBytes };
}

/** Looks wherever the others leave something. */
const looksAround = login(`
  executeStep(1);
  Log.info([typeof left, typeof globalThis.left, typeof Object.prototype.left, typeof Array.prototype.left,
    typeof Function.prototype.left, typeof Promise.prototype.left, typeof Error.left, Error.stackTraceLimit,
    Symbol.for('left').left, [3, 1, 2].sort().join(''), JSON.stringify({ a: 1 }), String(new Date(0).getTime()),
    RegExp.$1, typeof context.left, typeof executeStep.left, typeof Log.left, Math.max(1, 2), 'a'.concat('b')].join(' '));`);

const leaves: [string, string][] = [
  ['globals', 'left = 1; globalThis.left = 1; var onLoginRequest2 = 1;'],
  ['properties of prototypes', "for (const one of [Object, Array, Function, Promise]) one.prototype.left = 'x';"],
  [
    'other built-ins',
    `Array.prototype.sort = () => ['x']; JSON.stringify = () => 'x'; Date.prototype.getTime = () => 7; Math.max = () => 7; String.prototype.concat = () => 'x';`,
  ],
  [
    'state of the engine',
    "/(stolen)/.exec('stolen'); Error.stackTraceLimit = 99; Error.left = 1; Symbol.for('left').description;",
  ],
  ['things on our own objects', 'context.left = 1; try { executeStep.left = 1; Log.left = 1; } catch (e) {}'],
  ['microtasks', 'Promise.resolve().then(() => { globalThis.left = 1; Object.prototype.left = 1; });'],
  ['an error', "globalThis.left = 1; throw new Error('left');"],
];

it.each(leaves)('who leaves %s leaves nothing to the next', async (_what, mess) => {
  const { ends, said } = await plays(looksAround);
  expect(ends).toBe('success');
  await plays(login(`executeStep(1); ${mess}`));
  expect(await plays(looksAround)).toMatchObject({ ends, said });
  // Nobody was sent to another process meanwhile.
  expect(pool.pids).toEqual([pid]);
});

it('no sign-in finds the memory of another, though nothing of it was thrown away yet', async () => {
  const fills = login('globalThis.kept = Array.from({ length: 4e5 }, (_, i) => i + 0.5); executeStep(1);');
  const used: number[] = [];
  for (let i = 0; i < 4; i++) used.push((await plays(fills)).heapBytes);
  expect(Math.max(...used)).toBeLessThan(Math.min(...used) * 1.1);
  expect(pool.pids).toEqual([pid]);
});

it('and in its own realm the same mess is seen, so that it would be noticed', async () => {
  const alone = await plays(looksAround);
  const messy = looksAround.replace(
    'executeStep(1);',
    `executeStep(1); ${leaves
      .slice(0, 2)
      .map(([, mess]) => mess)
      .join(' ')}`,
  );
  expect((await plays(messy)).said).not.toEqual(alone.said);
});
