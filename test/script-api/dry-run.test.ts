import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DryRunAnswer, Scenario } from '../../src/lab/dry-run-types.ts';
import type { Fake, ScriptFunction } from '../../src/script-api/definition.ts';
import { dryRunOf, fakeOf, runsDry } from '../../src/script-api/dry-run.ts';
import { noSessions, secretsWithoutValue } from '../../src/script-api/fakes.ts';
import { scriptFunctions } from '../../src/script-api/index.ts';
import { ann, tryScript } from './world.ts';

const functions = [...scriptFunctions.values()].filter(({ effect }) => effect !== 'steers');
const named = (some: readonly ScriptFunction[]) => some.map((fn) => [fn.name, fn] as const);
type Stated = NonNullable<Scenario['functions']>;

/** Whoever is asked answers with nothing. */
const answers: Stated = Object.fromEntries(
  functions.filter(({ effect }) => effect === 'asks').map(({ name }) => [name, [{ data: {} }]]),
);
const without = ({ name: own }: ScriptFunction): Stated =>
  Object.fromEntries(Object.entries(answers).filter(([name]) => name !== own));
const pressed = [{ action: 'success' }];

/** Plays the example of a function for Ann. @returns the answer, and its calls in the trace */
async function play(
  fn: ScriptFunction,
  scenario: Scenario,
): Promise<{ answer: DryRunAnswer; calls: DryRunAnswer['trace'] }> {
  const answer = await tryScript(fn.example, { ...ann, ...scenario });
  return { answer, calls: answer.trace.filter(({ name }) => name === fn.name) };
}

describe('where the scenario states nothing, a dry run does what the definition says', () => {
  it.each(named(functions))('with %s', async (name, fn) => {
    const { unstated, recorded, stated } = dryRunOf(fn);
    const { answer, calls } = await play(fn, { functions: without(fn), prompts: stated === 'prompts' ? [] : pressed });
    const { outcome, effects } = answer;
    if (unstated === 'wait') {
      const missing = stated === 'prompts' ? { kind: 'prompt' } : { kind: 'function', name };
      expect(outcome).toMatchObject({ result: 'waiting', waitingFor: missing });
      expect(calls).toEqual([]);
    } else {
      expect(outcome.result).not.toMatch(/waiting|error/);
      expect(calls.length).toBeGreaterThan(0);
    }
    const source = fakeOf(fn) ? 'fake' : undefined;
    expect(calls.map((call) => call.source)).toEqual(calls.map(() => source));
    if (unstated === 'null') expect(calls.map(({ result }) => result)).toEqual(calls.map(() => null));
    expect(effects.some((effect) => effect.name === name)).toBe(recorded);
  });
});

describe('what the scenario states is the answer, where the definition says so, and nothing else is', () => {
  it.each(named(functions.filter(({ internal }) => !internal)))('with %s', async (name, fn) => {
    const { domain } = fn;
    const [data = null] = domain === 'computed' ? [] : 'open' in domain ? domain.open : domain;
    const { calls } = await play(fn, { functions: { ...answers, [name]: [{ data }] }, prompts: pressed });
    const source = dryRunOf(fn).stated === 'functions' ? 'stated' : undefined;
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.map((call) => call.source)).toEqual(calls.map(() => source));
  });
});

describe('an answer rests on what is made up if the definition names it, and only then', () => {
  afterEach(() => vi.restoreAllMocks());

  /** The fakes whose parts of the world are looked at from now on. */
  function watchFakes(): Set<Fake> {
    const seen = new Set<Fake>();
    const watched = <Part extends object>(fake: Fake, part: Part) =>
      new Proxy(part, {
        get(target, name) {
          seen.add(fake);
          return Reflect.get(target, name);
        },
      });
    const { make: makeSessions } = noSessions;
    vi.spyOn(noSessions, 'make').mockImplementation((given) => watched(noSessions, makeSessions(given)));
    const { make: makeSecrets } = secretsWithoutValue;
    vi.spyOn(secretsWithoutValue, 'make').mockImplementation((given) =>
      watched(secretsWithoutValue, makeSecrets(given)),
    );
    return seen;
  }

  it.each(named(functions.filter(runsDry)))('that of %s', async (_name, fn) => {
    // The other functions of an example are answered for.
    const others = functions.filter((other) => other !== fn && fakeOf(other));
    const stated = Object.fromEntries(others.map(({ name }) => [name, [{ data: `${name} says` }]]));
    const seen = watchFakes();
    await play(fn, { functions: { ...answers, ...stated }, prompts: pressed });
    expect([...seen]).toEqual([fakeOf(fn)].filter((fake) => fake !== null));
  });
});

it('what is made up agrees with itself, and with what the sign-in has passed', async () => {
  const { logs, outcome } = await tryScript(`function onLoginRequest(context) {
    Log.info(checkSessionExistence(1, context));
    executeStep(1, { onSuccess: function (context) {
      var user = context.currentKnownSubject;
      Log.info(getUserSessions(user).length, Object.keys(getSessionData(context)).length);
      Log.info(isWithinSessionLimit(context, { sessionLimit: '1' }), isWithinSessionLimit(context, { sessionLimit: '0' }));
      Log.info(terminateUserSession(user, 'a'), checkSessionExistence(1, context), checkSessionExistence(2, context));
      Log.info(compareSecret(secrets.KEY, secrets.KEY), compareSecret(secrets.KEY, ''));
    } });
  }`);
  expect(logs.map(({ message }) => message)).toEqual(['false', '0 0', 'true false', 'true true false', 'false false']);
  expect(outcome.result).toBe('success');
});

it('a wrong call of what is made up is wrong in a dry run, too', async () => {
  const { outcome } = await tryScript(
    "function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) { isWithinSessionLimit(context, { sessionLimit: 'few' }); } }); }",
  );
  expect(outcome).toMatchObject({ result: 'error', code: 'SCRIPT_ERROR' });
});
