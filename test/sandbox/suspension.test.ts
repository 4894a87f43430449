import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createPool, type Pool } from '../../sandbox/pool.ts';
import type { Bundle, Entry, PlayResult, Question } from '../../sandbox/protocol.ts';
import { program } from './programs.ts';
import { bundle, createWorld, essence, patient, playWhole } from './world.ts';

/*
 * Suspension is invisible: wherever a login waits, and whatever becomes of its sandbox meanwhile, the script comes to the
 * same journal, state, log and end as in one go.
 */

/** What happens when the script asks for a step, a prompt or a call: an answer at once, or a wait, and then who plays on. */
type Pause = 'none' | 'the same child' | 'a fresh child' | 'a restart' | 'another node';

let pool = createPool({ size: 1, queue: 10 });
/** Of another node, that has played none of the turns before; what both know is what is stored. */
let elsewhere = createPool({ size: 1, queue: 10 });
afterAll(() => Promise.all([pool.close(), elsewhere.close()]));

async function leaveTo(pause: Pause): Promise<void> {
  if (pause === 'a fresh child') process.kill(pool.pids[0]!, 'SIGKILL');
  if (pause === 'another node') [pool, elsewhere] = [elsewhere, pool];
  if (pause === 'a restart') {
    await pool.close();
    pool = createPool({ size: 1, queue: 10 });
  }
}

/** Plays with these pauses, one after another (the last holds for the rest), as a server does that stores the journal. */
async function playWithPauses(
  made: Bundle,
  happens: Parameters<typeof createWorld>[0],
  pauses: readonly Pause[],
): Promise<{ result: PlayResult; journal: Entry[] }> {
  const world = createWorld(happens);
  let journal: Entry[] = [];
  let paused = 0;
  const write = (question: Question) => {
    const reply = world.answer(question);
    if ('answer' in reply) journal.push({ op: question.op, args: question.args, answer: reply.answer });
    return reply;
  };
  for (;;) {
    let pause: Pause = 'none';
    const result = await play(pool, made, journal, async (question) => {
      if (!question.scheduled) return write(question);
      pause = pauses[Math.min(paused++, pauses.length - 1)]!;
      return pause === 'none' ? write(question) : { wait: true };
    });
    if (result.kind !== 'waits') return { result, journal };
    write(result.question);
    journal = JSON.parse(JSON.stringify(journal));
    await leaveTo(pause);
  }
}

/** A play that was ended with its child says nothing yet, and is made again. */
async function play(of: Pool, ...[made, journal, answer]: [Bundle, Entry[], Parameters<Pool['play']>[3]]) {
  for (;;) {
    const result = await of.play(made, journal, patient, answer);
    if (result.kind !== 'busy') return result;
  }
}

const pause = fc.constantFrom<Pause>(
  'none',
  'none',
  'the same child',
  'the same child',
  'a fresh child',
  'a restart',
  'another node',
  'another node',
);

test('random scripts, suspended anywhere, come to the same journal and the same end', async () => {
  const runs = Number(process.env['SUSPENSION_RUNS'] ?? 40);
  await fc.assert(
    fc.asyncProperty(program, fc.array(pause, { minLength: 1, maxLength: 6 }), async ({ script, happens }, pauses) => {
      const whole = playWhole(script, happens);
      const parts = await playWithPauses(bundle(script), happens, pauses);
      const asked = ({ op, args, answer }: Entry) => ({ op, args, answer });
      expect(parts.journal.map(asked)).toEqual(whole.journal.map(asked));
      expect(essence(parts.result)).toEqual(essence(whole.result));
    }),
    { numRuns: runs, seed: 20261127, endOnFailure: false },
  );
}, 120_000);

test('closures, classes, dates, maps, cycles, live people and implicit globals are what they were', async () => {
  const script = `
var kept = { at: new Date(), seen: new Map([['n', 1]]), tags: new Set(['x']) };
kept.self = kept;
class Counter { #n = 0; next() { return ++this.#n; } }
const counter = new Counter();
let person;
function onLoginRequest(context) {
  implicit = 'set in the first turn';
  const rolled = Math.random();
  executeStep(1, { onSuccess: function (context) {
    person = context.currentKnownSubject;
    kept.seen.set('n', kept.seen.get('n') + counter.next());
    executeStep(2, { onSuccess: function (context) {
      Log.info(kept.self === kept, kept.seen.get('n'), counter.next(), kept.tags.has('x'), implicit);
      Log.info(kept.at.toISOString(), new Date() - kept.at, typeof rolled);
      Log.info(person === context.steps[1].subject, person.username);
    } });
  } });
}`;
  const expected = ['true 2 2 true set in the first turn', '2001-09-09T01:46:40.000Z 2000 number', 'true ann'];
  for (const pauses of [['none'], ['the same child'], ['a fresh child'], ['a restart'], ['another node']] as const) {
    const { result } = await playWithPauses(bundle(script), [], pauses);
    expect(result.said.map(({ text }) => text)).toEqual(expected);
    expect(result).toMatchObject({ kind: 'ends', verdict: { result: 'success' } });
  }
});
