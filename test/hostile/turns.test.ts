import { describe } from 'vitest';
import { login } from '../sandbox/world.ts';
import { openArena } from './arena.ts';

/** J7: a turn is one callback, its microtasks drained. Scripts that want to go on behind it, or to end it without its work. */

const arena = openArena();
const second = 'executeStep(2, { onFail: () => {} })';
const missedSecond = { happens: ['success' as const, 'fail' as const], ends: 'failure: empty-handler' };

describe('the second step is not lost when it is asked for', () => {
  arena.table([
    {
      it: 'behind an await',
      script: login(`executeStep(1, { onSuccess: async () => { await null; await 0; ${second}; } });`),
      ...missedSecond,
    },
    {
      it: 'in a loose chain of a thousand promises',
      script: login(`executeStep(1, { onSuccess: () => {
        let p = Promise.resolve(); for (let i = 0; i < 1000; i++) p = p.then(() => {}); p.then(() => ${second}); } });`),
      ...missedSecond,
    },
    {
      it: 'by a thenable that the callback gives back',
      script: login(`executeStep(1, { onSuccess: () => Promise.resolve({ then(go) { ${second}; go(); } }) });`),
      ...missedSecond,
    },
    {
      it: 'in the finally of a rejection that is caught',
      script: login(
        `executeStep(1, { onSuccess: () => Promise.reject(1).finally(() => { ${second}; }).catch(() => {}) });`,
      ),
      ...missedSecond,
    },
    {
      it: 'by an async generator',
      script: login(`executeStep(1, { onSuccess: async () => {
        for await (const id of (async function* () { yield 2; })()) executeStep(id, { onFail: () => {} }); } });`),
      ...missedSecond,
    },
    {
      it: 'while the options of another call are read',
      script: login(`executeStep(1, { onSuccess: () => {
        executeStep(1, { stepOptions: { get x() { ${second}; return 1; } } }, {}); } });`),
      happens: ['success', 'fail'],
      ends: ['failure: empty-handler', 'failure: unanswered'],
    },
  ]);
});

describe('a turn does not end well that', () => {
  arena.table([
    {
      it: 'is rejected',
      script: login('executeStep(1, { onSuccess: async () => { await null; throw new Error("late"); } });'),
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'waits for what never comes',
      script: login(`executeStep(1, { onSuccess: async () => { await new Promise(() => {}); ${second}; } });`),
      ends: 'SCRIPT_DEADLOCK',
    },
    {
      it: 'leaves its resolver to a later turn',
      script: login(
        `let go; executeStep(1, { onSuccess: () => new Promise((resolve) => { go = resolve; executeStep(2, { onSuccess: () => go() }); }) });`,
      ),
      happens: ['success', 'success'],
      ends: 'SCRIPT_DEADLOCK',
    },
    {
      it: 'gives back a promise with a then of its own, which says nothing',
      script: login(
        `executeStep(1, { onSuccess: () => { const p = new Promise(() => {}); p.then = (go) => go && go(); return p; } });`,
      ),
      ends: 'SCRIPT_DEADLOCK',
    },
    {
      it: 'waits for itself',
      script: login('let p; executeStep(1, { onSuccess: () => (p = (async () => { await null; await p; })()) });'),
      ends: 'SCRIPT_DEADLOCK',
    },
  ]);
});
