import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../../sandbox/protocol.ts';
import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { type FindingCode, findingCodes } from '../../src/validator/finding.ts';
import { validateFlow } from '../../src/validator/validate.ts';
import { validateLibrary } from '../../src/validator/validate-library.ts';
import { login, plain } from './cases/case.ts';
import { cases } from './cases/index.ts';
import { findingsOf, knowledge, readAt, stepsOf } from './knowledge.ts';

describe.each(Object.entries(cases) as [FindingCode, (typeof cases)[FindingCode]][])('%s', (code, { has, nearly }) => {
  test.each(has)('%s', (_why, of, at, like) => {
    const found = findingsOf(...of).filter((finding) => finding.code === code);
    expect(found).toContainEqual(expect.objectContaining({ severity: findingCodes[code].severity, ...like }));
    expect(found.map((finding) => readAt(finding, of[0]))).toEqual([at].flat());
  });
  test.each(nearly)('not: %s', (_why, of) => {
    expect(findingsOf(...of).filter((finding) => finding.code === code)).toEqual([]);
  });
});

test('a script that is switched off is checked, and stops nothing', () => {
  const broken = findingsOf('var onLoginRequest = ;', { ...plain, scriptEnabled: false });
  expect(broken).toMatchObject([{ code: 'SCRIPT_SYNTAX', severity: 'warning' }]);
  const wrong = findingsOf(login('executeStep(3);'), { ...plain, scriptEnabled: false });
  expect(wrong).toMatchObject([{ code: 'UNKNOWN_STEP', severity: 'warning' }]);
  const flow = { steps: stepsOf([{ idp: 'Gogle' }]), scriptEnabled: false };
  for (const script of ['var onLoginRequest = ;', login('')]) {
    const found = findingsOf(script, flow).filter(({ path }) => path !== undefined);
    expect(found).toMatchObject([{ code: 'UNKNOWN_CONNECTION', severity: 'error', path: '/steps/0/options/0' }]);
  }
});

test.each([
  ['brackets', `${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
  ['a sum', login(`var x = ${'1+'.repeat(30_000)}1;`)],
])('what exhausts whoever reads it is too deep, wherever that is: %s', (_what, script) => {
  expect(findingsOf(script, plain).map(({ code }) => code)).toEqual(['SCRIPT_TOO_DEEP']);
});

test('a server may allow more or less than the usual length, of a script and of its libraries', () => {
  const script = `${login("require('long');")}//`.padEnd(150_000, 'x');
  const flow = { ...plain, libraries: [{ name: 'long', version: 1, source: '//'.padEnd(120_000, 'x') }] };
  const codes = (maxScriptBytes: number) =>
    findingsOf(script, flow, { ...knowledge, maxScriptBytes }).map(({ code, message }) => [code, message]);
  expect(codes(150_000)).toEqual([]);
  expect(codes(149_999)).toEqual([['SCRIPT_TOO_LONG', 'The script has 150000 bytes; at most 149999 are taken.']]);
  const library = (maxScriptBytes: number) =>
    validateLibrary('//'.padEnd(120_000, 'x'), { ...knowledge, maxScriptBytes }).map(({ code }) => code);
  expect([library(120_000), library(119_999)]).toEqual([[], ['SCRIPT_TOO_LONG']]);
});

test('away from a server the names of connections are not checked', () => {
  const away = { ...knowledge, connections: null };
  const flow = { steps: stepsOf([{ idp: 'Anything' }]), script: null, scriptEnabled: false };
  expect(validateFlow(flow, away)).toEqual([]);
});

test('findings come in the order of the script', () => {
  const lines = findingsOf(login('\nexecuteStep(9);\nexectueStep(1);\nexecuteStep(8);'), plain).map(({ line }) => line);
  expect(lines).toEqual([2, 3, 4]);
});

const scripts = new URL('../../scripts/', import.meta.url);
const authenticators = localDefinitions.filter(({ unavailable }) => !unavailable);

test.each(readdirSync(scripts))('the shipped script %s has no findings', (name) => {
  const script = readFileSync(new URL(`${name}/script.js`, scripts), 'utf8');
  const { items: _, ...flow } = JSON.parse(readFileSync(new URL(`${name}/cases.json`, scripts), 'utf8'));
  expect(validateFlow({ ...flow, script, scriptEnabled: true }, { ...knowledge, authenticators })).toEqual([]);
});

describe('a script with libraries', () => {
  const library = (source: string, name = 'a') => [{ name, version: 1, source }];
  const codes = (body: string, source: string) =>
    findingsOf(`var onLoginRequest = function (context) { ${body} };`, { ...plain, libraries: library(source) }).map(
      ({ code }) => code,
    );

  test('a library may run the steps that the script does not name', () => {
    expect(codes("require('a')();", 'module.exports = function () { executeStep(1); executeStep(2); };')).toEqual([]);
    expect(codes("require('a')();", 'module.exports = function () {};')).toEqual([
      'UNREACHABLE_STEP',
      'UNREACHABLE_STEP',
    ]);
  });

  test('a name that is made while running may be that of any library', () => {
    const source = 'module.exports = function () { executeStep(1); executeStep(2); };';
    expect(codes('require(context.x)();', source)).toEqual([]);
    expect(codes('require(context.x)();', 'helper = function () {};')).toEqual([
      'UNREACHABLE_STEP',
      'UNREACHABLE_STEP',
    ]);
  });

  test('what a library assigns undeclared is defined', () => {
    const body = "require('a'); helper(); executeStep(1); executeStep(2);";
    expect(codes(body, 'helper = function () {};')).toEqual([]);
    expect(codes(body, 'var other = function () {};')).toEqual(['UNKNOWN_FUNCTION']);
  });

  test('what a library lacks is told at the require that leads to it', () => {
    const [finding] = findingsOf(login("require('a');"), { ...plain, libraries: library("\nrequire('b');") });
    expect(finding).toMatchObject({ code: 'UNKNOWN_LIBRARY', severity: 'error', line: 1, column: 83 });
    expect(finding?.message).toBe('Library «a», line 2: there is no script library «b».');
  });

  test.each([
    ['SCRIPT_SYNTAX', '\nexports.a = ;', 'Library «a», line 2: The library cannot be parsed: Unexpected token.'],
    ['UNKNOWN_TEMPLATE', "\nprompt('xyz', {});", 'Library «a», line 2: there is no prompt template «xyz».'],
    ['UNKNOWN_TEMPLATE', "sendEmail(u, 'xyz', {});", 'Library «a», line 1: there is no mail template «xyz».'],
  ])('%s of a library is told at the require that leads to it: %s', (code, source, message) => {
    const script = login("require('a');");
    const found = findingsOf(script, { ...plain, libraries: library(source) });
    expect(found).toMatchObject([{ code, severity: 'error', message }]);
    expect(found.map((finding) => readAt(finding, script))).toEqual(["'a'"]);
  });

  test('libraries that require each other are read once', () => {
    const libraries = [...library("require('b');"), ...library("require('a'); require('b.js');", 'b')];
    expect(findingsOf(login("require('a');"), { ...plain, libraries })).toEqual([]);
  });
});

describe('a library by itself', () => {
  const validate = (source: string) => validateLibrary(source, knowledge);

  test.each([
    ['exports and a return', "exports.a = function (u) { return hasRole(u, 'admin'); }; return;"],
    ['require of another', "var roles = require('roles');"],
    ['no function onLoginRequest', ''],
  ])('has no findings: %s', (_what, source) => {
    expect(validate(source)).toEqual([]);
  });

  test.each([
    ['SCRIPT_SYNTAX', 'error', 'exports.a = ;', { line: 1, column: 13 }],
    ['SCRIPT_SYNTAX', 'error', '}); leave(); (function () {', { line: 1, column: 1 }],
    ['SCRIPT_SYNTAX', 'error', "import x from 'x';", {}],
    ['SCRIPT_TOO_LONG', 'error', '//'.padEnd(defaultLimits.scriptBytes + 1, 'x'), {}],
    ['PROMISE', 'error', 'exports.a = async function () {};', { line: 1 }],
    ['ARGUMENT_COUNT', 'error', 'hasRole();', {}],
    ['UNKNOWN_LIBRARY', 'warning', "\n  require('later');", { line: 2, column: 11 }],
    ['UNKNOWN_FUNCTION', 'warning', 'nothing();', {}],
  ])('%s is an %s: %s', (code, severity, source, place) => {
    expect(validate(source)).toMatchObject([{ code, severity, ...place }]);
  });
});
