import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Scripts that use up time, each in another way. */

const arena = openArena();
const spent = ['SCRIPT_TIMEOUT'];

describe('time is used up by', () => {
  arena.table([
    { it: 'a loop', script: login('executeStep(1); for (;;);'), ends: spent },
    {
      it: 'a loop at the top level',
      script: 'while (true) {} function onLoginRequest() { executeStep(1); }',
      ends: spent,
    },
    {
      it: 'a loop that catches and goes on in finally',
      script: login('executeStep(1); for (;;) { try { for (;;); } catch (e) {} finally { for (;;); } }'),
      ends: spent,
    },
    { it: 'a regular expression', script: login("executeStep(1); /^(a+)+$/.test('a'.repeat(40) + 'b');"), ends: spent },
    {
      it: 'a big number',
      script: login('executeStep(1); let n = 3n; for (;;) n *= n;'),
      ends: [...spent, 'SCRIPT_MEMORY', 'SCRIPT_ERROR'],
    },
    {
      it: 'sorting a list whose length is a lie',
      script: login('executeStep(1); Array.prototype.sort.call({ length: 2 ** 31 });'),
      ends: 'SCRIPT_MEMORY',
    },
    {
      it: 'looking in a list whose length is a lie',
      script: login('executeStep(1); Array.prototype.includes.call({ length: 2 ** 53 }, 1);'),
      ends: spent,
    },
    {
      it: 'a text in a text',
      script: login("executeStep(1); const a = 'a'.repeat(2 ** 20); for (;;) (a + 'b' + a).lastIndexOf(a + 'c');"),
      ends: spent,
    },
    {
      it: 'an iterator without end, spread',
      script: login(
        'executeStep(1); const it = { [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) }; Math.max(...it);',
      ),
      ends: [...spent, 'SCRIPT_MEMORY'],
    },
    {
      it: 'a getter that JSON reads without end',
      script: login(
        'const o = { get a() { return { get b() { return o; } }; } }; for (;;) try { JSON.stringify(o); } catch (e) {}',
      ),
      ends: spent,
    },
    {
      it: 'a callback of a later turn, after a step was passed',
      script: login('executeStep(1, { onSuccess: () => { for (;;); } });'),
      ends: spent,
    },
  ]);
});
