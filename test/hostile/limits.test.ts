import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/**
 * J11: a turn is charged for its own CPU time when it first runs, never for a replay, nor for what busy neighbours take.
 */

const arena = openArena();

/** Some tens of milliseconds of a processor: well below what a turn may take, a good part of what a sign-in may. */
const work = 'for (let i = 0, sum = 0; i < 2e7; i++) sum += Math.sqrt(i);';
const cancelled = (times: number) => Array<'fail'>(times).fill('fail');

/** On a machine that is full: other processes want every processor all the time. */
describe('busy neighbours and replays change nothing for a script that', () => {
  const neighbours: ChildProcess[] = [];
  beforeAll(async () => {
    for (let i = 0; i < availableParallelism(); i++) {
      const neighbour = spawn(process.execPath, ['-e', "process.stdout.write('!'); for (;;);"], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      neighbours.push(neighbour);
      await once(neighbour.stdout!, 'data');
    }
  });
  afterAll(() => {
    for (const neighbour of neighbours) neighbour.kill('SIGKILL');
  });

  arena.table([
    { it: 'works for a good part of its time', script: login(`${work} executeStep(1);`), ends: 'success' },
    {
      it: 'worked in its first turn, which is played again at each of many pages',
      script: `${work}\n${login('ask(); function ask() { executeStep(1, { onFail: ask }); }')}`,
      happens: cancelled(12),
      ends: 'success',
    },
    {
      it: 'asks a hundred questions in a turn',
      script: login('executeStep(1); for (let i = 0; i < 100; i++) getMaskedValue(String(i));'),
      ends: 'success',
    },
    {
      it: 'keeps much in memory from turn to turn',
      script: login(`const all = []; ask();
        function ask() { all.push(new Array(20000).fill(all.length)); executeStep(1, { onFail: ask }); }`),
      happens: cancelled(6),
      ends: 'success',
    },
  ]);
});

describe('a limit is met all the same by a script that', () => {
  arena.table([
    {
      it: 'works a little in each of many turns',
      script: login(`ask(); function ask() { ${work} ${work} executeStep(1, { onFail: ask }); }`),
      happens: cancelled(20),
      ends: ['SCRIPT_LOGIN_TIMEOUT', 'SCRIPT_TIMEOUT'],
    },
    {
      it: 'works between its questions, each of which is answered in time',
      script: login(
        `executeStep(1); for (;;) { getMaskedValue('x'); for (let i = 0, sum = 0; i < 5e6; i++) sum += Math.sqrt(i); }`,
      ),
      ends: 'SCRIPT_TIMEOUT',
    },
    {
      it: 'works while its arguments are read',
      script: login('executeStep(1, { stepOptions: { toJSON() { for (;;); } } }, {});'),
      ends: 'SCRIPT_TIMEOUT',
    },
    {
      it: 'works while what it set is collected, when its turn is over',
      script: login(
        'context.selectedAcr = { toString() { for (;;); } }; context.endpointParams.a = { toString() { for (;;); } }; executeStep(1);',
      ),
      ends: 'SCRIPT_TIMEOUT',
    },
    {
      it: 'works while its claims are collected, when its turn is over',
      script: login(`executeStep(1, { onSuccess: (context) => {
        context.currentKnownSubject.claims.a = { toJSON() { for (;;); } }; } });`),
      ends: 'SCRIPT_TIMEOUT',
    },
    {
      it: 'works while its error is described',
      script: login('throw { get message() { for (;;); } };'),
      ends: 'SCRIPT_TIMEOUT',
    },
    {
      it: 'works in microtasks, behind a call that has ended',
      script: login('executeStep(1); Promise.resolve().then(function f() { return Promise.resolve().then(f); });'),
      ends: ['SCRIPT_TIMEOUT', 'SCRIPT_MEMORY'],
    },
    {
      it: 'keeps a little more in memory after each turn',
      script: login(`const all = []; ask();
        function ask() { all.push(new Array(4e5).fill(1.5)); executeStep(1, { onFail: ask }); }`),
      happens: cancelled(20),
      ends: 'SCRIPT_MEMORY',
    },
  ]);
});
