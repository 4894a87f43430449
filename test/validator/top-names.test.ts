import { expect, it } from 'vitest';
import { listTopNames } from '../../src/validator/top-names.ts';

it.each([
  ['var and functions, which are properties of the global object', 'var a = 1; function f() {} b = 2;', []],
  ['let, const and class', 'let a, b = 1; const c = 2; class D {}', ['a', 'b', 'c', 'D']],
  ['patterns', 'let { a, b: [c, , d = 1], ...e } = {}; const [f, ...g] = [];', ['a', 'c', 'd', 'e', 'f', 'g']],
  ['names within functions and blocks', 'function f() { let a; } { const b = 1; } if (1) { class C {} }', []],
  ['a text that cannot be parsed', 'let a = ;', []],
])('%s', (_what, script, names) => {
  expect(listTopNames(script)).toEqual(names);
});

it('a script as long as the server allows has its names, too', () => {
  const script = 'let a;'.padEnd(150_000);
  expect([listTopNames(script), listTopNames(script, 150_000)]).toEqual([[], ['a']]);
});
