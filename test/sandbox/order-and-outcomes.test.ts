import { describe, expect, it } from 'vitest';
import { play } from '../../sandbox/play.ts';
import { expectPrefixLaw } from './prefix-law.ts';
import { ending, type Happening, lines, login, nobody, order, patient, playWhole } from './world.ts';

interface Row {
  it: string;
  script: string;
  happens?: Happening[];
  runs: string;
  ends: string;
  logs?: string[];
}

function table(rows: Row[]): void {
  it.each(rows)('$it', ({ script, happens, runs, ends, logs }) => {
    const played = playWhole(script, happens);
    expect({ runs: order(played.journal), ends: ending(played.result) }).toEqual({ runs, ends });
    if (logs) expect(lines(played.result)).toEqual(logs);
    expectPrefixLaw(played);
  });
}

const log = (text: string) => `Log.info(${JSON.stringify(text)});`;

describe('the order of steps', () => {
  table([
    { it: 'is that of the calls', script: login('executeStep(1); executeStep(2);'), runs: '1 2', ends: 'success' },
    {
      it: 'puts what a callback schedules before what was waiting',
      script: login('executeStep(1, {onSuccess: () => executeStep(3)}); executeStep(2);'),
      runs: '1 3 2',
      ends: 'success',
    },
    {
      it: 'keeps a step that follows a step with a callback',
      script: login(`executeStep(1, {onSuccess: () => {
        executeStep(2, {onSuccess: () => { executeStep(1); executeStep(1); }});
        executeStep(3);
      }});`),
      runs: '1 2 1 1 3',
      ends: 'success',
    },
    {
      it: 'runs a step again as often as it is asked for',
      script: login(`let tries = 0;
        (function again() { executeStep(1, {onFail: () => { if (++tries < 3) again(); }}); })();`),
      happens: ['fail', 'fail', 'success'],
      runs: '1 1 1',
      ends: 'success',
    },
    {
      it: 'shows the newest result of a step that runs again',
      script: login(`(function again(left) {
        executeStep(1, {onSuccess: (context) => {
          const {idp, authenticator, subject} = context.steps[1];
          Log.info(idp, authenticator, subject.username);
          if (left) again(left - 1);
        }});
      })(1);`),
      happens: ['success', { outcome: 'success', idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' }],
      runs: '1 1',
      ends: 'success',
      logs: ['LOCAL BasicAuthenticator ann', 'Google GoogleOIDCAuthenticator fred'],
    },
    {
      it: 'lets time pass between the turns, and none within one',
      script: login(`const began = Date.now();
        executeStep(1, {onSuccess: () => {
          const now = new Date();
          Log.info(now - began, now.getTime() === Date.now(), String(now) === Date());
        }});`),
      runs: '1',
      ends: 'success',
      logs: ['1000 true true'],
    },
    {
      it: 'mixes calls with handlers into the same queue',
      script: login(`executeStep(1, {onSuccess: () => {
        httpGet('https://api.example', {onSuccess: (context, data) => { Log.info(data.list); executeStep(2); }});
        executeStep(3);
      }});`),
      runs: '1 httpGet 2 3',
      ends: 'success',
      logs: ['[1,2]'],
    },
    {
      it: 'finds a call under its other name',
      script: login("executeStep(1); fetchJson('u', {onSuccess: function () {}})"),
      runs: '1 httpGet',
      ends: 'success',
    },
    {
      it: 'runs callbacks after onLoginRequest has run to its end',
      script: login(`executeStep(1, {onSuccess: () => ${'{'} ${log('callback')} }}); ${log('end')}`),
      runs: '1',
      ends: 'success',
      logs: ['end', 'callback'],
    },
    {
      it: 'accepts the entry point in a variable',
      script: 'var onLoginRequest = function (context) { executeStep("1"); };',
      runs: '1',
      ends: 'success',
    },
  ]);
});

describe('the arguments of executeStep', () => {
  it.each([
    ['(1)', [1, null], []],
    ['("2")', ['2', null], []],
    ['(1, {})', [1, null], []],
    ['(1, null)', [1, null], []],
    ['(1, null, {onSuccess: f})', [1, null], ['onSuccess']],
    ['(1, undefined, {onFail: f, onUserAbort: f})', [1, null], ['onFail', 'onUserAbort']],
    ['(1, {onSuccess: f, onFail: f})', [1, null], ['onSuccess', 'onFail']],
    ['(1, {stepOptions: {forceAuth: true}}, {onSuccess: f})', [1, { stepOptions: { forceAuth: true } }], ['onSuccess']],
    ['(1, {stepOptions: {forceAuth: "true"}})', [1, { stepOptions: { forceAuth: 'true' } }], []],
    ['(1, {authenticatorParams: {common: {a: 1}}})', [1, { authenticatorParams: { common: { a: 1 } } }], []],
    [
      '(1, {authenticationOptions: [{authenticator: "totp"}]}, {})',
      [1, { authenticationOptions: [{ authenticator: 'totp' }] }],
      [],
    ],
    ['(1, {onSuccess: f, other: "text", five: 5})', [1, null], ['onSuccess']],
    ['(1, Object.create({onFail: f}))', [1, null], []],
  ])('%s', (call, args, handlers) => {
    const script = login(`function f() {} executeStep${call};`);
    const { bundle, journal } = playWhole(script);
    expect(JSON.parse(journal[1]!.args)).toEqual(args);
    const result = play(bundle, journal.slice(0, 1), patient, nobody);
    expect(result).toMatchObject({ kind: 'waits', question: { op: 'step', scheduled: true, handlers } });
    expectPrefixLaw(playWhole(script));
  });

  it.each(['()', '(0)', '(4)', '(-1)', '(1.5)', '("x")', '(null)', '({})', '("1e0")', '(NaN)', '([1])'])(
    'refuses executeStep%s, also where the script catches',
    (call) => {
      const { result, journal } = playWhole(login(`executeStep(1); try { executeStep${call}; } catch (e) {}`));
      expect(ending(result)).toBe('SCRIPT_ERROR');
      expect(result).toMatchObject({ verdict: { line: 2 } });
      expect(order(journal)).toBe('');
    },
  );
});

it('a wrong call has its place, also where the script wants its stacks empty', () => {
  const { result } = playWhole(login('Error.stackTraceLimit = 0; Error.prepareStackTrace = () => []; executeStep(9);'));
  expect(result).toMatchObject({ verdict: { code: 'SCRIPT_ERROR', line: 2, column: expect.any(Number) } });
});

describe('outcomes', () => {
  const say = (name: string) => `${name}: () => { Log.info('${name}'); executeStep(2); }`;
  const all = ['onSuccess', 'onFail', 'onUserAbort', 'onFallback', 'onTimeout'];
  const withAll = `{${all.map(say).join(', ')}}`;
  table([
    { it: 'success without a handler goes on', script: login('executeStep(1)'), runs: '1', ends: 'success' },
    {
      it: 'a failed step without handler fails, whatever waits',
      script: login('executeStep(1); executeStep(2);'),
      happens: ['fail'],
      runs: '1',
      ends: 'failure: unanswered',
    },
    {
      it: 'a failed step with an onSuccess only fails',
      script: login(`executeStep(1, {${say('onSuccess')}}); executeStep(2);`),
      happens: ['fail'],
      runs: '1',
      ends: 'failure: unanswered',
      logs: [],
    },
    {
      it: 'an empty onFail fails, whatever waits',
      script: login('executeStep(1, {onFail: function () {}}); executeStep(2);'),
      happens: ['fail'],
      runs: '1',
      ends: 'failure: empty-handler',
    },
    {
      it: 'an empty onFail fails after a step that was passed',
      script: login('executeStep(1, {onSuccess: () => executeStep(2, {onFail: () => {}})}); executeStep(3);'),
      happens: ['success', 'fail'],
      runs: '1 2',
      ends: 'failure: empty-handler',
    },
    {
      it: 'an onFail that schedules goes on',
      script: login(`executeStep(1, {${say('onFail')}}); executeStep(3);`),
      happens: ['fail'],
      runs: '1 2 3',
      ends: 'success',
    },
    {
      it: 'a step with an onFail that throws ends as a script error',
      script: login('executeStep(1, {onFail: () => { executeStep(2); throw new Error("no"); }});'),
      happens: ['fail'],
      runs: '1',
      ends: 'SCRIPT_ERROR',
    },
    ...(
      [
        ['success', ['onSuccess']],
        ['fail', ['onFail']],
        ['abort', ['onUserAbort', 'onFail']],
        ['fallback', ['onFallback', 'onFail']],
        ['timeout', ['onTimeout', 'onFail']],
      ] as const
    ).flatMap(([outcome, handlers]): Row[] => [
      {
        it: `${outcome} runs ${handlers[0]}`,
        script: login(`executeStep(1, ${withAll});`),
        happens: [outcome],
        runs: '1 2',
        ends: 'success',
        logs: [handlers[0]],
      },
      ...handlers.slice(1).map(
        (handler): Row => ({
          it: `${outcome} runs ${handler} where ${handlers[0]} is missing`,
          script: login(`executeStep(1, {onSuccess: () => {}, ${say(handler)}});`),
          happens: [outcome],
          runs: '1 2',
          ends: 'success',
          logs: [handler],
        }),
      ),
      ...(outcome === 'success'
        ? []
        : [
            {
              it: `${outcome} that nobody handles fails`,
              script: login('executeStep(1, {onSuccess: () => {}, onOther: () => executeStep(2)}); executeStep(2);'),
              happens: [outcome],
              runs: '1',
              ends: 'failure: unanswered',
            },
            {
              it: `${outcome} whose handler schedules nothing fails`,
              script: login(`executeStep(1, {${handlers[0]}: () => { Log.info('x'); }}); executeStep(2);`),
              happens: [outcome],
              runs: '1',
              ends: 'failure: empty-handler',
              logs: ['x'],
            },
          ]),
    ]),
    {
      it: 'a prompt fires its own action',
      script: login(`executeStep(1); prompt('form', {onSkip: () => ${'{'} ${log('skipped')} }, onSuccess: () => {}});`),
      happens: ['success', 'Skip'],
      runs: '1 prompt',
      ends: 'success',
      logs: ['skipped'],
    },
    {
      it: 'a prompt whose action has no handler runs onSuccess',
      script: login(`executeStep(1); prompt('form', {a: 1}, {onSuccess: () => { Log.info('ok'); }});`),
      happens: ['success', 'Skip'],
      runs: '1 prompt',
      ends: 'success',
      logs: ['ok'],
    },
    {
      it: 'a prompt that is cancelled demands that its handler does something',
      script: login("executeStep(1); prompt('form', {onUserAbort: () => { Log.info('x'); }}); executeStep(2);"),
      happens: ['success', 'abort'],
      runs: '1 prompt',
      ends: 'failure: empty-handler',
      logs: ['x'],
    },
    ...['constructor', '__proto__', 'toString', 'hasOwnProperty'].map(
      (outcome): Row => ({
        it: `an action called ${outcome} is an action like any other`,
        script: login(`executeStep(1); prompt('form', {onSuccess: () => { Log.info('ok'); }});`),
        happens: ['success', outcome],
        runs: '1 prompt',
        ends: 'success',
        logs: ['ok'],
      }),
    ),
    {
      it: 'a call that fails without handlers fails the login',
      script: login("executeStep(1); httpGet('u', {onSuccess: () => {}}); executeStep(2)"),
      happens: ['success', 'fail'],
      runs: '1 httpGet',
      ends: 'failure: unanswered',
    },
    {
      it: 'a call that times out falls back to onFail',
      script: login("executeStep(1); httpGet('u', {onFail: () => { Log.info('fell back'); }}); executeStep(2)"),
      happens: ['success', 'timeout'],
      runs: '1 httpGet 2',
      ends: 'success',
      logs: ['fell back'],
    },
  ]);
});

describe('who may be signed in', () => {
  table([
    { it: 'nobody without a step', script: login(''), runs: '', ends: 'failure: no-step' },
    { it: 'nobody by a log line', script: login("Log.info('success')"), runs: '', ends: 'failure: no-step' },
    { it: 'nobody by naming an identifier', script: login('executeStep(3)'), runs: '3', ends: 'failure: no-step' },
    {
      it: 'nobody by prompts and calls',
      script: login("prompt('form', {}); httpGet('u', {onSuccess: () => {}});"),
      happens: [
        { outcome: 'success', proves: true },
        { outcome: 'success', proves: true },
      ],
      runs: 'prompt httpGet',
      ends: 'failure: no-step',
    },
    {
      it: 'nobody by a step whose answer says proves in another way than true',
      script: login('executeStep(1)'),
      happens: [{ outcome: 'success', proves: 1 }],
      runs: '1',
      ends: 'failure: no-step',
    },
    {
      it: 'nobody by a failed step that proves',
      script: login('executeStep(1, {onFail: () => executeStep(3)})'),
      happens: [{ outcome: 'fail', proves: true }],
      runs: '1 3',
      ends: 'failure: no-step',
    },
    { it: 'nobody by a script without entry point', script: 'var x = 1;', runs: '', ends: 'SCRIPT_ERROR' },
    { it: 'nobody by an entry that is no function', script: 'var onLoginRequest = 5', runs: '', ends: 'SCRIPT_ERROR' },
    { it: 'nobody by a script with a syntax error', script: 'function (', runs: '', ends: 'SCRIPT_SYNTAX' },
    {
      it: 'nobody when the last callback throws',
      script: login('executeStep(1, {onSuccess: () => { undefined.x }})'),
      runs: '1',
      ends: 'SCRIPT_ERROR',
    },
  ]);
});

describe('fail and sendError', () => {
  table([
    {
      it: 'end the login in onLoginRequest',
      script: login('executeStep(1); fail();'),
      runs: '',
      ends: 'failure: fail',
    },
    {
      it: 'let the callback run to its end, and schedule nothing more',
      script: login(`executeStep(1, {onSuccess: () => { sendError('/e', {a: 1}); executeStep(2); ${log('end')} }})`),
      runs: '1',
      ends: 'failure: sendError',
      logs: ['end'],
    },
    {
      it: 'the first stands: fail, then sendError',
      script: login("fail({errorCode: 'a'}); sendError('/b');"),
      runs: '',
      ends: 'failure: fail',
    },
    {
      it: 'the first stands: sendError, then fail, then an error',
      script: login("sendError(null); fail(); throw new Error('x');"),
      runs: '',
      ends: 'failure: sendError',
    },
    {
      it: 'refuse effects afterwards, and let reads pass',
      script: login(`executeStep(1, {onSuccess: (context) => {
        auditThis('before');
        fail();
        auditThis('after');
        context.currentKnownSubject.localClaims.nick = 'after';
        Log.info(hasRole(context.currentKnownSubject, 'odd'));
      }})`),
      runs: '1',
      ends: 'failure: fail',
      logs: [
        'auditThis was refused: the sign-in has been decided.',
        'user.write was refused: the sign-in has been decided.',
        'true',
      ],
    },
    {
      it: 'end the login also when what they are given cannot be made text, and the script catches',
      script: login('const o = {}; o.o = o; try { fail(o); } catch (e) {} executeStep(1);'),
      runs: '',
      ends: 'SCRIPT_ERROR',
    },
    {
      it: 'end it when their argument throws while it is read',
      script: login('try { sendError("/x", {get a() { throw 1; }}); } catch (e) {} executeStep(1);'),
      runs: '',
      ends: 'SCRIPT_ERROR',
    },
  ]);

  it('tell what they were given, and where', () => {
    const { result } = playWhole(
      login("executeStep(1, {onSuccess: () => {\n  fail({errorCode: 'no', errorURI: 'u'});\n}})"),
    );
    expect(result).toMatchObject({
      verdict: { by: 'fail', info: '[{"errorCode":"no","errorURI":"u"}]', line: 3 },
    });
    expect(playWhole(login("sendError('/e', {a: 1})")).result).toMatchObject({
      verdict: { by: 'sendError', info: '["/e",{"a":"1"}]', line: 2 },
    });
    expect(playWhole(login('fail()')).result).toMatchObject({ verdict: { info: '[null]' } });
  });

  it('journal no effect that was refused', () => {
    const { journal } = playWhole(login("fail(); auditThis('x');"));
    expect(journal.map(({ op }) => op)).toEqual(['start']);
  });
});
