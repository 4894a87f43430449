import { expect } from 'vitest';
import { defaultLimits } from '../../../sandbox/protocol.ts';
import { afterStep1 } from '../knowledge.ts';
import { type Cases, login, plain } from './case.ts';

/** Libraries of 95 kB, each of which requires the next. */
export const longOnes = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    name: i === 0 ? 'long' : `long${i}`,
    version: 1,
    source: `${i + 1 < count ? `require('long${i + 1}');` : ''}//`.padEnd(95_000, 'x'),
  }));

/** A script and its libraries as a whole. */
export const text = {
  SCRIPT_SYNTAX: {
    has: [
      [
        'a bracket missing',
        ['var onLoginRequest = function (context) {\n  executeStep(1;\n};', plain],
        ';',
        { line: 2, column: 16 },
      ],
      ['modules', ["import x from 'y';", plain], 'i', { line: 1, column: 1 }],
      ['await at the top', ['await x;', plain], 'x', { line: 1 }],
    ],
    nearly: [['sloppy mode', [login('with (context) {} undeclared = 010; delete context.x;'), plain]]],
  },
  SCRIPT_TOO_LONG: {
    has: [['one byte too many', [`${login('')}//`.padEnd(defaultLimits.scriptBytes + 1, 'x'), plain], null, {}]],
    nearly: [['as long as may be', [`${login('')}//`.padEnd(defaultLimits.scriptBytes, 'x'), plain]]],
  },
  SCRIPT_TOO_DEEP: {
    has: [
      ['a sum', [login(`var x = ${'1+'.repeat(600)}1;`), plain], `${'1+'.repeat(106)}1`, { line: 1 }],
      ['lists', [`${'['.repeat(510)}${']'.repeat(510)}`, plain], `${'['.repeat(11)}${']'.repeat(11)}`, { line: 1 }],
    ],
    nearly: [['a long sum', [login(`var x = ${'1+'.repeat(200)}1;`), plain]]],
  },
  LIBRARIES_TOO_LONG: {
    has: [['six long ones', [login("require('long');"), { ...plain, libraries: longOnes(6) }], null, {}]],
    nearly: [
      ['two long ones', [login("require('long');"), { ...plain, libraries: longOnes(2) }]],
      ['six of which one is required', [login("require('long5');"), { ...plain, libraries: longOnes(6) }]],
    ],
  },
  NO_ENTRY: {
    has: [
      [
        'nothing',
        ['executeStep(1); executeStep(2);', plain],
        null,
        { line: null, mend: expect.stringContaining('onLoginRequest') },
      ],
      ['another name', ['function onLogin() { executeStep(1); executeStep(2); }', plain], null, { line: null }],
      [
        'let makes no global',
        ['let onLoginRequest = function () { executeStep(1); executeStep(2); };', plain],
        'onLoginRequest = function () { executeStep(1); executeStep(2); }',
        { line: 1, column: 5 },
      ],
      [
        'no function',
        ["var onLoginRequest = 'x'; executeStep(1); executeStep(2);", plain],
        "'x'",
        { line: 1, column: 22 },
      ],
      ['assigned no function', ["onLoginRequest = 'x'; executeStep(1); executeStep(2);", plain], "'x'", { line: 1 }],
      [
        'within another function',
        ['function f() { function onLoginRequest() { executeStep(1); executeStep(2); } }', plain],
        null,
        {},
      ],
      ['switched on, and no script', [null, { ...plain, scriptEnabled: true }], null, { line: null }],
    ],
    nearly: [
      ['a declaration', ['function onLoginRequest(context) { executeStep(1); executeStep(2); }', plain]],
      ['an arrow', ['var onLoginRequest = (context) => { executeStep(1); executeStep(2); };', plain]],
      ['by name', ['function login() { executeStep(1); executeStep(2); } var onLoginRequest = login;', plain]],
      ['assigned', ['onLoginRequest = function () { executeStep(1); executeStep(2); };', plain]],
      [
        'made by a call',
        ['function make() { return () => { executeStep(1); executeStep(2); }; } var onLoginRequest = make();', plain],
      ],
      ['no script', [null, plain]],
    ],
  },
  UNREACHABLE_STEP: {
    has: [['never named', [afterStep1(''), plain], '/steps/1', { path: '/steps/1', line: null }]],
    nearly: [
      ['a number that is worked out', [afterStep1('executeStep(context.next);'), plain]],
      ['a function of the script’s own', [`function executeStep() {} ${afterStep1('')}`, plain]],
      ['the function handed on', [afterStep1('[2].forEach(executeStep);'), plain]],
      ['no script', [null, plain]],
      ['switched off', [afterStep1(''), { ...plain, scriptEnabled: false }]],
    ],
  },
} satisfies Partial<Cases>;
