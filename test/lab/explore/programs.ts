import fc from 'fast-check';
import type { Scenario } from '../../../src/lab/dry-run-types.ts';

/** Scripts that ask steps, functions and prompts in all orders, and decide by what they are told; none reads what is open. */
const conditions = [
  "hasRole(context.currentKnownSubject, 'admin')",
  "!hasRole(context.currentKnownSubject, 'staff')",
  "isMemberOfAnyOfGroups(context.currentKnownSubject, ['board'])",
  "context.steps[1].idp == 'LOCAL'",
  "context.steps[2].authenticator == 'totp'",
  'context.retry',
  "selectAcrFrom(context, ['gold', 'silver']) == 'gold'",
];

export const scripts = scriptsThatAsk(conditions);

/** Those that also look at what Just-in-Time provisioning did. */
export const curiousScripts = scriptsThatAsk([
  ...conditions,
  "context.steps[1].provisioning && context.steps[1].provisioning.result == 'created'",
  'hasRole(context.currentKnownSubject, String((context.steps[1].provisioning || {}).result))',
  'hasRole(context.currentKnownSubject, String(((context.steps[1].provisioning || {}).problem || {}).code))',
  'context.steps[1].provisioning && context.steps[1].provisioning.problem',
]);

function scriptsThatAsk(tests: readonly string[]): fc.Arbitrary<string> {
  const condition = fc.constantFrom(...tests);
  const { statements } = fc.letrec<{ statement: string; statements: string; handlers: string }>((tie) => ({
    statement: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('executeStep(2);', "fail({ errorCode: 'no' });", "Log.info('here');", "sendError('');"),
      fc.constantFrom("executeStep(2, { authenticationOptions: [{ authenticator: 'totp' }] }, {});"),
      fc.tuple(fc.constantFrom(1, 2), tie('handlers')).map(([step, given]) => `executeStep(${step}, ${given});`),
      fc
        .tuple(condition, tie('statements'), tie('statements'))
        .map(([test, yes, no]) => `if (context.currentKnownSubject && ${test}) { ${yes} } else { ${no} }`),
      tie('handlers').map((given) => `prompt('genericForm', { inputs: [{ id: 'a', label: 'A' }] }, ${given});`),
      tie('handlers').map((given) => `httpGet('https://risk.example', ${given});`),
    ),
    statements: fc.array(tie('statement'), { minLength: 1, maxLength: 2 }).map((list) => list.join(' ')),
    handlers: fc
      .tuple(
        fc.subarray(['onSuccess', 'onFail', 'onUserAbort', 'onTimeout']),
        fc.array(tie('statements'), { minLength: 4, maxLength: 4 }),
      )
      .map(
        ([names, bodies]) => `{ ${names.map((name, i) => `${name}: function (context) { ${bodies[i]} }`).join(', ')} }`,
      ),
  }));

  return statements.map(
    (body) => `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) { ${body} } }); }`,
  );
}

const missed = fc.constantFrom('fail' as const, 'abort' as const).map((outcome) => ({ outcome }));
const user = fc.record({
  username: fc.constant('ann'),
  roles: fc.subarray(['admin', 'staff']),
  groups: fc.subarray(['board', 'works']),
});
const first = fc.oneof(
  { weight: 3, arbitrary: user.map((who) => ({ outcome: 'success' as const, idp: 'LOCAL', user: who })) },
  { weight: 3, arbitrary: fc.constant({ outcome: 'success' as const, idp: 'Google', subject: 'g-1', claims: {} }) },
  { weight: 1, arbitrary: missed },
);
const second = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('totp', 'email-otp-authenticator')
      .map((authenticator) => ({ outcome: 'success' as const, authenticator })),
  },
  { weight: 1, arbitrary: missed },
);

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  request: fc.record({
    acrValues: fc.constantFrom<string[][]>([], ['gold'], ['silver']).map((values) => [...values]),
  }) as fc.Arbitrary<{ acrValues: string[] }>,
  steps: fc.record({
    1: fc.array(first, { minLength: 1, maxLength: 4 }),
    2: fc.array(second, { minLength: 1, maxLength: 4 }),
  }) as fc.Arbitrary<NonNullable<Scenario['steps']>>,
  functions: fc.record({
    httpGet: fc.array(
      fc
        .constantFrom('success' as const, 'fail' as const, 'timeout' as const)
        .map((outcome) => ({ outcome, data: {} })),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  prompts: fc.array(
    fc.constantFrom('success', 'cancel').map((action) => ({ action })),
    { minLength: 1, maxLength: 3 },
  ),
});
