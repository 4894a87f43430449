import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Texts that are hard to read, and calls that have no ground. All are as long as a script may be. */

const arena = openArena();
const nested = (open: string, inner: string, close: string, times: number) =>
  login(`executeStep(1); ${open.repeat(times)}${inner}${close.repeat(times)}`);

describe('a script is hard to read because of', () => {
  arena.table([
    { it: 'brackets', script: nested('(', '1', ')', 49_000), ends: 'SCRIPT_SYNTAX' },
    { it: 'patterns', script: login(`var ${'['.repeat(49_000)}a${']'.repeat(49_000)} = [];`), ends: 'SCRIPT_SYNTAX' },
    { it: 'functions in functions', script: nested('function f(){', '', '}', 6000), ends: 'SCRIPT_SYNTAX' },
    { it: 'arrows in defaults of arrows', script: nested('(a=', '1', ')=>{}', 12_000), ends: 'SCRIPT_SYNTAX' },
    { it: 'texts in texts', script: nested('`${', '1', '}`', 19_000), ends: 'SCRIPT_SYNTAX' },
    { it: 'signs before a number', script: nested('!', '1', '', 98_000), ends: 'SCRIPT_SYNTAX' },
    { it: 'a sum without end', script: nested('1+', '1', '', 48_000), ends: 'success' },
    { it: 'a number of 95,000 digits', script: nested('9', 'n', '', 95_000), ends: 'success' },
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
      it: 'the entry that calls itself',
      script: login('executeStep(1); onLoginRequest(context);'),
      ends: ['SCRIPT_LIMIT', 'SCRIPT_ERROR', 'SCRIPT_TIMEOUT'],
    },
  ]);
});
