import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Scripts that use up memory, each another kind of it. */

const arena = openArena();
const body = (code: string) => login(`executeStep(1); ${code}`);
/** Filling memory takes time: on a slow machine that runs out first. */
const spent = ['SCRIPT_MEMORY', 'SCRIPT_TIMEOUT'];

describe('memory is used up by', () => {
  arena.table([
    { it: 'a chain of objects', script: body('let l = null; for (;;) l = { l, pad: [1, 2, 3, 4] };'), ends: spent },
    {
      it: 'a chain of closures, which V8 keeps beyond its limit',
      script: body('let f = () => 0; for (;;) { const g = f, pad = new Array(100).fill(1); f = () => g() + pad[0]; }'),
      ends: spent,
    },
    {
      it: 'buffers',
      script: body('const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1));'),
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'buffers that grow',
      script: body(`const b = new ArrayBuffer(0, { maxByteLength: 2 ** 32 });
        for (let n = 1; ; n *= 2) { b.resize(n); new Uint8Array(b).fill(1); }`),
      ends: 'SCRIPT_ERROR',
    },
    { it: 'a Map', script: body('const m = new Map(); for (let i = 0; ; i++) m.set(i, { i });'), ends: spent },
    { it: 'texts taken apart', script: body("'x'.repeat(2 ** 28).split('').length;"), ends: spent },
    {
      it: 'the code of regular expressions',
      script: body(`const all = []; for (let i = 0; ; i++) {
        const r = new RegExp('(' + 'a|b'.repeat(2000) + i + ')'); r.test('x'); all.push(r); }`),
      ends: spent,
    },
    { it: 'the reading of one regular expression', script: body("new RegExp('a|'.repeat(3e6));"), ends: spent },
    {
      it: 'texts brought into normal form',
      script: body("const s = '\\ufdfa'.repeat(2e6); for (;;) s.normalize('NFKD');"),
      ends: spent,
    },
    {
      it: 'a list longer than V8 makes',
      script: body('Array.prototype.sort.call({ length: 2 ** 31 });'),
      ends: 'SCRIPT_MEMORY',
    },
    { it: 'symbols', script: body("for (let i = 0; ; i++) Symbol.for(i + 'x'.repeat(1000));"), ends: spent },
  ]);
});
