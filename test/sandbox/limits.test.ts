import { expect, it } from 'vitest';
import { play } from '../../sandbox/play.ts';
import { defaultLimits, type Limits } from '../../sandbox/protocol.ts';
import { ending, lines, login, nobody, type Played, patient, playWhole } from './world.ts';

/** Work for many ticks of any clock that counts CPU time. */
const computing = 'let sum = 0; for (let i = 0; i < 1e7; i++) sum += Math.sqrt(i); Log.info(sum);';

/** Each limit ends a script with a code of its own, and the same script ends well within it. */
it.each<[keyof Limits, number, string, string]>([
  ['turnCpuMs', 1, `${computing} executeStep(1);`, 'SCRIPT_TIMEOUT'],
  ['loginCpuMs', 1, `${computing} executeStep(1);`, 'SCRIPT_LOGIN_TIMEOUT'],
  ['scriptBytes', 60, `executeStep(1); // ${'€'.repeat(20)}`, 'SCRIPT_TOO_LONG'],
  ['queue', 3, 'for (let i = 0; i < 4; i++) executeStep(1);', 'SCRIPT_QUEUE'],
  ['entries', 3, "for (let i = 0; i < 4; i++) hasRole(null, 'r'); executeStep(1);", 'SCRIPT_LIMIT'],
  [
    'argumentBytes',
    200,
    "hasRole(null, 'x'.repeat(150)); hasRole(null, 'x'.repeat(150)); executeStep(1);",
    'SCRIPT_DATA',
  ],
  ['argumentBytes', 300, "context.endpointParams.long = 'x'.repeat(400); executeStep(1);", 'SCRIPT_DATA'],
])('%s of %i', (limit, value, body, code) => {
  expect(ending(playWhole(login(body)).result)).toBe('success');
  const { result } = playWhole(login(body), [], { ...patient, [limit]: value });
  expect(ending(result)).toBe(code);
  expect(limitOf(result)).toEqual({ name: limit, used: expect.any(Number), allowed: value });
  expect(limitOf(result)!.used).toBeGreaterThan(value);
});

it('as many entries as may be are allowed, and one more is not', () => {
  const script = login("hasRole(null, 'r'); executeStep(1);");
  const under = (entries: number) => playWhole(script, [], { ...patient, entries });
  expect([ending(under(3).result), under(3).journal.length]).toEqual(['success', 3]);
  expect([ending(under(2).result), under(2).journal.length]).toEqual(['SCRIPT_LIMIT', 2]);
  expect(limitOf(under(2).result)).toEqual({ name: 'entries', used: 3, allowed: 2 });
});

it('a script is measured in bytes of UTF-8, and its log lines are no data of its calls', () => {
  const script = login(`executeStep(1); // ${'€'.repeat(20)}`);
  const under = (scriptBytes: number) => ending(playWhole(script, [], { ...patient, scriptBytes }).result);
  expect([under(script.length + 40), under(script.length + 39)]).toEqual(['success', 'SCRIPT_TOO_LONG']);
  const talks = login("for (let i = 0; i < 9; i++) Log.info('x'.repeat(100)); executeStep(1);");
  expect(ending(playWhole(talks, [], { ...patient, argumentBytes: 300 }).result)).toBe('success');
});

it('a turn that is played again is charged no more, whatever it takes', () => {
  const { bundle, journal } = playWhole(login(`${computing} executeStep(1);`));
  const kept = journal.map((entry, seq) => ({ ...entry, cpuUs: seq === 0 ? 900 : null }));
  const again = (cpuUs: number | null) =>
    play(bundle, [{ ...kept[0]!, cpuUs }, ...kept.slice(1)], { ...patient, turnCpuMs: 1, loginCpuMs: 1 }, nobody);
  expect(ending(again(null))).toBe('SCRIPT_TIMEOUT');
  expect(ending(again(900))).toBe('success');
  expect(again(900).usage.turns).toEqual([]);
});

it('what a sign-in has used before counts in its next turn', () => {
  const { bundle, journal } = playWhole(login(`executeStep(1, { onSuccess: () => { ${computing} } });`));
  const before = (cpuUs: number) => [{ ...journal[0]!, cpuUs }, ...journal.slice(1)];
  const limits = { ...patient, loginCpuMs: 10_000 };
  expect(ending(play(bundle, before(1000), limits, nobody))).toBe('success');
  const result = play(bundle, before(10_000_000), limits, nobody);
  expect(ending(result)).toBe('SCRIPT_LOGIN_TIMEOUT');
  expect(limitOf(result)).toMatchObject({ name: 'loginCpuMs', allowed: 10_000 });
});

function limitOf(result: Played['result']) {
  return result.kind === 'ends' && result.verdict.result === 'error' ? result.verdict.limit : undefined;
}

it('a fault that is no limit names none', () => {
  for (const body of ['null.x;', 'executeStep(9);', 'return new Promise(() => {});'])
    expect(limitOf(playWhole(login(body)).result)).toBeUndefined();
});

it('log lines beyond their number are left out and counted, and beyond their length cut, and the sign-in goes on', () => {
  const script = login("for (let i = 0; i < 5; i++) Log.info('€'.repeat(100)); executeStep(1);");
  const { result } = playWhole(script, [], { ...patient, logLines: 2, logLineBytes: 90 });
  expect(ending(result)).toBe('success');
  expect(lines(result)).toEqual([
    ...Array(2).fill(`${'€'.repeat(29)}…`),
    '3 more log lines were left out: a sign-in keeps 2.',
  ]);
  expect(result.usage).toMatchObject({ logLines: 2, logLinesLeftOut: 3 });
});

it('the note of lines that were left out comes once, at the end, whatever the turns in between', () => {
  const script = login(`Log.info(1); Log.info(2); Log.info(3);
    executeStep(1, { onSuccess: () => { Log.info(4); executeStep(2, { onSuccess: () => Log.info(5) }); } });`);
  const limits = { ...patient, logLines: 2 };
  const { result, journal, bundle } = playWhole(script, [], limits);
  expect(lines(result)).toEqual(['1', '2', '3 more log lines were left out: a sign-in keeps 2.']);
  for (let n = 1; n < journal.length; n++)
    expect(lines(play(bundle, journal.slice(0, n), limits, nobody))).toEqual(['1', '2']);
});

it('at most as many calls as ever waited at once are told', () => {
  const { result } = playWhole(
    login('executeStep(1, { onSuccess: () => executeStep(2) }); executeStep(1); executeStep(1);'),
  );
  expect(result.usage).toMatchObject({ queued: 3 });
  expect(result.usage.queued).toBeLessThan(defaultLimits.queue);
});

it('memory: what is within the limit goes on, and what is not ends the sign-in, also where the script catches', () => {
  const script = (mebibytes: number) =>
    login(`const kept = [];
      try { for (let i = 0; i < ${mebibytes}; i++) kept.push(new Array(2 ** 17).fill(i + 0.5)); } catch (e) {}
      executeStep(1);`);
  expect(ending(playWhole(script(4)).result)).toBe('success');
  const { result, journal } = playWhole(script(48));
  expect(ending(result)).toBe('SCRIPT_MEMORY');
  expect(limitOf(result)).toEqual({ name: 'memoryMiB', used: null, allowed: patient.memoryMiB });
  expect(journal.map(({ op }) => op)).toEqual(['start']);
});

it('the first turn is the top level and onLoginRequest together', () => {
  const { result } = playWhole(`${computing}\n${login('')}`);
  const [first, ...others] = result.usage.turns;
  expect(first).toEqual({ seq: 0, cpuUs: expect.any(Number) });
  expect(first!.cpuUs).toBeGreaterThan(2000);
  expect(others).toEqual([]);
});
