import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findingCodes } from '../../src/validator/finding.ts';
import { findingsOf, steps } from './knowledge.ts';

const pieces = [
  'var onLoginRequest = function (context) {',
  '};',
  '}',
  '{',
  '(',
  ')',
  'executeStep(',
  'executeStep(1, {',
  'onSuccess: function (context) {',
  "if (context.steps[1].idp == 'LOCAL')",
  'else',
  'executeStep(2);',
  'executeStep(2)',
  '1',
  "'LOCAL'",
  ',',
  ';',
  'return',
  'while (true)',
  'for (;;)',
  'switch (context.steps[1].idp) {',
  "case 'LOCAL':",
  'break;',
  'try {',
  '} catch (e) {',
  'fail();',
  'onLoginRequest(context);',
  'function f() {',
  'f();',
  '=>',
  '`${',
  '/a/',
  '//',
  '/*',
  '\u2028',
  '\u0000',
  '\ud800',
  '__proto__: {',
  'constructor(',
  '&&',
  '!',
  '?.',
];

test('whatever the text, the answer is a list of findings', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(' ')),
  );
  fc.assert(
    fc.property(text, fc.boolean(), (script, scriptEnabled) => {
      for (const finding of findingsOf(script, { scriptEnabled })) {
        expect(findingCodes).toHaveProperty(finding.code);
        expect(finding.message.length).toBeLessThan(2000);
      }
    }),
    { numRuns: 1000 },
  );
});

const nested = (open: string, middle: string, close: string, times: number) =>
  open.repeat(times) + middle + close.repeat(times);

test.each([
  ['brackets', nested('(', '1', ')', 45_000)],
  ['arrays', nested('[', '', ']', 45_000)],
  ['blocks', nested('{', '', '}', 45_000)],
  ['functions', nested('(function(){', '', '})()', 5000)],
  ['arrows', `x=${'a=>'.repeat(25_000)}1`],
  ['not', `${'!'.repeat(90_000)}1`],
  ['sums', `${'1+'.repeat(45_000)}1`],
  ['members', `a${'.a'.repeat(45_000)}`],
  ['calls', `a${'()'.repeat(45_000)}`],
  ['else if', `${'if(a);else '.repeat(8000)};`],
  ['conditions', `${'a?b:'.repeat(20_000)}c`],
  ['templates', nested('`${', '1', '}`', 20_000)],
  ['new', `${'new '.repeat(20_000)}a`],
  ['patterns', `var ${nested('[', 'a', ']', 40_000)} = 1`],
  ['labels', Array.from({ length: 10_000 }, (_, i) => `l${i}:`).join('')],
  ['assertions', `/${nested('(?=', 'a', ')', 20_000)}/`],
  ['groups that do not end', `/${'(?:(?<a>'.repeat(10_000)}/`],
  ['regular expressions', `/${nested('(', 'a', ')', 40_000)}/`],
])('deep nesting of %s ends', (_name, script) => {
  expect(Array.isArray(findingsOf(script.slice(0, 99_000)))).toBe(true);
});

const many = (times: number, make: (i: number) => string) =>
  Array.from({ length: times }, (_, i) => make(i)).join('\n');
const fork = (i: number) => `if (Math.random() > 0.${i}) { executeStep(1); } else { executeStep(2); }`;

test.each([
  [
    'functions that call the next one twice',
    `${many(400, (i) => `function f${i}() { f${i + 1}(); f${i + 1}(); }`)} function f400() { executeStep(2); }`,
  ],
  [
    'functions that all call each other',
    many(40, (i) => `function f${i}() { ${many(40, (j) => `f${j}();`)} executeStep(${1 + (i % 2)}); }`),
  ],
  ['loops in loops', `${'for (;;) { '.repeat(60)} executeStep(2); ${'}'.repeat(60)}`],
  ['forks after forks', many(900, fork)],
  [
    'callbacks in callbacks',
    `${'executeStep(1, { onSuccess: function () { '.repeat(80)} executeStep(2); ${'} });'.repeat(80)}`,
  ],
])('a script of many ways ends, and warns: %s', (_name, body) => {
  const script = `var onLoginRequest = function (context) {\nexecuteStep(1);\n${body}\nexecuteStep(2);\n};`;
  const found = findingsOf(script, { steps });
  expect(found.map(({ code }) => code)).toContain('ACCOUNT_REQUIRED');
});
