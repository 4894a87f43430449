import { describe, expect, it } from 'vitest';
import { type ValueTypeName, valueTypes } from '../../sandbox/value-types.ts';
import { offlineKnowledge } from '../../src/cli/flow-file.ts';
import type { ScriptFunction } from '../../src/script-api/definition.ts';
import { scriptFunctions } from '../../src/script-api/index.ts';
import { hasErrors, validateFlow } from '../../src/validator/validate.ts';
import { ann, steps, tryScript } from './world.ts';

const functions = [...scriptFunctions.values()];
const called = functions.filter(({ internal }) => !internal);

describe.each(functions.map((fn) => [fn.name, fn] as const))('%s', (_name, fn) => {
  it('says what it is', () => {
    expect(fn.summary).toMatch(/^[A-Z].*[.?]$/s);
    expect(fn.result.summary).toMatch(/^[A-Z].*\.$/s);
    for (const { summary } of fn.parameters) expect(summary).toMatch(/^[A-Z`].*\.$/s);
  });

  it('has optional parameters behind the others only', () => {
    const optional = fn.parameters.map((parameter) => parameter.optional === true);
    expect(optional).toEqual([...optional].sort());
  });

  it('has an example that the validator accepts and that uses it', async () => {
    const flow = { steps, script: fn.example, scriptEnabled: true };
    expect(hasErrors(validateFlow(flow, offlineKnowledge))).toBe(false);
    const answer = await tryScript(fn.example, { ...ann, functions: answers, prompts: [{ action: 'success' }] });
    expect(answer.outcome).not.toMatchObject({ result: 'error' });
    expect(answer.outcome).not.toMatchObject({ result: 'waiting' });
    if (fn.effect !== 'steers') expect(answer.trace.map(({ name }) => name)).toContain(fn.name);
  });
});

/** Whoever is asked answers with nothing. */
const answers = Object.fromEntries(
  functions.filter(({ effect }) => effect === 'asks').map(({ name }) => [name, [{ data: {} }]]),
);

/** Something of each type, and something that is none of it, as a script writes them. */
const samples: Record<ValueTypeName, { good: string; bad: string | null }> = {
  user: { good: 'context.currentKnownSubject', bad: "'ann'" },
  context: { good: 'context', bad: '{}' },
  'context or tenant': { good: "'carbon.super'", bad: '{}' },
  request: { good: 'context.request', bad: 'context' },
  response: { good: 'context.response', bad: 'context.request' },
  text: { good: "'x'", bad: '{}' },
  'text or null': { good: 'null', bad: '[]' },
  number: { good: '1', bad: "'many'" },
  boolean: { good: 'true', bad: "'perhaps'" },
  texts: { good: "['x']", bad: "'x'" },
  'texts by name': { good: "{ a: 'x' }", bad: '{ a: {} }' },
  'texts to tell': { good: "{ a: 'x', b: null }", bad: '{ a: {} }' },
  object: { good: '{ a: 1 }', bad: "'x'" },
  'prompt validators': { good: '{ a: 1 }', bad: null },
  value: { good: '1', bad: null },
};

/** Values that JSON cannot hold. */
const odd = [
  'function () {}',
  'Promise.resolve(1)',
  'cyclic',
  '10n',
  "Symbol('s')",
  "new Proxy({}, { ownKeys: function () { throw new Error('no keys') } })",
];

/** What is none of Unicode, too much for a whole sign-in, or no member of an object, as texts and in them. */
const poison = { lone: "'\\ud800'", long: "'x'.repeat(1e7)", prototype: `JSON.parse('{"__proto__": "x"}')` };
const poisoned: Record<ValueTypeName, string[]> = {
  user: [poison.lone, '{ $user: 1 }'],
  context: [poison.lone, '{ $context: 1 }'],
  'context or tenant': [poison.lone, '{ $context: 1 }'],
  request: [poison.lone, '{ $request: {} }'],
  response: [poison.lone, "{ $response: 'x' }"],
  text: [poison.lone],
  'text or null': [poison.lone],
  number: [poison.lone],
  boolean: [poison.lone],
  texts: [`['x', ${poison.lone}]`, `[${poison.prototype}]`],
  'texts by name': [`{ a: ${poison.lone} }`, `{ [${poison.lone}]: 'x' }`, poison.prototype],
  'texts to tell': [`{ a: ${poison.lone} }`, `{ [${poison.lone}]: 'x' }`, poison.prototype],
  object: [`{ a: [${poison.lone}] }`, `{ a: { b: ${poison.prototype} } }`],
  'prompt validators': [`{ a: [${poison.lone}] }`],
  value: [`{ a: [${poison.lone}] }`, `{ a: { b: ${poison.prototype} } }`],
};
/** Ten million characters, where they are not the whole argument. */
const long: Partial<Record<ValueTypeName, string>> = {
  texts: `['x', ${poison.long}]`,
  'texts by name': `{ a: ${poison.long} }`,
  'texts to tell': `{ a: ${poison.long} }`,
  object: `{ a: { b: ${poison.long} } }`,
  value: `[{ b: ${poison.long} }]`,
};

const line = 4;
const callOf = (fn: ScriptFunction, args: string[]) => `var cyclic = {}; cyclic.self = cyclic;
function onLoginRequest(context) {
  executeStep(1, { onSuccess: function (context) {
    ${fn.name}(${[...args, ...(fn.handlers === 'always' ? ['{ onSuccess: function () {} }'] : [])].join(', ')});
  } });
}`;

const code: string = 'SCRIPT_ERROR';

const objectOf = (names: number) => `{ ${Array.from({ length: names }, (_, i) => `n${i}: 'x'`).join(', ')} }`;

const wrongCalls = called.flatMap((fn) => {
  const good = fn.parameters.map(({ type }) => samples[type].good);
  const callbacks = fn.handlers === 'when given' ? ['{}'] : [];
  return [
    { fn, args: [...good, ...callbacks, '1'], code, says: `takes ${fn.parameters.length} arguments` },
    ...fn.parameters.flatMap(({ name, type, optional, most }, i) => {
      const { bad } = samples[type];
      const says = `${fn.name}: ${name} must be ${valueTypes[type].expected}`;
      const put = (value: string) => ({ fn, args: good.with(i, value), code, says });
      const putLong = {
        ...put(long[type] ?? poison.long),
        code: 'SCRIPT_DATA',
        says: `${fn.name}: ${name} has 1000000`,
      };
      const missing = optional ? [] : [{ fn, args: good.slice(0, i), code, says }];
      const tooMany =
        most === undefined
          ? []
          : [
              {
                ...put(objectOf(most + 1)),
                says: `${fn.name}: ${name} may have at most ${most} names, and ${most + 1} were`,
              },
            ];
      return [
        ...missing,
        ...tooMany,
        ...(bad === null ? [] : [put(bad)]),
        ...odd.map(put),
        ...poisoned[type].map(put),
        ...(type === 'user'
          ? [{ ...put("{ $user: 'nobody' }"), says: `${fn.name}: ${name} must be a user object of this sign-in` }]
          : []),
        putLong,
      ];
    }),
  ];
});

describe('a wrong call ends the login at its line, and says what was wrong', () => {
  it.each(wrongCalls.map((call) => [`${call.fn.name}(${call.args.join(', ')})`, call] as const))(
    '%s',
    async (_call, { fn, args, says, code }) => {
      const { outcome, effects } = await tryScript(callOf(fn, args));
      expect(outcome).toMatchObject({ result: 'error', code, line });
      expect(outcome.message).toContain(says);
      expect(effects).toEqual([]);
    },
  );
});

it.each(["fail({ errorCode: 'no', errorURI: null })", "sendError('', { reason: 'no', more: null })"])(
  '%s leaves out what is not there, and is no wrong call',
  async (call) => {
    const { outcome } = await tryScript(`function onLoginRequest(context) { ${call}; }`);
    expect(outcome).toMatchObject({ result: 'failure', code: 'DENIED_BY_SCRIPT' });
  },
);

describe('a wrong call does not show what is secret', () => {
  const hush: Partial<Record<ValueTypeName, string>> = {
    text: "{ a: 'hush' }",
    'text or null': "['hush']",
    object: "'hush'",
    'texts by name': "{ a: ['hush'] }",
  };
  const secret = called.flatMap((fn) =>
    fn.parameters.flatMap(({ name, type, secret }, i) => (secret ? [[fn.name, name, type, fn, i] as const] : [])),
  );

  it.each(secret)('%s: %s', async (fnName, name, type, fn, i) => {
    const good = fn.parameters.map((parameter) => samples[parameter.type].good);
    const { outcome } = await tryScript(callOf(fn, good.with(i, hush[type]!)));
    expect(outcome.message).toContain(
      `${fnName}: ${name} must be ${valueTypes[type].expected}, and something else was given`,
    );
    expect(outcome.message).not.toContain('hush');
  });
});

it('a wrong call shows no more of a value than tells which it was', async () => {
  const { outcome } = await tryScript(
    "function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) { hasRole(context.subject, ['x'.repeat(900)]); } }); }",
  );
  expect(outcome.message).toContain(`hasRole: role must be a text, and ["${'x'.repeat(77)}… was given`);
});

describe('after the verdict a function changes, sends, asks and shows nothing', () => {
  const acting = called.filter(
    ({ effect, name }) => effect !== 'reads' && !['require', 'selectAcrFrom'].includes(name),
  );

  it.each(acting.map((fn) => [fn.name, fn] as const))('%s', async (name, fn) => {
    const good = fn.parameters.map(({ type }) => samples[type].good);
    const script = callOf(fn, good).replace(`${name}(`, `fail({ errorCode: 'first' }); ${name}(`);
    const { outcome, effects, trace } = await tryScript(script);
    expect(outcome).toMatchObject({ result: 'failure', code: 'DENIED_BY_SCRIPT' });
    expect(effects).toEqual([]);
    expect(JSON.stringify(outcome)).toContain('first');
    expect(trace.map((each) => each.name)).not.toContain(name);
  });
});

describe('so does one of those that steer the sign-in', () => {
  it.each([
    [`executeStep(2, { authenticatorParams: { common: { a: ${poison.lone} } } }, {});`, 'half a character'],
    [`executeStep(2, { stepOptions: ${poison.prototype} }, {});`, 'an object with the name __proto__'],
    ['secrets.NOBODY_MADE_IT + compareSecret({}, 1);', 'compareSecret: secret must be'],
  ])('%s', async (call, says) => {
    const { outcome, effects } = await tryScript(`


function onLoginRequest(context) { ${call} }`);
    expect(outcome).toMatchObject({ result: 'error', code: 'SCRIPT_ERROR', line });
    expect(outcome.message).toContain(says);
    expect(outcome.message!.length).toBeLessThan(300);
    expect(effects).toEqual([]);
  });

  it.each([
    ['executeStep(LONG);', 'executeStep: step has 10000000 characters'],
    ['executeStep(2, { authenticationOptions: [{ idp: LONG }] }, {});', 'executeStep: options has 1000'],
    ['fail({ errorCode: LONG });', 'fail: error has 1000'],
    ['sendError(LONG);', 'sendError: url has 10000000 characters'],
    ['sendError(null, { a: LONG });', 'sendError: params has 1000'],
    ["filterAuthenticators(LONG, [], 'totp');", 'filterAuthenticators: tenant has 10000000 characters'],
    ["filterAuthenticators('carbon.super', [LONG], 'totp');", 'filterAuthenticators: options has 1000'],
    ["filterAuthenticators('carbon.super', [], LONG);", 'filterAuthenticators: exclude has 1000'],
    ['filterAuthenticators([], LONG);', 'filterAuthenticators: exclude has 1000'],
  ])('%s of ten million characters: the sign-in fails, and the admin reads where', async (call, says) => {
    const { outcome } = await tryScript(`


function onLoginRequest(context) { ${call.replace('LONG', poison.long)} }`);
    expect(outcome).toMatchObject({ result: 'error', code: 'SCRIPT_DATA', line });
    expect(outcome.message).toContain(says);
  });
});

describe('a wrong call of what steers the sign-in does the same, also where the script catches it', () => {
  it.each([
    ["executeStep(2, 'totp')", 'executeStep: options must be an object, and "totp" was given'],
    [
      'executeStep(2, {}, function () {})',
      'executeStep: callbacks must be an object of functions, and a function was given',
    ],
    ['executeStep(2, {}, [])', 'executeStep: callbacks must be an object of functions, and a list was given'],
    [
      'executeStep(2, {}, {}, 1)',
      'executeStep(step, options) takes 2 arguments besides its callbacks, and 3 were given',
    ],
    ["executeStep(2, {}, { onSuccess: 'go on' })", 'executeStep: onSuccess must be a function, and "go on" was given'],
    ['executeStep(3)', 'executeStep(3): the flow has the steps 1 to 2'],
    ['executeStep()', 'executeStep: step must be a number, and nothing was given'],
    ["executeStep('')", 'executeStep: step must be a number, and "" was given'],
    ["executeStep(' ')", 'executeStep: step must be a number, and " " was given'],
    ["executeStep('Infinity')", 'executeStep: step must be a number, and "Infinity" was given'],
    ["fail('no')", 'fail: error must be an object whose values are texts, and "no" was given'],
    ['fail([])', 'fail: error must be an object whose values are texts, and [] was given'],
    ['fail(Promise.resolve({}))', 'fail: error must be an object whose values are texts, and a promise was given'],
    ['fail({}, {})', 'fail(error) takes 1 arguments, and 2 were given'],
    ['sendError({})', 'sendError: url must be a text or null, and {} was given'],
    ["sendError(null, 'no')", 'sendError: params must be an object whose values are texts, and "no" was given'],
    ["sendError('', {}, 1)", 'sendError(url, params) takes 2 arguments, and 3 were given'],
    [
      `fail({ errorMessage: ${poison.lone} })`,
      'fail: error must be an object whose values are texts, and a text with half a character',
    ],
    ["selectAcrFrom({}, ['a'])", 'selectAcrFrom: context must be the context'],
    ["selectAcrFrom(context, 'a')", 'selectAcrFrom: acrs must be a list of texts, and "a" was given'],
    ["selectAcrFrom(context, [], 'a')", 'selectAcrFrom(context, acrs) takes 2 arguments, and 3 were given'],
    ["selectAcrFrom(context, ['a', {}])", 'selectAcrFrom: acrs must be a list of texts, and ["a",{}] was given'],
    ['require()', 'require: library must be a text, and nothing was given'],
    ["require('greetings', 'farewells')", 'require(library) takes 1 arguments, and 2 were given'],
    ['executeStep(2, [])', 'executeStep: options must be an object, and [] was given'],
    ['executeStep(2, Promise.resolve({}))', 'executeStep: options must be an object, and a promise was given'],
    ["httpGet('https://a.example', { onSuccess: function () {}, onFail: 1 })", 'httpGet: onFail must be a function'],
  ])('%s', async (call, says) => {
    const { outcome } = await tryScript(`function onLoginRequest(context) {
      executeStep(1, { onSuccess: function (context) {
        try {
          ${call};
        } catch (e) {} } });
    }`);
    expect(outcome).toMatchObject({ result: 'error', code: 'SCRIPT_ERROR', line });
    expect(outcome.message).toContain(says);
  });
});

it.each([
  ["publishToAnalytics({ Application: 'A', InputStream: 'I' }, { a: 1 })"],
  [
    "callChoreo({ url: 'https://a.example', consumerKey: 'k', consumerSecret: 's' }, {}, { onSuccess: function () {} })",
  ],
  ["if (filterAuthenticators(context.tenantDomain, context.steps[2].options, 'totp').length !== 1) throw 1"],
  ["promptIdentifierForStep(1, ['x'], { onSuccess: function () {} })"],
  ['promptIdentifierForStep(1, { preHandler: function () { return false; } }, { onSuccess: function () {} })'],
  ["if (getUniqueUserWithClaimValues({ emailaddress: 'ann@example.com' }, 'carbon.super').username !== 'ann') throw 1"],
  ["if (getUniqueUserWithClaimValues({ username: 'PRIMARY/Ann' }, context, 'default').username !== 'ann') throw 1"],
  ["if (getUniqueUserWithClaimValues({ username: 'DEFAULT/bea' }, context) !== null) throw 1"],
  ["if (getUsersWithClaimValues({ username: 'ann', emailaddress: 'b@example.com' }, context).length > 0) throw 1"],
])('%s is a call as other servers take it', async (call) => {
  const { outcome } = await tryScript(
    `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) { ${call}; } }); }`,
    { ...ann, functions: answers, prompts: [{ action: 'success' }] },
  );
  expect(outcome).toMatchObject({ result: 'success', message: null });
});
