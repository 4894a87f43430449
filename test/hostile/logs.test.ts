import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../sandbox/protocol.ts';
import { lines, login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Scripts that log too much, or what is no text. */

const arena = openArena();

describe('a script logs', () => {
  arena.table([
    { it: 'without end', script: login("executeStep(1); for (;;) Log.info('x');"), ends: 'SCRIPT_TIMEOUT' },
    {
      it: 'while what it logs is read',
      script: login("executeStep(1); Log.info({ toJSON() { Log.warn('within'); return 'without'; } });"),
      ends: 'success',
      logs: ['within', '"without"'],
    },
    {
      it: 'what throws when it is shown',
      script: login(
        `executeStep(1); Log.info({ toJSON() { throw 1; }, toString() { throw 2; } }, Symbol('s'), null, undefined);`,
      ),
      ends: 'success',
      logs: ['[something that cannot be shown] Symbol(s) null undefined'],
    },
    {
      it: 'a forged line, colours and marks of direction, which stay one text',
      script: login(`executeStep(1); Log.info('a\\r\\n{"level":50}\\u001b[31m\\u0000\\u202e');`),
      ends: 'success',
      logs: ['a\r\n{"level":50}\u001b[31m\u0000\u202e'],
    },
    {
      it: 'more values than a call takes',
      script: login('executeStep(1); Log.info.apply(null, { length: 1e6 });'),
      ends: ['success', 'SCRIPT_ERROR', 'SCRIPT_TIMEOUT', 'SCRIPT_MEMORY'],
    },
  ]);

  it('so many lines that the last are left out, each no longer than it may be', async () => {
    const script = login(`executeStep(1); for (let i = 0; i < 300; i++) Log.info('\\u{1f600}'.repeat(2000), i);`);
    const { result } = await arena.attack({ script, limits: { turnCpuMs: 500 }, ends: ['success', 'SCRIPT_TIMEOUT'] });
    const written = lines(result);
    expect(written.pop()).toBe(`100 more log lines were left out: a sign-in keeps ${defaultLimits.logLines}.`);
    expect(written.length).toBe(defaultLimits.logLines);
    for (const line of written) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(defaultLimits.logLineBytes);
      expect(line).toMatch(/^(\u{1f600})+…$/u);
    }
  });
});
