import { afterAll, describe, expect, it } from 'vitest';
import { play } from '../../sandbox/play.ts';
import { createPool } from '../../sandbox/pool.ts';
import type { Entry, Question, Reply } from '../../sandbox/protocol.ts';
import { bundle, createWorld, ending, login, order, patient } from './world.ts';

/** J11: what a machine does to a play is no verdict on its script. It is tried again, and asks nothing twice. */

const script = login(`executeStep(1, { onSuccess: (context) => {
  Log.info(hasRole(context.currentKnownSubject, 'a'));
  executeStep(2, { onSuccess: (context) => { Log.info(hasRole(context.currentKnownSubject, 'bb')); } });
} });`);

const pool = createPool({ size: 1, queue: 10 });
afterAll(() => pool.close());

/** A server that keeps what it answers, and whose sandbox process dies at the first `deaths` questions about roles. */
function createServer({ deaths }: { deaths: number }) {
  const world = createWorld();
  const journal: Entry[] = [];
  const asked: number[] = [];
  let left = deaths;
  return {
    journal,
    asked,
    async answer(question: Question): Promise<Reply> {
      asked.push(question.seq);
      const reply = world.answer(question);
      if ('answer' in reply) journal.push({ op: question.op, args: question.args, answer: reply.answer });
      if (question.op === 'hasRole' && left-- > 0) process.kill(pool.pids[0]!, 'SIGKILL');
      return reply;
    },
  };
}

describe('A sandbox process that somebody else ends', () => {
  it('once: another one plays on, and nothing is asked twice', async () => {
    const { journal, asked, answer } = createServer({ deaths: 1 });
    const result = await pool.play(bundle(script), journal, patient, answer);
    expect([ending(result), order(journal)]).toEqual(['success', '1 2']);
    expect(asked).toEqual(journal.map((_, seq) => seq));
    expect(result.said.map(({ text }) => text)).toEqual(['true', 'false']);
  });

  it('twice: there is no verdict, and a later play goes on from there', async () => {
    const { journal, asked, answer } = createServer({ deaths: 2 });
    expect(await pool.play(bundle(script), journal, patient, answer)).toMatchObject({ kind: 'busy', said: [] });
    expect(ending(await pool.play(bundle(script), journal, patient, answer))).toBe('success');
    expect(asked).toEqual(journal.map((_, seq) => seq));
  });
});

it('A turn is not charged for waiting until the server answers, and goes on in the same child', async () => {
  const { journal, asked, answer } = createServer({ deaths: 0 });
  // Longer than the turn may compute.
  const slowly = async (question: Question) => {
    if (question.op === 'hasRole') await new Promise((resolve) => setTimeout(resolve, 60));
    return answer(question);
  };
  const works = script.replaceAll('executeStep(2', 'for (let i = 0; i < 1e5; i++) Math.sqrt(i); executeStep(2');
  const [pid] = pool.pids;
  const result = await pool.play(bundle(works), journal, { ...patient, turnCpuMs: 50 }, slowly);
  expect([ending(result), order(journal)]).toEqual(['success', '1 2']);
  expect(asked).toEqual(journal.map((_, seq) => seq));
  expect(pool.pids).toEqual([pid]);
});

it('A turn whose time on the clock is over before it has used its CPU time has no verdict', () => {
  const world = createWorld();
  const sleeps = (question: Question) => {
    if (question.op === 'auditThis') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 90);
    return world.answer(question);
  };
  const body = "executeStep(1); auditThis('x'); for (let i = 0, sum = 0; ; i++) sum += Math.sqrt(i);";
  expect(ending(play(bundle(login(body)), [], { ...patient, turnWallMs: 60 }, sleeps))).toBe('busy');
});
