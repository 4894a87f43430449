import { describe, expect, test } from 'vitest';
import type { FlowStep } from '../../src/login/flow.ts';
import { afterStep1, findingsOf, stepsOf } from './knowledge.ts';

const warnings = (script: string | null, steps?: FlowStep[]) =>
  findingsOf(script, steps ? { steps } : {}).filter(({ code }) => code === 'ACCOUNT_REQUIRED');

const local = "context.steps[1].idp == 'LOCAL'";

describe('JIT off: people without an account cannot come to a factor', () => {
  test.each([
    ['only after a local sign-in', afterStep1(`if (${local}) { executeStep(2); }`)],
    ['===', afterStep1("if (context.steps[1].idp === 'LOCAL') executeStep(2);")],
    ['the constant first', afterStep1("if ('LOCAL' === context.steps[1].idp) executeStep(2);")],
    [
      'the other branch of !=',
      afterStep1("if (context.steps[1].idp != 'LOCAL') { Log.info('x'); } else { executeStep(2); }"),
    ],
    ['negation', afterStep1(`if (!(${local})) { return; } executeStep(2);`)],
    ['an early return', afterStep1("if (context.steps[1].idp !== 'LOCAL') return;\nexecuteStep(2);")],
    ['a refusal before', afterStep1("if (context.steps[1].idp !== 'LOCAL') { fail(); }\nexecuteStep(2);")],
    ['a throw before', afterStep1("if (context.steps[1].idp !== 'LOCAL') throw new Error('no');\nexecuteStep(2);")],
    ['&&', afterStep1(`${local} && executeStep(2);`)],
    ['||', afterStep1("context.steps[1].idp != 'LOCAL' || executeStep(2);")],
    [
      'a condition that has more in it',
      afterStep1(`if (${local} && hasRole(context.currentKnownSubject, 'admin')) executeStep(2);`),
    ],
    ['a conditional expression', afterStep1(`${local} ? executeStep(2) : Log.info('federated');`)],
    ['the connection excluded', afterStep1("if (context.steps[1].idp != 'Partner IdP') executeStep(2);")],
    ['the authenticator', afterStep1("if (context.steps[1].authenticator === 'BasicAuthenticator') executeStep(2);")],
    ['a name for the idp', afterStep1("var idp = context.steps[1].idp; if (idp == 'LOCAL') executeStep(2);")],
    ['a name for the step', afterStep1("var first = context.steps[1]; if (first.idp == 'LOCAL') executeStep(2);")],
    ['a name for the answer', afterStep1(`const isLocal = ${local}; if (isLocal) executeStep(2);`)],
    ['a list that includes', afterStep1("if (['LOCAL', 'Google'].includes(context.steps[1].idp)) executeStep(2);")],
    ['a list with indexOf', afterStep1("if (['LOCAL'].indexOf(context.steps[1].idp) > -1) executeStep(2);")],
    [
      'a switch',
      afterStep1("switch (context.steps[1].idp) { case 'LOCAL': executeStep(2); break; default: Log.info('x'); }"),
    ],
    [
      'a switch the other way round',
      afterStep1("switch (context.steps[1].idp) { case 'Partner IdP': break; default: executeStep(2); }"),
    ],
    [
      'a helper',
      `function isLocal(context) { return ${local}; } ${afterStep1('if (isLocal(context)) executeStep(2);')}`,
    ],
    ['a function of its own', `function second() { executeStep(2); } ${afterStep1(`if (${local}) second();`)}`],
    [
      'a named callback',
      `var onLoginRequest = function (context) { executeStep(1, { onSuccess: after }); };
      function after(context) { if (${local}) { executeStep(2); } }`,
    ],
    [
      'named callbacks',
      `var handlers = { onSuccess: function (context) { if (${local}) executeStep(2); } };
      function onLoginRequest() { executeStep(1, handlers); }`,
    ],
    [
      'only local options',
      `var onLoginRequest = function (context) {
      executeStep(1, { authenticationOptions: [{ authenticator: 'basic' }] }, { onSuccess: function () { executeStep(2); } }); };`,
    ],
    [
      'the connection on another way',
      `var onLoginRequest = function (context) {
      if (context.request.ip == '203.0.113.7') executeStep(1);
      else executeStep(1, { authenticationOptions: { 0: { authenticator: 'BasicAuthenticator' } } }, { onSuccess: function () { executeStep(2); } }); };`,
    ],
    ['the factor never run', afterStep1('')],
    ['the factor never run: no call of the function', `function unused() { executeStep(2); } ${afterStep1('')}`],
    [
      'a retry that calls itself',
      `function login(context) { executeStep(1, {
      onSuccess: function (context) { if (${local}) executeStep(2); }, onFail: function (context) { login(context); } }); }
      var onLoginRequest = login;`,
    ],
    [
      'onFail: nobody has passed',
      `var onLoginRequest = function (context) {
      executeStep(1, { onFail: function () { executeStep(2); } }); };`,
    ],
  ])('%s', (_name, script) => {
    expect(warnings(script)).toEqual([]);
  });

  test('the factor alone, or a connection with JIT provisioning', () => {
    expect(warnings(null, stepsOf([{ authenticator: 'basic' }], [{ authenticator: 'totp' }]))).toEqual([]);
    expect(warnings(null, stepsOf([{ idp: 'Google' }], [{ authenticator: 'totp' }]))).toEqual([]);
    expect(warnings(null, stepsOf([{ authenticator: 'totp' }], [{ idp: 'Partner IdP' }]))).toEqual([]);
    expect(warnings(null, stepsOf([{ idp: 'Partner IdP' }], [{ authenticator: 'basic' }]))).toEqual([]);
  });
});

describe('JIT off: people without an account can come to a factor', () => {
  test.each([
    ['one step after the other', 'var onLoginRequest = function (context) { executeStep(1); executeStep(2); };'],
    ['for everybody', afterStep1('executeStep(2);')],
    ['only for the connection', afterStep1("if (context.steps[1].idp == 'Partner IdP') executeStep(2);")],
    ['the wrong way round', afterStep1("if (context.steps[1].idp != 'LOCAL') executeStep(2);")],
    [
      'a condition about something else',
      afterStep1("if (hasRole(context.currentKnownSubject, 'admin')) executeStep(2);"),
    ],
    [
      'one of two conditions is enough',
      afterStep1(`if (${local} || hasRole(context.currentKnownSubject, 'a')) executeStep(2);`),
    ],
    ['after the guarded part', afterStep1(`if (${local}) { Log.info('local'); }\nexecuteStep(2);`)],
    [
      'an early return on some ways only',
      afterStep1("if (context.steps[1].idp != 'LOCAL') { if (Math.random() > 0.5) return; }\nexecuteStep(2);"),
    ],
    ['a condition about another step', afterStep1('if (context.steps[2].idp == null) executeStep(2);')],
    [
      'a comparison in a turn too early',
      "var onLoginRequest = function (context) { executeStep(1); if (context.steps[1].idp != 'Partner IdP') executeStep(2); };",
    ],
    [
      'an answer from a turn too early',
      `var onLoginRequest = function (context) {
      var partner = context.steps[1].idp == 'Partner IdP';
      executeStep(1, { onSuccess: function () { if (!partner) executeStep(2); } }); };`,
    ],
    [
      'a name that is changed',
      afterStep1(`var idp = context.steps[1].idp; idp = 'LOCAL'; if (idp == 'LOCAL') executeStep(2);`),
    ],
    [
      'a switch that falls through',
      afterStep1("switch (context.steps[1].idp) { case 'Partner IdP': Log.info('x'); case 'LOCAL': executeStep(2); }"),
    ],
    [
      'a helper that answers something else',
      `function isLocal() { return true; } ${afterStep1('if (isLocal()) executeStep(2);')}`,
    ],
    ['a function of its own', `function second() { executeStep(2); } ${afterStep1('second();')}`],
    ['a loop', afterStep1('for (var i = 2; i < 3; i++) { executeStep(i); }')],
    ['a list', afterStep1('[2].forEach(function (step) { executeStep(step); });')],
    ['a name for the step number', `var mfa = 2; ${afterStep1('executeStep(mfa);')}`],
    [
      'after the step, not in its callback',
      `var onLoginRequest = function (context) {
      executeStep(1, { onSuccess: function (context) { Log.info('x'); } });
      executeStep(2); };`,
    ],
    [
      'in a callback of a step between',
      `var onLoginRequest = function (context) {
      executeStep(1, { onSuccess: function () { executeStep(3, { onSuccess: function () { executeStep(2); } }); } }); };`,
    ],
    [
      'a callback handed on',
      `function ask(then) { executeStep(1, { onSuccess: then }); }
      var onLoginRequest = function (context) { ask(function () { executeStep(2); }); };`,
    ],
    [
      'callbacks that cannot be read',
      `var onLoginRequest = function (context) { executeStep(1, makeHandlers()); executeStep(2); };
      function makeHandlers() { return {}; }`,
    ],
    ['a prompt between', afterStep1("prompt('page', { onSuccess: function () { executeStep(2); } });")],
    [
      'a try that throws',
      afterStep1(`try { if (context.steps[1].idp != 'LOCAL') throw 1; } catch (e) { executeStep(2); }`),
    ],
    [
      'recursion',
      `function run(n) { if (n == 0) { executeStep(1); return; } run(n - 1); executeStep(2); }
      var onLoginRequest = function (context) { run(1); };`,
    ],
  ])('%s', (_name, script) => {
    const three = [
      ...stepsOf(
        [{ authenticator: 'basic' }, { idp: 'Partner IdP' }],
        [{ authenticator: 'totp' }],
        [{ authenticator: 'basic' }],
      ),
    ];
    const [finding] = warnings(script, three);
    expect(finding).toMatchObject({ severity: 'warning', line: expect.any(Number) });
    expect(finding?.message).toContain('without running it');
  });

  test('the script is off: the flow itself is read, and both mends are named', () => {
    const found = findingsOf(afterStep1(`if (${local}) executeStep(2);`), { scriptEnabled: false });
    expect(found).toEqual([
      {
        severity: 'warning',
        code: 'ACCOUNT_REQUIRED',
        message:
          'Step 1 offers connection «Partner IdP», which signs people in without an account (JIT provisioning is off). Such a person can come to step 2, where «TOTP» and «Email OTP» belong to an account: the sign-in fails there. This is read from the flow: no script decides.',
        line: null,
        column: null,
        endLine: null,
        endColumn: null,
        path: '/steps/1',
        mend: "Turn JIT provisioning on for «Partner IdP», or skip the factor in the script for people without an account: if (context.steps[1].idp == 'LOCAL') { executeStep(2); }",
      },
    ]);
  });

  test('no script at all, and later steps too', () => {
    const steps = stepsOf([{ idp: 'Partner IdP' }], [{ authenticator: 'basic' }], [{ authenticator: 'totp' }]);
    expect(warnings(null, steps)).toMatchObject([{ path: '/steps/2' }]);
  });

  test('a connection that only links people: its reason, and its own mend', () => {
    const guests = stepsOf([{ idp: 'Guests' }], [{ authenticator: 'totp' }]);
    const [finding, ...others] = warnings('function onLoginRequest() { executeStep(1); executeStep(2); }', guests);
    expect(others).toEqual([]);
    expect(finding?.message).toContain('makes no account for people whom no linking rule fits (skipJitOnNoMatch)');
    expect(finding?.mend).toMatch(/^Turn jit.linking.skipJitOnNoMatch off for «Guests», or skip the factor/);
  });

  test.each(["{ stepOptions: { provisionUser: 'false' } }", '{ stepOptions: { provisionUser: false } }'])(
    'a script that lets people in without an account: %s',
    (options) => {
      const google = stepsOf([{ idp: 'Google' }], [{ authenticator: 'totp' }]);
      const [finding, ...others] = warnings(
        `function onLoginRequest() { executeStep(1, ${options}, {}); executeStep(2); }`,
        google,
      );
      expect(others).toEqual([]);
      expect(finding?.message).toContain('the script lets people in without an account (provisionUser is false)');
      expect(finding?.mend).toMatch(/^Leave provisionUser out, or skip the factor/);
      expect(warnings('function onLoginRequest() { executeStep(1); executeStep(2); }', google)).toEqual([]);
    },
  );
});
