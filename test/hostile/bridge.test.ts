import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** Calls to the host that are too many, too large, or come at the wrong time. */

const arena = openArena();

describe('the host is asked', () => {
  arena.table([
    {
      it: 'what it does not know',
      script: login(
        "executeStep(1); for (const name of ['host', 'ask', 'realm']) Log.info(typeof globalThis[name]); getSecret('x');",
      ),
      ends: 'SCRIPT_ERROR',
      logs: ['undefined', 'undefined', 'undefined'],
    },
    {
      it: 'with ten million characters, and the script catches',
      script: login("try { getMaskedValue('x'.repeat(1e7)); } catch (e) {} executeStep(1);"),
      ends: 'SCRIPT_DATA',
    },
    {
      it: 'with too much in small pieces',
      script: login("executeStep(1); for (let i = 0; i < 30; i++) getMaskedValue('x'.repeat(5e4));"),
      ends: 'SCRIPT_DATA',
    },
    {
      it: 'with too much in the queue',
      script: login("for (let i = 0; i < 30; i++) executeStep(1, { stepOptions: { a: 'x'.repeat(5e4) } }, {});"),
      ends: 'SCRIPT_DATA',
    },
    {
      it: 'once too often, and the script catches each time',
      script: login("executeStep(1); for (let i = 0; i < 300; i++) try { getMaskedValue('r' + i); } catch (e) {}"),
      ends: 'SCRIPT_LIMIT',
    },
    {
      it: 'as often as a sign-in may: the beginning, 198 calls and a step',
      script: login("executeStep(1); for (let i = 0; i < 198; i++) getMaskedValue('r' + i);"),
      ends: 'success',
    },
    {
      it: 'by a step that is the 201st call',
      script: login("executeStep(1); for (let i = 0; i < 199; i++) getMaskedValue('r' + i);"),
      ends: 'SCRIPT_LIMIT',
    },
    {
      it: 'on and on, after its end was caught',
      script: login("executeStep(1); for (;;) try { getMaskedValue('x'.repeat(1e6 + 1)); } catch (e) {}"),
      ends: ['SCRIPT_DATA', 'SCRIPT_TIMEOUT', 'SCRIPT_MEMORY'],
    },
    {
      it: 'in toJSON, in a getter, in sort, and in a trap',
      script: login(`executeStep(1);
        getMaskedValue({ toJSON: () => getMaskedValue('j') }); context.endpointParams.a = String({ get a() { return getMaskedValue('g'); } }.a);
        [2, 1].sort((a, b) => (getMaskedValue('s'), a - b));
        new Proxy({}, { has: () => getMaskedValue('has') || true }).x;
        Log.info('x' in new Proxy({}, { has: () => getMaskedValue('has') }));`),
      ends: 'success',
      logs: ['true'],
    },
    {
      it: 'after the verdict',
      script: login(
        "executeStep(1); fail(); for (let i = 0; i < 3; i++) setCookie(context.response, 'c', 'v' + i); executeStep(1); sendError('/x');",
      ),
      ends: 'failure: fail',
      logs: Array(3).fill('setCookie was refused: the sign-in has been decided.'),
    },
    {
      it: 'with a hundred thousand handlers',
      script: login("const h = {}; for (let i = 0; i < 1e5; i++) h['on' + i] = () => {}; executeStep(1, h);"),
      ends: ['SCRIPT_DATA', 'SCRIPT_MEMORY', 'SCRIPT_TIMEOUT'],
    },
  ]);
});
