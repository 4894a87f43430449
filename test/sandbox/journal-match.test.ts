import { describe, expect, it } from 'vitest';
import { play } from '../../sandbox/play.ts';
import type { Entry } from '../../sandbox/protocol.ts';
import { bundle, ending, login, nobody, order, patient, playWhole } from './world.ts';

/** J4 and J11: a journal is played again letter for letter, and what it says was spent is not spent again. */

const recorded = `executeStep(1, { onSuccess: () => { auditThis('x'); executeStep(2); } });`;
const step = (...args: unknown[]) => ({ op: 'step', args: JSON.stringify(args) });
const audit = { op: 'auditThis', args: '["x"]' };

describe('Played against the journal of another script', () => {
  it.each([
    ['another step', 'executeStep(2);', step(1, null), step(2, null)],
    [
      'the same step with other options',
      'executeStep(1, { stepOptions: {} });',
      step(1, null),
      step(1, { stepOptions: {} }),
    ],
    ['another way to write the step', "executeStep('1');", step(1, null), step('1', null)],
    ['a step in place of a call', 'executeStep(1, { onSuccess: () => executeStep(2) });', audit, step(2, null)],
    [
      'another call with the same arguments',
      `executeStep(1, { onSuccess: (context) => { hasRole('x'); executeStep(2); } });`,
      audit,
      { op: 'hasRole', args: '["x"]' },
    ],
    [
      'nothing more where the journal goes on',
      `executeStep(1, { onSuccess: () => { auditThis('x'); } });`,
      step(2, null),
      null,
    ],
    ['nothing at all', '', step(1, null), null],
    ['a verdict of its own', 'fail();', step(1, null), null],
    ['an error', 'throw 1;', step(1, null), null],
  ])('%s ends the login, and both are told', (_what, script, journal, told) => {
    const kept = playWhole(login(recorded)).journal;
    const length = kept.length;
    expect(play(bundle(login(script)), kept, patient, nobody)).toMatchObject({
      kind: 'differs',
      journal,
      script: told,
    });
    expect(kept).toHaveLength(length);
  });
});

describe('CPU time that the journal says was spent', () => {
  const spent = (cpuUs: number): Entry[] => playWhole(login(recorded)).journal.map((entry) => ({ ...entry, cpuUs }));
  const limits = { ...patient, loginCpuMs: 1000 };

  it.each([
    [500_000, 'waits'],
    [1_001_000, 'SCRIPT_LOGIN_TIMEOUT'],
  ])('%i µs of an earlier turn count for the login where the next one is new', (cpuUs, end) => {
    const script = login('executeStep(1, { onSuccess: () => executeStep(2) });');
    const [start, first] = playWhole(script).journal;
    const journal = [{ ...start!, cpuUs }, first!];
    expect(ending(play(bundle(script), journal, limits, nobody))).toBe(end);
  });

  it('is not charged again to a replay, however slow it was', () => {
    const journal = spent(5_000_000);
    const result = play(bundle(login(recorded)), journal, { ...limits, turnCpuMs: 1 }, nobody);
    expect([ending(result), order(journal), result.usage.turns]).toEqual(['success', '1 2', []]);
  });
});
