import { describe, expect, it } from 'vitest';
import { expectPrefixLaw } from './prefix-law.ts';
import { ending, type Happening, login, order, playWhole } from './world.ts';

/** Promises in callbacks: a turn is over when its microtasks are, and nothing that is still open lets anybody in. */

interface Row {
  it: string;
  script: string;
  happens?: Happening[];
  runs: string;
  ends: string;
}

/** A first step whose callback is `code`, and a second that waits behind it. */
const after = (code: string) => login(`executeStep(1, { onSuccess: ${code} });`);

describe('a callback', () => {
  it.each<Row>([
    {
      it: 'may await before it schedules',
      script: after('async () => { await null; executeStep(2); }'),
      runs: '1 2',
      ends: 'success',
    },
    {
      it: 'that awaits before it schedules is not passed over when its step is missed',
      script: after('async () => { await null; executeStep(2); }'),
      happens: ['success', 'fail'],
      runs: '1 2',
      ends: 'failure: unanswered',
    },
    {
      it: 'for a failure may schedule behind an await',
      script: login('executeStep(1, { onFail: async () => { await null; executeStep(2); } });'),
      happens: ['fail'],
      runs: '1 2',
      ends: 'success',
    },
    {
      it: 'for a failure that schedules nothing behind its await fails',
      script: login('executeStep(1, { onFail: async () => { await null; } }); executeStep(2);'),
      happens: ['fail'],
      runs: '1',
      ends: 'failure: empty-handler',
    },
    {
      it: 'that throws behind an await is an error',
      script: after("async () => { await null; executeStep(2); throw new Error('late'); }"),
      runs: '1',
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'that gives a rejected promise is an error',
      script: after("() => Promise.reject(new Error('no'))"),
      runs: '1',
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'that waits for what never comes is one that hangs',
      script: after('async () => { await new Promise(() => {}); executeStep(2); }'),
      runs: '1',
      ends: 'SCRIPT_DEADLOCK',
    },
    {
      it: 'that hangs after fail() has failed',
      script: after('async () => { fail(); await new Promise(() => {}); }'),
      runs: '1',
      ends: 'failure: fail',
    },
    {
      it: 'whose loose promise is broken is an error',
      script: after("() => { Promise.resolve().then(() => { throw new Error('loose'); }); executeStep(2); }"),
      runs: '1',
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'whose loose promise schedules does so in its own turn',
      script: after('() => { Promise.resolve().then(() => executeStep(2)); executeStep(3); }'),
      runs: '1 3 2',
      ends: 'success',
    },
    {
      it: 'may settle a thousand promises one after another',
      script: after('async () => { for (let i = 0; i < 1000; i++) await i; executeStep(2); }'),
      runs: '1 2',
      ends: 'success',
    },
    {
      it: 'whose promise is settled by a later turn goes on in that turn',
      script: login(`let wake;
        executeStep(1, { onSuccess: () => { new Promise((go) => { wake = go; }).then(() => executeStep(3)); executeStep(2, { onSuccess: () => wake() }); } });`),
      runs: '1 2 3',
      ends: 'success',
    },
    {
      it: 'as the entry is held to the same',
      script: 'async function onLoginRequest() { executeStep(1); await new Promise(() => {}); }',
      runs: '',
      ends: 'SCRIPT_DEADLOCK',
    },
  ])('$it', ({ script, happens, runs, ends }) => {
    const played = playWhole(script, happens);
    expect({ runs: order(played.journal), ends: ending(played.result) }).toEqual({ runs, ends });
    expectPrefixLaw(played);
  });
});
