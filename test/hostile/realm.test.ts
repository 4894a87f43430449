import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Scripts that look for a way out of their realm. What they log shows that there was none. */

const arena = openArena();
const refused = 'Code cannot be made from text in a sign-in script.';

/** Logs what an attempt throws; an attempt that succeeds says so. */
const attempt = (code: string) => `try { ${code}; Log.info('got out'); } catch (e) { Log.info(e.message); }`;

describe('nobody gets out by', () => {
  arena.table([
    {
      it: 'the constructor of a function that the host gave',
      script: login(attempt("Reflect.apply(Log.info.constructor, null, ['return process'])()") + 'executeStep(1);'),
      ends: 'success',
      logs: [refused],
    },
    {
      it: 'constructors of all kinds of functions',
      script: login(
        ['() => {}', 'async () => {}', 'function* () {}', 'async function* () {}']
          .map((fn) => attempt(`Object.getPrototypeOf(${fn}).constructor('return this')`))
          .join('') + 'executeStep(1);',
      ),
      ends: 'success',
      logs: [refused, refused, refused, refused],
    },
    {
      it: 'a hook in the making of stacks',
      script: login(`Error.prepareStackTrace = (error, frames) => frames;
        try { null.x } catch (e) { Log.info(typeof e.stack); }
        const own = {}; Error.captureStackTrace(own); Log.info(typeof own.stack);
        executeStep(1);`),
      ends: 'success',
      logs: ['string', 'string'],
    },
    {
      it: 'walking up the callers',
      script: login(`let caller;
        executeStep(1, { toJSON: function () { caller = arguments.callee.caller; return {}; } }, {});
        Log.info(String(caller), String(onLoginRequest.caller));`),
      ends: 'success',
      logs: ['null null'],
    },
    {
      it: 'proxies and getters that the host reads',
      script: login(`const seen = [];
        const trap = new Proxy({}, { get(target, key, receiver) { seen.push(typeof receiver); return undefined; } });
        executeStep(1, { stepOptions: trap }, {});
        Log.info(seen.every((kind) => kind === 'object'));`),
      ends: 'success',
      logs: ['true'],
    },
    {
      it: 'a species that the engine makes lists of',
      script: login(`let made = 0;
        Object.defineProperty(Array, Symbol.species, { value: function () { made++; return globalThis; } });
        executeStep(1, { onSuccess: (context) => { context.currentKnownSubject.roles; context.requestedAcr; Log.info(made); } });`),
      ends: 'success',
      logs: ['0'],
    },
    {
      it: 'Function by its own name',
      script: login("try { Log.info(Function('return 1')()); } catch (e) { Log.info(e.message); } executeStep(1);"),
      ends: 'success',
      logs: ['Code cannot be made from text in a sign-in script.'],
    },
    {
      it: 'importing',
      script: login(`import('node:fs').then(() => Log.info('got out'), (e) => Log.info(e.message)); executeStep(1);`),
      ends: 'success',
      logs: ['Not supported'],
    },
    {
      it: 'names that other realms have',
      script: login(`Log.info([typeof process, typeof module, typeof setTimeout, typeof fetch, typeof Buffer,
          typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics, typeof WeakRef, typeof FinalizationRegistry,
          typeof Temporal, typeof Intl, typeof ShadowRealm, typeof eval].join());
        executeStep(1);`),
      ends: 'success',
      logs: [Array(14).fill('undefined').join()],
    },
    {
      it: 'the prototype of what it was given',
      script: login(`for (let at = context; at; at = Object.getPrototypeOf(at)) Log.info(at.constructor === Object);
        context.__proto__ = { steps: 'other' }; executeStep(1, { onSuccess: (c) => Log.info(typeof c.steps) });`),
      ends: 'success',
      logs: ['true', 'true', 'object'],
    },
  ]);
});
