import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Texts that are hard to read, and calls that have no ground. */

const arena = openArena();
const nested = (open: string, inner: string, close: string, times: number) =>
  login(`executeStep(1); ${open.repeat(times)}${inner}${close.repeat(times)}`);

const many = (count: number, one: (i: number) => string) => Array.from({ length: count }, (_, i) => one(i)).join('');

describe('a script goes deeper than a parser can follow by', () => {
  arena.table([
    { it: 'brackets', script: nested('(', '1', ')', 49_000), ends: 'SCRIPT_SYNTAX' },
    { it: 'patterns', script: login(`var ${'['.repeat(49_000)}a${']'.repeat(49_000)} = [];`), ends: 'SCRIPT_SYNTAX' },
    { it: 'functions in functions', script: nested('function f(){', '', '}', 6000), ends: 'SCRIPT_SYNTAX' },
    { it: 'arrows in defaults of arrows', script: nested('(a=', '1', ')=>{}', 12_000), ends: 'SCRIPT_SYNTAX' },
    { it: 'texts in texts', script: nested('`${', '1', '}`', 19_000), ends: 'SCRIPT_SYNTAX' },
    { it: 'signs before a number', script: nested('!', '1', '', 98_000), ends: 'SCRIPT_SYNTAX' },
  ]);
});

describe('a script is as long as it may be, and hard to read because of', () => {
  arena.table([
    { it: 'a sum without end', script: nested('1+', '1', '', 48_000), ends: 'success' },
    { it: 'a number of 95,000 digits', script: nested('9', 'n', '', 95_000), ends: 'success' },
    {
      it: 'more names than anybody can keep apart',
      script: login(
        `executeStep(1); ${many(8000, (i) => `let v${i};`)} (() => { ${many(2000, (i) => `v${i}=1;`)} })();`,
      ),
      ends: ['success', 'SCRIPT_MEMORY', 'SCRIPT_TIMEOUT'],
    },
    {
      it: 'a class of private names that all speak of each other',
      script: login(
        `executeStep(1); class C { ${many(3500, (i) => `#p${i} = #p${(i * 7) % 3500} in this;`)} } new C();`,
      ),
      ends: ['success', 'SCRIPT_ERROR', 'SCRIPT_MEMORY', 'SCRIPT_TIMEOUT'],
    },
    {
      it: 'labels for every jump, and jumps to every label',
      script: login(
        `executeStep(1); ${many(1500, (i) => `l${i}:`)} for (;;) { ${many(1500, (i) => `if (0) break l${i};`)} break; }`,
      ),
      ends: ['success', 'SCRIPT_SYNTAX'],
    },
    {
      it: 'a switch of thousands of cases, each of which makes a function',
      script: login(
        `executeStep(1); switch (-1) { ${many(2000, (i) => `case ${i}: (function () { return ${i}; })();`)} }`,
      ),
      ends: 'success',
    },
    {
      it: 'a pattern that grows to a million when it is compiled',
      script: login('executeStep(1); /^(?:(?:(?:a{99}){99}){99}){99}$/.test("a".repeat(1e5));'),
      ends: ['success', 'SCRIPT_SYNTAX', 'SCRIPT_ERROR', 'SCRIPT_MEMORY', 'SCRIPT_TIMEOUT'],
    },
    {
      it: 'a text that never ends',
      script: login(`executeStep(1); Log.info(\`${'x'.repeat(90_000)}`),
      ends: 'SCRIPT_SYNTAX',
    },
    {
      it: 'letters that are written as their numbers, in a name that is compared all the time',
      script: login(`executeStep(1); var ${'\\u0061'.repeat(7000)} = 1; Log.info(${'a'.repeat(7000)});`),
      ends: 'success',
      logs: ['1'],
    },
    {
      it: 'half a character',
      script: login("executeStep(1); Log.info('\\ud800'); // \ud800"),
      ends: 'success',
      logs: ['\ud800'],
    },
  ]);
});

describe('a call has no ground:', () => {
  arena.table([
    { it: 'recursion', script: login('executeStep(1); (function f() { f(); })();'), ends: 'SCRIPT_ERROR' },
    {
      it: 'recursion that catches',
      script: login('executeStep(1); (function f() { try { f(); } catch (e) { f(); } })();'),
      ends: 'SCRIPT_TIMEOUT',
    },
    {
      it: 'a proxy behind a proxy',
      script: login('executeStep(1); let p = {}; for (let i = 0; i < 50000; i++) p = new Proxy(p, {}); p.x;'),
      ends: ['SCRIPT_ERROR', 'SCRIPT_MEMORY'],
    },
    {
      it: 'toJSON that asks for itself',
      script: login('executeStep(1); const o = { toJSON: () => JSON.stringify(o) }; Log.info(o); JSON.stringify(o);'),
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'JSON that is deeper than any stack',
      script: login("executeStep(1); JSON.parse('['.repeat(4e5) + ']'.repeat(4e5));"),
      ends: ['success', 'SCRIPT_ERROR', 'SCRIPT_MEMORY', 'SCRIPT_TIMEOUT'],
    },
    {
      it: 'a list in a list, joined',
      script: login('executeStep(1); let l = []; for (let i = 0; i < 1e5; i++) l = [l]; String(l);'),
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'a chain of prototypes, at whose end a name is looked for',
      script: login(
        'executeStep(1); let o = {}; for (let i = 0; i < 1e5; i++) o = Object.create(o); for (let i = 0; i < 1e5; i++) o.nothing;',
      ),
      ends: ['success', 'SCRIPT_MEMORY', 'SCRIPT_TIMEOUT'],
    },
    {
      it: 'a text made of a million texts, read as one',
      script: login("executeStep(1); let s = ''; for (let i = 0; i < 1e6; i++) s = 'a' + s + 'b'; s.charCodeAt(5e5);"),
      ends: ['success', 'SCRIPT_MEMORY', 'SCRIPT_TIMEOUT', 'SCRIPT_ERROR'],
    },
    {
      it: 'functions bound to functions that are bound',
      script: login('executeStep(1); let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(null); f();'),
      ends: ['success', 'SCRIPT_ERROR', 'SCRIPT_MEMORY', 'SCRIPT_TIMEOUT'],
    },
    {
      it: 'the entry that calls itself',
      script: login('executeStep(1); onLoginRequest(context);'),
      ends: ['SCRIPT_LIMIT', 'SCRIPT_ERROR', 'SCRIPT_TIMEOUT'],
    },
  ]);
});
