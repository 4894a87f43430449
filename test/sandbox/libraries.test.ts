import { describe, expect, it } from 'vitest';
import { play } from '../../sandbox/play.ts';
import type { Entry, Library, Limits } from '../../sandbox/protocol.ts';
import { bundle, createWorld, ending, type Happening, lines, login, nobody, order, patient } from './world.ts';

/** Plays a script that may require these libraries, by name. */
function playWith(
  sources: Record<string, string>,
  script: string,
  { happenings = [], limits = patient }: { happenings?: readonly Happening[]; limits?: Limits } = {},
) {
  const libraries: Library[] = Object.entries(sources).map(([name, source]) => ({ name, source }));
  const journal: Entry[] = [];
  const made = { ...bundle(script), libraries };
  const result = play(made, journal, limits, createWorld(happenings).answer);
  return { result, journal, made, said: lines(result) };
}

describe('CommonJS', () => {
  const says: [what: string, sources: Record<string, string>, body: string, said: string[]][] = [
    ['exports', { a: 'exports.two = 2;' }, "Log.info(require('a').two);", ['2']],
    ['module.exports', { a: 'module.exports = function () { return 3; };' }, "Log.info(require('a')());", ['3']],
    ['a module may export nothing at all', { a: 'module.exports = null;' }, "Log.info(require('a'));", ['null']],
    ['this is exports', { a: 'this.x = 1;' }, "Log.info(require('a').x);", ['1']],
    ['a module may return early', { a: 'exports.x = 1; return; exports.x = 2;' }, "Log.info(require('a').x);", ['1']],
    ['loadLocalLibrary is the same', { a: 'exports.x = 4;' }, "Log.info(loadLocalLibrary('a').x);", ['4']],
    ['the name goes with .js', { a: 'exports.x = 5;' }, "Log.info(require('a.js').x);", ['5']],
    ['and without', { 'a.js': 'exports.x = 6;' }, "Log.info(require('a').x);", ['6']],
    [
      'a library is run once',
      { a: "Log.info('runs'); exports.count = 0;" },
      "require('a').count++; require('a.js').count++; Log.info(loadLocalLibrary('a').count);",
      ['runs', '2'],
    ],
    ['one that nobody requires is not run', { a: "Log.info('runs');" }, '', []],
    [
      'libraries require libraries',
      { a: "exports.b = require('b').x + 1;", b: 'exports.x = 1;' },
      "Log.info(require('a').b);",
      ['2'],
    ],
    [
      'of a cycle, the second sees what the first has exported by then',
      {
        a: "exports.early = 1; var b = require('b'); exports.late = b.saw;",
        b: "var a = require('a'); exports.saw = [a.early, a.late === undefined];",
      },
      "Log.info(require('a').late);",
      ['[1,true]'],
    ],
    [
      'names stay within a library, and undeclared ones do not, as in a script',
      { a: 'var own = 1; shared = 2;' },
      "require('a'); Log.info(typeof own, shared);",
      ['undefined 2'],
    ],
    [
      'a library has the functions of the script',
      { a: 'exports.isAdmin = function (user) { return hasRole(user, "admin"); };' },
      "executeStep(1, { onSuccess: function (context) { Log.info(require('a').isAdmin(context.currentKnownSubject)); } });",
      ['true'],
    ],
    [
      'one that failed fails again',
      { a: "Log.info('runs'); throw new Error('no');" },
      "for (var i = 0; i < 2; i++) { try { require('a'); } catch (e) { Log.info(e.message); } }",
      ['runs', 'no', 'runs', 'no'],
    ],
    [
      'an unknown one can be done without',
      {},
      "try { require('a'); } catch (e) { Log.info(e.message); }",
      ['require: there is no script library «a» with this version of the flow.'],
    ],
    [
      'names of every object are no libraries',
      {},
      "for (var name of ['constructor', '__proto__', 'toString', '.js']) { try { require(name); Log.info(name); } catch (e) {} }",
      [],
    ],
    ['a comment at the end swallows nothing', { a: 'exports.x = 7; // done' }, "Log.info(require('a').x);", ['7']],
  ];
  it.each(says)('%s', (_what, sources, body, said) => {
    const played = playWith(sources, login(`${body}\nexecuteStep(1);`));
    expect(played.said).toEqual(said);
  });
});

describe('faults', () => {
  const roles = `var admin = 'admin';

exports.check = function (user) {
  if (user === null) {
    throw new Error('nobody');
  }
  executeStep(9);
};
exports.later = function () { executeStep(2, { onSuccess: function () { missing(); } }); };
exports.slow = function () { for (;;) {} };
exports.says = function () { Log.info('here'); };
`;
  const faults: [what: string, body: string, verdict: object][] = [
    [
      'what a library throws has the library’s line',
      "require('roles.js').check(null);",
      { code: 'SCRIPT_ERROR', message: 'Error: nobody', library: 'roles.js', line: 5, column: 11 },
    ],
    [
      'a wrong call too',
      "require('roles').check(1);",
      { code: 'SCRIPT_ERROR', message: expect.stringContaining('executeStep(9)'), library: 'roles.js', line: 7 },
    ],
    [
      'and a callback of its own',
      "executeStep(1); require('roles').later();",
      { code: 'SCRIPT_ERROR', message: expect.stringContaining('missing'), library: 'roles.js', line: 9 },
    ],
    [
      'a name that is no text has the line of the script',
      'executeStep(1);\nrequire([3]);',
      { code: 'SCRIPT_ERROR', message: expect.stringContaining('must be a text, and [3] was given'), line: 3 },
    ],
    [
      'an unknown one too',
      "\nrequire('rolls');",
      { code: 'SCRIPT_ERROR', message: expect.stringContaining('no script library «rolls»'), line: 3 },
    ],
  ];
  it.each(faults)('%s', (_what, body, verdict) => {
    const { result } = playWith({ 'roles.js': roles }, login(body));
    expect(result).toMatchObject({ kind: 'ends', verdict: { result: 'error', ...verdict } });
    const { library } = (result as unknown as { verdict: { library?: string } }).verdict;
    expect(library).toBe((verdict as { library?: string }).library);
  });

  it('one that cannot be parsed ends the login at its place, whether it is required or not', () => {
    const { result } = playWith({ 'a.js': 'exports.x = 1;\nexports.y = ;' }, login('executeStep(1);'));
    expect(result).toMatchObject({ verdict: { code: 'SCRIPT_SYNTAX', library: 'a.js', line: 2, column: 13 } });
  });

  it('columns of the first line are those of the library', () => {
    const { result } = playWith({ a: "throw new Error('x');" }, login("require('a');"));
    expect(result).toMatchObject({ verdict: { library: 'a', line: 1, column: 7 } });
  });

  it('a library has the limits of the script', () => {
    const limits: Limits = { ...patient, turnCpuMs: 5, turnWallMs: 1000 };
    const endless = playWith({ a: 'for (;;) {}' }, login("require('a');"), { limits });
    expect(ending(endless.result)).toBe('SCRIPT_TIMEOUT');
    const greedy = playWith({ a: 'var l = []; for (;;) l.push(new Array(1e5).fill(l));' }, login("require('a');"));
    expect(ending(greedy.result)).toBe('SCRIPT_MEMORY');
  });

  it('nothing of the world is in reach of a library', () => {
    const names = ['process', 'fetch', 'setTimeout', 'globalThis.process', 'eval', 'WebAssembly', '__filename', 'host'];
    const source = names.map((name) => `Log.info(typeof ${name});`).join('\n');
    expect(playWith({ a: source }, login("require('a'); executeStep(1);")).said).toEqual(names.map(() => 'undefined'));
    const code = "try { require.constructor('return 1')(); } catch (e) { Log.info(e.name); }";
    expect(playWith({ a: code }, login("require('a'); executeStep(1);")).said).toEqual(['TypeError']);
  });

  it('says lines with the place they stand at', () => {
    const { result } = playWith({ 'roles.js': roles }, login("require('roles').says(); Log.info('there');"));
    expect(result.said).toMatchObject([{ library: 'roles.js', line: 11 }, { line: 2 }]);
    expect(result.said[1]).not.toHaveProperty('library');
  });
});

describe('state', () => {
  it('a library keeps what it holds over every redirect', () => {
    const counter = 'var n = 0; exports.next = function () { return ++n; };';
    const script = login(`var count = require('counter').next;
      count();
      executeStep(1, { onSuccess: function () {
        count();
        executeStep(2, { onSuccess: function () { Log.info(require('counter').next()); } });
      } });`);
    const { result, journal, made, said } = playWith({ counter }, script);
    expect(said).toEqual(['3']);
    expect(order(journal)).toBe('1 2');
    expect(ending(result)).toBe('success');
    const again = play(made, [...journal], patient, nobody);
    expect({ ...again, usage: null }).toEqual({ ...result, usage: null });
  });

  it('another library text under an old journal is a difference, not a sign-in', () => {
    const script = login("require('a').go();");
    const { journal, made } = playWith({ a: 'exports.go = function () { executeStep(1); executeStep(2); };' }, script);
    const changed = { ...made, libraries: [{ name: 'a', source: 'exports.go = function () { executeStep(1); };' }] };
    expect(ending(play(changed, [...journal], patient, nobody))).toBe('differs');
  });

  it('built-ins that a script has changed change nothing about loading', () => {
    const poison = `Object.prototype.exports = { poisoned: true };
      Object.defineProperty(Object.prototype, 'a', { get: function () { return 1; } });
      Array.prototype.push = String.prototype.slice = Function.prototype.call = Function.prototype.apply = null;`;
    const { said } = playWith({ 'a.js': 'exports.x = 1;' }, `${poison}\n${login("Log.info(require('a').x);")}`);
    expect(said).toEqual(['1']);
  });
});
