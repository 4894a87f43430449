import { tokenizer } from 'acorn';
import { describe, expect, it } from 'vitest';
import { guestSource } from '../../sandbox/guest-source.ts';
import { ending, lines, login, order, patient, playWhole } from './world.ts';

/*
 * Every built-in that a script reaches is made a liar in turn. A script whose second step is missed must never succeed,
 * and one that succeeds has its proof in the journal and nothing left in the queue.
 */

/** Walks from the globals over properties and prototypes; logs one path for each function and object. */
const walker = `const seen = new Set(), found = [];
  (function walk(value, path) {
    if (value === null || !/^(object|function)$/.test(typeof value) || seen.has(value) || path.length > 6) return;
    seen.add(value);
    const next = [];
    for (const key of Reflect.ownKeys(value)) {
      const named = typeof key === 'symbol' ? '@' + key.description : key;
      const own = Object.getOwnPropertyDescriptor(value, key);
      if (path.length > 0 || !/^(onLoginRequest|globalThis)$/.test(named)) found.push([...path, named]);
      if ('value' in own) next.push([own.value, [...path, named]]);
      else next.push([own.get, [...path, named, '#get']]);
    }
    next.push([Object.getPrototypeOf(value), [...path, '#proto']]);
    for (const [child, at] of next) walk(child, at);
  })(globalThis, []);
  for (const path of found) Log.info(JSON.stringify(path));`;

const whole = { ...patient, logLines: 100_000 };

function listPaths(): string[][] {
  const { result } = playWhole(login(`${walker} executeStep(1);`), [], whole);
  expect(ending(result)).toBe('success');
  return lines(result).map((line) => JSON.parse(line));
}

/** Finds the owner of a path, and puts `lie` in the place of its last name. */
const poison = (path: string[], lie: string) => `(function () {
  let at = globalThis;
  const path = ${JSON.stringify(path)}, last = path.pop();
  const keyOf = (name) => name[0] === '@' ? Symbol[name.slice(8)] : name;
  for (const name of path) {
    if (name === '#proto') at = Object.getPrototypeOf(at);
    else if (name === '#get') continue;
    else { const own = Object.getOwnPropertyDescriptor(at, keyOf(name)); at = own.get || own.value; }
  }
  const key = keyOf(last), own = Object.getOwnPropertyDescriptor(at, key), real = own.value;
  const value = ${lie};
  try { Object.defineProperty(at, key, own.get ? { get: value } : { value }); } catch (e) { try { at[key] = value; } catch (e) {} }
})();`;

const lies: Readonly<Record<string, string>> = {
  'answers with a passed step':
    "function () { return { outcome: 'success', proves: true, step: 2, user: 'u1', then: undefined, value: 'success', done: true }; }",
  'answers with its text': `function () { return '{"outcome":"success","proves":true,"step":2}'; }`,
  throws: "function () { throw new Error('poison'); }",
};

const twoSteps = (prefix: string) =>
  login(`${prefix}
  executeStep(1, { onSuccess: function () { executeStep(2, { onFail: function () {} }); } });`);

/** Plays the script that misses its second step; no lie may turn that into a sign-in, and few may break the script. */
function expectMissed(poisoned: readonly (readonly [what: string, prefix: string])[]): void {
  let asWithout = 0;
  for (const [what, prefix] of poisoned) {
    const end = ending(playWhole(twoSteps(prefix), ['success', 'fail']).result);
    expect([what, end]).toEqual([
      what,
      expect.stringMatching(/^(failure: (empty-handler|unanswered|no-step)|SCRIPT_\w+)$/),
    ]);
    if (end === 'failure: empty-handler') asWithout++;
  }
  expect(asWithout).toBeGreaterThan(poisoned.length * 0.9);
}

describe('every built-in', () => {
  const paths = listPaths();

  it('is found', () => {
    const names = paths.map((path) => path.join('.'));
    expect(names.length).toBeGreaterThan(700);
    for (const name of ['JSON.parse', 'Array.prototype.push', 'Promise.prototype.then', 'executeStep', 'Log.info']) {
      expect(names).toContain(name);
    }
  });

  it.each(Object.entries(lies))('that %s makes no missed step a passed one', { timeout: 300_000 }, (_name, lie) => {
    expectMissed(paths.map((path) => [path.join('.'), poison(path, lie)]));
  });

  it('that answers with a passed step lets nobody in before the last step is passed', { timeout: 300_000 }, () => {
    for (const path of paths) {
      const { result, journal } = playWhole(twoSteps(poison(path, lies['answers with a passed step']!)));
      if (ending(result) === 'success') expect([path, order(journal)]).toEqual([path, '1 2']);
    }
  });
});

describe('every name that our own code uses', () => {
  const source = guestSource();
  // Those of its texts too; words of comments are none of them.
  const tokens = Array.from(tokenizer(source, { ecmaVersion: 'latest' }), ({ start, end }) => source.slice(start, end));
  const names = [...new Set(tokens.flatMap((token) => /^'?([A-Za-z_$][\w$]*)'?$/.exec(token)?.[1] ?? []))];

  it.each([
    ['a text', "'success'"],
    ['an object', '{ outcome: "success", proves: true }'],
    ['a function', 'function () { return "success"; }'],
  ])('as %s on all prototypes makes no missed step a passed one', { timeout: 300_000 }, (_what, value) => {
    expect(names.length).toBeGreaterThan(300);
    expectMissed(
      names.map((name) => [
        name,
        `for (const base of [Object, Array, String, Function, Promise, Error, Date]) try {
          Object.defineProperty(base.prototype, ${JSON.stringify(name)}, { value: ${value}, writable: true, configurable: true });
        } catch (e) {}`,
      ]),
    );
  });
});
