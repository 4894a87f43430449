import { expect, it } from 'vitest';
import { defaultLimits, noUsage, nowhere, type SaidLine } from '../../sandbox/protocol.ts';
import { describeKeptUsage, describeUsage } from '../../src/lab/describe-end.ts';
import type { JournalEntry } from '../../src/login/journal.ts';

/** What was used of each limit, against figures that no clock has a part in. */

const entry = (op: string, answer: object, cpuUs: number | null): JournalEntry => ({
  ...{ op, args: '[]', answer: JSON.stringify(answer), at: 0, cpuUs },
  ...nowhere,
});
const journal = [
  entry('start', {}, 1500),
  entry('step', {}, 2504),
  entry('httpGet', { tookMs: 40 }, 1000),
  entry('hasRole', true as never, null),
  entry('httpPost', { tookMs: 2 }, null),
];
const said: SaidLine[] = ['a', '€€'].map((text, ordinal) => ({ after: 1, ordinal, level: 'info', text, ...nowhere }));
const script = '// €';

const usage = {
  ...noUsage,
  turns: journal.flatMap(({ cpuUs }, seq) => (cpuUs == null ? [] : [{ seq, cpuUs }])),
  turnWallMs: 7.256,
  heapBytes: 9,
  queued: 3,
  logLines: 2,
  logLinesLeftOut: 5,
  argumentBytes: 11,
};

it('of a play: the longest turn, all turns, and everything else as it was counted', () => {
  const described = describeUsage({ usage, said }, { limits: defaultLimits, journal, script });
  expect(Object.fromEntries(Object.entries(described).map(([name, { used }]) => [name, used]))).toEqual({
    turnCpuMs: 2.5,
    cpuMs: 5,
    turnWallMs: 7.26,
    callMs: 42,
    heapBytes: 9,
    scriptBytes: 6,
    journalEntries: 5,
    queue: 3,
    argumentBytes: 11,
    logLines: 7,
    logLineBytes: 6,
  });
});

it('of a sign-in that was played long ago: from what is kept, and null for what is not', () => {
  const login = { createdAt: 1000, expiresAt: 601_000, endedAt: 3500 };
  const of = { limits: defaultLimits, journal, said, script, now: 9000 };
  const { loginMs, ...described } = describeKeptUsage(login, of);
  expect(Object.fromEntries(Object.entries(described).map(([name, { used }]) => [name, used]))).toEqual({
    turnCpuMs: 2.5,
    cpuMs: 5,
    turnWallMs: null,
    callMs: 42,
    heapBytes: null,
    scriptBytes: 6,
    journalEntries: 5,
    queue: null,
    argumentBytes: null,
    logLines: 2,
    logLineBytes: 6,
  });
  expect(loginMs).toEqual({ used: 2500, limit: 600_000 });
  expect(describeKeptUsage({ ...login, endedAt: null }, of).loginMs.used).toBe(8000);
});
