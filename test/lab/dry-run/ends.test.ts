import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/lab/dry-run-types.ts';
import { after, ann, flow, local, run } from './world.ts';

/** How a dry run ends, and where it waits for what its scenario does not say. */

describe('ends', () => {
  it.each<[string, string, object]>([
    ['a throw', 'throw new Error("no");', { result: 'error', code: 'SCRIPT_ERROR', line: 3 }],
    ['a loop', 'for (;;);', { result: 'error', code: 'SCRIPT_TIMEOUT', line: 2 }],
    ['an unknown step', 'executeStep(7);', { result: 'error', code: 'SCRIPT_ERROR', line: 3, column: 5 }],
    ['a wrong call', 'hasRole("ann", "admin");', { result: 'error', code: 'SCRIPT_ERROR', line: 3 }],
    [
      'a filter that matches nothing',
      'executeStep(2, { authenticationOptions: [{ idp: "Nobody" }] }, {});',
      { result: 'error', code: 'SCRIPT_ERROR' },
    ],
    ['fail()', 'fail({ errorCode: "not_now" });', { result: 'failure', code: 'DENIED_BY_SCRIPT' }],
    [
      'sendError with a URL',
      'sendError("https://help.example/x", { q: 1 });',
      { result: 'failure', redirect: 'https://help.example/x?q=1' },
    ],
    [
      'a never settling promise',
      'return new Promise(function () {});',
      { result: 'error', code: 'SCRIPT_DEADLOCK', line: 2 },
    ],
  ])('%s', async (_title, body, expected) => {
    const { outcome, effects } = await run(local, after(body));
    expect(outcome).toMatchObject({ ...expected, acr: null });
    expect(effects).toEqual([]);
  });

  it('a script that cannot be parsed', async () => {
    const { outcome } = await run(local, { flow: { script: 'function onLoginRequest( {' } });
    expect(outcome).toMatchObject({ result: 'error', code: 'SCRIPT_SYNTAX', line: 1 });
  });

  it.each<[string, NonNullable<Scenario['steps']>, string]>([
    ['the attempts run out', { 1: [{ outcome: 'fail' }] }, 'INVALID_CREDENTIALS'],
    ['the person cancels', { 1: [{ outcome: 'abort' }] }, 'CANCELLED'],
  ])('%s', async (_title, steps, code) => {
    const result = await run({ steps });
    expect(result.outcome).toMatchObject({ result: 'failure', code, subject: null });
    expect(result.steps).toHaveLength(code === 'CANCELLED' ? 1 : 5);
  });

  it('a way that falls back runs onFallback, else onFail, and is not tried again', async () => {
    const fallback = (handlers: string) =>
      run(
        {
          steps: {
            1: [{ outcome: 'fallback' }],
            2: [{ outcome: 'success', user: ann, authenticator: 'BasicAuthenticator' }],
          },
        },
        {
          flow: {
            steps: [flow.steps[0]!, flow.steps[0]!],
            script: `function onLoginRequest() {
              function say(what) { return function () { Log.info(what); executeStep(2); }; }
              executeStep(1, { ${handlers} });
            }`,
          },
        },
      );
    const { outcome, steps, logs } = await fallback(`onFallback: say('fallback'), onFail: say('fail')`);
    expect(outcome).toMatchObject({ result: 'success', amr: ['pwd'] });
    expect(steps.map(({ step, outcome }) => [step, outcome])).toEqual([
      [1, 'fallback'],
      [2, 'success'],
    ]);
    expect(logs.map(({ message }) => message)).toEqual(['fallback']);
    expect((await fallback(`onFail: say('fail')`)).logs.map(({ message }) => message)).toEqual(['fail']);
    expect((await fallback('')).outcome).toMatchObject({ result: 'failure', code: 'ACCESS_DENIED' });
  });

  it('another person at a later step', async () => {
    const other = { outcome: 'success' as const, user: { username: 'mallory' } };
    const { outcome } = await run({ steps: { ...local.steps, 2: [other] } });
    expect(outcome).toMatchObject({ result: 'failure', code: 'WRONG_SUBJECT' });
  });
});

describe('what the scenario does not answer ends the run as waiting', () => {
  it.each<[string, Scenario, object]>([
    ['the first step', {}, { kind: 'step', step: 1, handlers: ['onSuccess'] }],
    ['the second step', local, { kind: 'step', step: 2, line: 7 }],
    ['an option that the step does not offer', { steps: { 1: [{ outcome: 'success', idp: 'Nobody' }] } }, { step: 1 }],
  ])('%s', async (_title, scenario, waitingFor) => {
    const { outcome } = await run(scenario);
    expect(outcome).toMatchObject({ result: 'waiting', code: null, waitingFor });
  });

  it('tells which options of a step are open, and what a call outside was given', async () => {
    const only = after("executeStep(2, { authenticationOptions: [{ authenticator: 'totp' }] }, {});");
    expect((await run(local, only)).outcome.waitingFor).toEqual({
      kind: 'step',
      step: 2,
      options: [{ idp: 'LOCAL', authenticator: 'totp' }],
      line: 3,
      column: 5,
      handlers: [],
    });
    const asks = after("httpGet('https://risk.example.com/', { onSuccess: function () {}, onFail: function () {} });");
    expect((await run(local, asks)).outcome.waitingFor).toMatchObject({
      kind: 'function',
      name: 'httpGet',
      args: ['https://risk.example.com/'],
      handlers: ['onSuccess', 'onFail'],
    });
  });
});

describe('prompts', () => {
  const asking = `function onLoginRequest() {
    executeStep(1, { onSuccess: ask });
    function ask() {
      prompt('internalWait', { onAgain: ask, onSuccess: function (context) { Log.info(context.request.params.age[0]); } });
    }
  }`;
  const tryPrompts = (prompts: Scenario['prompts']) =>
    run({ ...local, ...(prompts ? { prompts } : {}) }, { flow: { script: asking } });

  it('are answered by the scenario, and stand in the trace', async () => {
    const prompts = [{ action: 'again' }, { action: 'success', params: { age: '20' } }];
    const { outcome, trace, logs, effects } = await tryPrompts(prompts);
    expect(outcome.result).toBe('success');
    expect(logs.map(({ message }) => message)).toEqual(['20']);
    expect(trace.filter(({ kind }) => kind === 'prompt')).toMatchObject([
      { line: 4, args: ['internalWait'], result: { outcome: 'Again' } },
      { result: { outcome: 'Success', params: { age: ['20'] } } },
    ]);
    expect(effects).toEqual([]);
  });

  it('can be cancelled', async () => {
    const { outcome } = await tryPrompts([{ action: 'cancel' }]);
    expect(outcome).toMatchObject({ result: 'failure', code: 'CANCELLED' });
  });

  it('without an answer the run waits', async () => {
    const { outcome } = await tryPrompts(undefined);
    expect(outcome).toMatchObject({ result: 'waiting', waitingFor: { kind: 'prompt', name: 'internalWait', line: 4 } });
  });
});
