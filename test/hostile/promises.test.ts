import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Work that outlives its call. */

const arena = openArena();
const body = (code: string) => login(`executeStep(1); ${code}`);
const spent = ['SCRIPT_TIMEOUT', 'SCRIPT_MEMORY'];

describe('microtasks without end:', () => {
  arena.table([
    { it: 'one calls the next', script: body('const f = () => Promise.resolve().then(f); f();'), ends: spent },
    {
      it: 'each calls two',
      script: body('(function f() { Promise.resolve().then(f); Promise.resolve().then(f); })();'),
      ends: spent,
    },
    { it: 'an await in a loop', script: body('(async () => { for (;;) await null; })();'), ends: spent },
    {
      it: 'a thenable that gives itself',
      script: body('const t = { then(go) { go(t); } }; Promise.resolve(t);'),
      ends: spent,
    },
    {
      it: 'an async generator',
      script: body('(async () => { for await (const x of (async function* () { for (;;) yield 1; })()); })();'),
      ends: spent,
    },
    {
      it: 'all of an endless list',
      script: body('Promise.all({ [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }) }) });'),
      ends: spent,
    },
    { it: 'a loop in one microtask', script: body('Promise.resolve().then(() => { for (;;); });'), ends: spent },
    {
      it: 'rejections that nobody hears',
      script: body('for (let i = 0; i < 1e5; i++) Promise.reject(i);'),
      ends: ['SCRIPT_ERROR', ...spent],
    },
  ]);
});
