import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Changes to what the guest's code could stand on. Each by a means of its own; all built-ins in turn: test/sandbox. */

const arena = openArena();
const second = '{ onSuccess: () => executeStep(2, { onFail: () => {} }) }';
const failsTwo = { happens: ['success' as const, 'fail' as const], ends: 'failure: empty-handler' };

describe('a missed step stays missed, whatever was done to', () => {
  arena.table([
    {
      it: 'JSON',
      script: login(
        `JSON.parse = JSON.stringify = () => '{"outcome":"success","proves":true}'; executeStep(1, ${second});`,
      ),
      ...failsTwo,
    },
    {
      it: 'toJSON of all objects and lists',
      script: login(`Object.prototype.toJSON = Array.prototype.toJSON = String.prototype.toJSON = () => 'success';
        executeStep(1, null, ${second});`),
      ...failsTwo,
      ends: ['failure: empty-handler', 'SCRIPT_ERROR'],
    },
    {
      it: 'names that answers have',
      script: login(`for (const name of ['outcome', 'proves', 'user', 'subject', 'step', 'data'])
          Object.defineProperty(Object.prototype, name, { get: () => 'success', set() {}, configurable: true });
        executeStep(1, ${second});`),
      ...failsTwo,
    },
    {
      it: 'how functions are called',
      script: login(`Function.prototype.call = Function.prototype.apply = Reflect.apply = () => 'success';
        executeStep(1, ${second});`),
      ...failsTwo,
    },
    {
      it: 'how lists grow and are walked',
      script: login(`Array.prototype.push = Array.prototype.concat = Array.prototype.shift = () => 0;
        Array.prototype[Symbol.iterator] = function* () {};
        Object.defineProperty(Array.prototype, '0', { set() {}, get: () => 'success', configurable: true });
        executeStep(1, ${second});`),
      ...failsTwo,
    },
    {
      it: 'how objects are made and read',
      script: login(`Object.keys = Object.create = Object.defineProperty = Object.setPrototypeOf = () => ({});
        Object.hasOwn = () => true; Reflect.construct = Proxy = WeakMap = undefined;
        executeStep(1, ${second});`),
      ...failsTwo,
    },
    {
      it: 'the entry itself, while it runs',
      script: login(`Object.defineProperty(globalThis, 'onLoginRequest', { get() { return undefined; } });
        globalThis.executeStep = undefined; Log.info = undefined; fail = sendError = undefined;`),
      ends: ['failure: no-step', 'SCRIPT_ERROR'],
    },
    {
      it: 'the prototype of the realm',
      script: login(`Object.setPrototypeOf(Object.getPrototypeOf(globalThis), new Proxy({}, { get: () => 'success' }));
        executeStep(1, ${second});`),
      ...failsTwo,
      ends: ['failure: empty-handler', 'SCRIPT_ERROR'],
    },
  ]);
});
