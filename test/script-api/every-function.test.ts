import { describe, expect, it } from 'vitest';
import { offlineKnowledge } from '../../src/cli/flow-file.ts';
import type { ScriptFunction } from '../../src/script-api/definition.ts';
import { scriptFunctions } from '../../src/script-api/index.ts';
import { type ValueTypeName, valueTypes } from '../../src/script-api/value-types.ts';
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
  request: { good: 'context.request', bad: 'context' },
  response: { good: 'context.response', bad: 'context.request' },
  text: { good: "'x'", bad: '{}' },
  'text or null': { good: 'null', bad: '[]' },
  number: { good: '1', bad: "'many'" },
  boolean: { good: 'true', bad: "'perhaps'" },
  texts: { good: "['x']", bad: "'x'" },
  'texts by name': { good: "{ a: 'x' }", bad: '{ a: {} }' },
  object: { good: '{ a: 1 }', bad: "'x'" },
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

const line = 4;
const callOf = (fn: ScriptFunction, args: string[]) => `var cyclic = {}; cyclic.self = cyclic;
function onLoginRequest(context) {
  executeStep(1, { onSuccess: function (context) {
    ${fn.name}(${[...args, ...(fn.handlers === 'always' ? ['{ onSuccess: function () {} }'] : [])].join(', ')});
  } });
}`;

const wrongCalls = called
  .filter(({ effect }) => effect !== 'steers')
  .flatMap((fn) => {
    const good = fn.parameters.map(({ type }) => samples[type].good);
    return [
      { fn, args: [...good, '1'], says: `takes ${fn.parameters.length} arguments` },
      ...fn.parameters.flatMap(({ name, type, optional }, i) => {
        const { bad } = samples[type];
        const says = `${fn.name}: ${name} must be ${valueTypes[type].expected}`;
        const put = (value: string) => ({ fn, args: good.with(i, value), says });
        const missing = optional ? [] : [{ fn, args: good.slice(0, i), says }];
        return [...missing, ...(bad === null ? [] : [put(bad)]), ...odd.map(put)];
      }),
    ];
  });

describe('a wrong call ends the login at its line, and says what was wrong', () => {
  it.each(wrongCalls.map(({ fn, args, says }) => [`${fn.name}(${args.join(', ')})`, { fn, args, says }] as const))(
    '%s',
    async (_call, { fn, args, says }) => {
      const { outcome, effects } = await tryScript(callOf(fn, args));
      expect(outcome).toMatchObject({ result: 'error', code: 'SCRIPT_ERROR', line });
      expect(outcome.message).toContain(says);
      expect(effects).toEqual([]);
    },
  );
});
