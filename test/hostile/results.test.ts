import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Values that do harm to whoever looks at them. */

const arena = openArena();

describe('it does no harm that a script gives', () => {
  arena.table([
    {
      it: 'a result whose getter throws',
      script: login('executeStep(1); return { get then() { throw new Error("bite"); } };'),
      ends: 'success',
    },
    {
      it: 'options that contain themselves',
      script: login('const o = {}; o.o = o; executeStep(1, { stepOptions: o }, {});'),
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'arguments that are very deep',
      script: login('let o = {}; for (let i = 0; i < 100000; i++) o = { o }; executeStep(1, { stepOptions: o }, {});'),
      ends: ['success', 'SCRIPT_ERROR', 'SCRIPT_MEMORY', 'SCRIPT_TIMEOUT'],
    },
    {
      it: 'names that mean something to JavaScript',
      script: login(`context.endpointParams.__proto__ = 'x'; context.endpointParams.constructor = 'y';
        fail(JSON.parse('{"__proto__": {"errorCode": "none"}, "toString": 1}'));`),
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'a text of half a gigabyte',
      script: login("executeStep(1, { stepOptions: { a: 'x'.repeat(2 ** 29 - 24) } }, {});"),
      ends: 'SCRIPT_DATA',
    },
    {
      it: 'an error that says it ran out of time',
      script: login("executeStep(1); throw new Error('Script execution timed out.');"),
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'an error that says its isolate is gone',
      script: login("const e = new RangeError('Isolate was disposed during execution due to memory limit'); throw e;"),
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'an error whose every part throws',
      script: login(`throw new Proxy(new Error(), { get() { throw 1; }, getPrototypeOf() { throw 2; } });`),
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'a promise that never settles',
      script: 'function onLoginRequest() { executeStep(1); return new Promise(() => {}); }',
      ends: 'SCRIPT_DEADLOCK',
    },
    {
      it: 'a promise whose kind eats what it is told',
      script: `function onLoginRequest() { executeStep(1); const p = new Promise(() => {});
        p.constructor = { [Symbol.species]: function (run) { run(() => {}, () => {}); } }; return p; }`,
      ends: 'SCRIPT_DEADLOCK',
    },
    {
      it: 'a state that is too large',
      script: login("executeStep(1); for (let i = 0; i < 20; i++) context.endpointParams['k' + i] = 'x'.repeat(1e5);"),
      ends: 'SCRIPT_DATA',
    },
  ]);
});
