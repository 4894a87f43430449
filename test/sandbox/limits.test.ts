import { expect, it } from 'vitest';
import type { Limits } from '../../sandbox/protocol.ts';
import { ending, lines, login, patient, playWhole } from './world.ts';

/** Work for many ticks of any clock that counts CPU time. */
const computing = 'let sum = 0; for (let i = 0; i < 1e7; i++) sum += Math.sqrt(i); Log.info(sum);';

/** Each limit ends a script with a code of its own, and the same script ends well within it. */
it.each<[keyof Limits, number, string, string]>([
  ['turnCpuMs', 1, `${computing} executeStep(1);`, 'SCRIPT_TIMEOUT'],
  ['loginCpuMs', 1, `${computing} executeStep(1);`, 'SCRIPT_LOGIN_TIMEOUT'],
  ['scriptBytes', 60, `executeStep(1); // ${'€'.repeat(20)}`, 'SCRIPT_TOO_LONG'],
  ['entries', 3, "for (let i = 0; i < 4; i++) hasRole(null, 'r'); executeStep(1);", 'SCRIPT_LIMIT'],
  [
    'argumentBytes',
    200,
    "hasRole(null, 'x'.repeat(150)); hasRole(null, 'x'.repeat(150)); executeStep(1);",
    'SCRIPT_DATA',
  ],
])('%s of %i', (limit, value, body, code) => {
  expect(ending(playWhole(login(body)).result)).toBe('success');
  const { result } = playWhole(login(body), [], { ...patient, [limit]: value });
  expect(ending(result)).toBe(code);
});

it('log lines beyond their number are left out, and beyond their length cut, and the sign-in goes on', () => {
  const script = login("for (let i = 0; i < 5; i++) Log.info('€'.repeat(100)); executeStep(1);");
  const { result } = playWhole(script, [], { ...patient, logLines: 2, logLineBytes: 30 });
  expect(ending(result)).toBe('success');
  expect(lines(result)).toEqual(Array(2).fill(`${'€'.repeat(9)}…`));
});
