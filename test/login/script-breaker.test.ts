import { describe, expect, it } from 'vitest';
import { emptyResult } from '../../sandbox/pool.ts';
import type { FailureCode } from '../../sandbox/protocol.ts';
import { errors } from '../../src/kernel/errors.ts';
import type { ApplicationId } from '../../src/kernel/ids.ts';
import { breakerDefaults, type Course, courseOf, createScriptBreaker } from '../../src/login/script-breaker.ts';

/** Three broken plays within ten seconds; then a rest of five. */
function start() {
  let now = 1_000_000;
  const breaker = createScriptBreaker({ clock: { now: () => now }, failures: 3, windowMs: 10_000, restMs: 5000 });
  const payroll = { applicationId: 'app_payroll' as ApplicationId, version: 1 };
  return {
    breaker,
    payroll,
    wait(milliseconds: number) {
      now += milliseconds;
    },
    /** Tells of plays one after another: `admitted`, `refused`, or `opens` where the play made the version refused. */
    plays(courses: Course[], of = payroll): string[] {
      return courses.map((course) => {
        if (!breaker.admit(of)) return 'refused';
        return breaker.record(of, course) ? 'opens' : 'admitted';
      });
    },
  };
}

describe('a version', () => {
  it.each<[string, Course[], string[]]>([
    ['is played as long as it runs', ['ran', 'ran', 'ran', 'ran'], ['admitted', 'admitted', 'admitted', 'admitted']],
    ['may break twice', ['broken', 'broken', 'ran'], ['admitted', 'admitted', 'admitted']],
    [
      'is refused after the third time',
      ['broken', 'broken', 'broken', 'ran'],
      ['admitted', 'admitted', 'opens', 'refused'],
    ],
    [
      'is not excused by plays between',
      ['broken', 'ran', 'broken', 'ran', 'broken'],
      ['admitted', 'admitted', 'admitted', 'admitted', 'opens'],
    ],
    [
      'is not blamed for a busy machine',
      ['untold', 'untold', 'untold', 'untold'],
      ['admitted', 'admitted', 'admitted', 'admitted'],
    ],
  ])('%s', (_it, courses, become) => {
    expect(start().plays(courses)).toEqual(become);
  });

  it('may break now and then', () => {
    const { plays, wait } = start();
    for (let i = 0; i < 6; i++) {
      expect(plays(['broken'])).toEqual(['admitted']);
      wait(5001);
    }
  });

  it('does not stop another version, or another application', () => {
    const { plays, payroll } = start();
    expect(plays(['broken', 'broken', 'broken', 'ran']).at(-1)).toBe('refused');
    expect(plays(['ran'], { ...payroll, version: 2 })).toEqual(['admitted']);
    expect(plays(['ran'], { ...payroll, applicationId: 'app_wiki' as ApplicationId })).toEqual(['admitted']);
  });
});

describe('after its rest a refused version', () => {
  function rested() {
    const world = start();
    world.plays(['broken', 'broken', 'broken']);
    world.wait(4999);
    expect(world.plays(['ran'])).toEqual(['refused']);
    world.wait(1);
    return world;
  }

  it('is played as before once a trial has run', () => {
    const { plays } = rested();
    expect(plays(['ran', 'broken', 'broken', 'broken'])).toEqual(['admitted', 'admitted', 'admitted', 'opens']);
  });

  it('rests again when the trial breaks, and tells nobody a second time', () => {
    const { plays, wait } = rested();
    expect(plays(['broken', 'ran'])).toEqual(['admitted', 'refused']);
    wait(5000);
    expect(plays(['ran', 'ran'])).toEqual(['admitted', 'admitted']);
  });

  it('is tried by the next one when a busy machine told nothing', () => {
    expect(rested().plays(['untold', 'ran', 'ran'])).toEqual(['admitted', 'admitted', 'admitted']);
  });

  it('is tried by one play at a time', () => {
    const { breaker, payroll } = rested();
    expect([breaker.admit(payroll), breaker.admit(payroll)]).toEqual([true, false]);
    expect(breaker.record(payroll, 'ran')).toBe(false);
    expect([breaker.admit(payroll), breaker.admit(payroll)]).toEqual([true, true]);
  });
});

it('plays that were on the way when their version was refused change nothing', () => {
  const { breaker, payroll, plays } = start();
  expect([breaker.admit(payroll), breaker.admit(payroll)]).toEqual([true, true]);
  plays(['broken', 'broken', 'broken']);
  expect([breaker.record(payroll, 'broken'), breaker.record(payroll, 'ran')]).toEqual([false, false]);
  expect(plays(['ran'])).toEqual(['refused']);
});

it('by default five broken plays in a minute rest a version for half a minute', () => {
  expect(breakerDefaults).toEqual({ failures: 5, windowMs: 60_000, restMs: 30_000 });
});

describe('what a play says of its script', () => {
  const place = { line: null, column: null };
  const codes = Object.keys(errors).filter((code) => code.startsWith('SCRIPT_') && code !== 'SCRIPT_DIFFERS');
  const broken = ['SCRIPT_TIMEOUT', 'SCRIPT_WALL_TIMEOUT', 'SCRIPT_LOGIN_TIMEOUT', 'SCRIPT_MEMORY'];

  it.each(codes)('%s', (code) => {
    const verdict = { result: 'error' as const, code: code as FailureCode, message: '', ...place };
    expect(courseOf(emptyResult({ kind: 'ends', verdict }))).toBe(broken.includes(code) ? 'broken' : 'ran');
  });

  it('a success or a refusal: it ran; a busy machine: nothing', () => {
    expect(courseOf(emptyResult({ kind: 'ends', verdict: { result: 'success' } }))).toBe('ran');
    const refused = { result: 'failure' as const, by: 'fail' as const, info: null, ...place };
    expect(courseOf(emptyResult({ kind: 'ends', verdict: refused }))).toBe('ran');
    expect(courseOf(emptyResult({ kind: 'busy' }))).toBe('untold');
  });
});
