import { describe, expect, it } from 'vitest';
import { play } from '../../sandbox/play.ts';
import type { CallShape } from '../../sandbox/read-arguments.ts';
import { guestSteering } from '../../src/script-api/index.ts';
import { bundle, createWorld, ending, lines, login, patient } from './world.ts';

/** What steers the sign-in takes what its definition says: the engine has no list of its own. */

function playDefined(body: string, steering: readonly CallShape[]) {
  const world = createWorld();
  const result = play({ ...bundle(login(body)), steering }, [], patient, world.answer);
  const verdict = result.kind === 'ends' ? result.verdict : null;
  return { verdict, end: ending(result), asked: world.asked.map(({ op }) => op) };
}

/** The definitions with one of them changed. */
const redefine = (name: string, change: (call: CallShape) => CallShape) =>
  guestSteering.map((call) => (call.name === name ? change(call) : call));

/** A call as it is right, and how it ends. */
const right: Readonly<Record<string, { args: string[]; end: string }>> = {
  executeStep: { args: ['1', '{ stepOptions: {} }'], end: 'success' },
  fail: { args: ['{ errorCode: "no" }'], end: 'failure: fail' },
  sendError: { args: ['"/e"', '{ a: 1 }'], end: 'failure: sendError' },
  selectAcrFrom: { args: ['context', '["gold"]'], end: 'failure: no-step' },
  require: { args: ['"greetings"'], end: 'SCRIPT_ERROR' },
};

describe.each(guestSteering.map((call) => [call.name, call] as const))('%s', (name, call) => {
  const { args, end } = right[name]!;
  const body = `${name}(${args.join(', ')});`;

  it('is called rightly', () => {
    expect(playDefined(body, guestSteering)).toMatchObject({ end });
  });

  it.each(call.parameters.map((parameter, i) => [parameter.name, i] as const))(
    'takes another %s when its definition does, under another name',
    (_parameter, i) => {
      const changed = redefine(name, ({ parameters, ...rest }) => ({
        ...rest,
        parameters: parameters.with(i, { name: 'renamed', type: 'boolean' }),
      }));
      expect(playDefined(body, changed)).toMatchObject({
        end: 'SCRIPT_ERROR',
        verdict: { message: expect.stringContaining(`${name}: renamed must be true or false, and `), line: 2 },
        asked: ['start'],
      });
    },
  );

  it('lacks what its definition asks for in addition', () => {
    const changed = redefine(name, ({ parameters, ...rest }) => ({
      ...rest,
      parameters: [...parameters, { name: 'more', type: 'text' }],
    }));
    const { verdict, asked } = playDefined(body, changed);
    expect(verdict).toMatchObject({ message: `${name}: more must be a text, and nothing was given.` });
    expect(asked).toEqual(['start']);
  });

  it('is given too much when its definition takes less, and cannot be called without one', () => {
    const less = redefine(name, ({ parameters, ...rest }) => ({ ...rest, parameters: parameters.slice(0, -1) }));
    const without = guestSteering.filter((each) => each.name !== name);
    for (const [steering, says] of [
      [less, `takes ${args.length - 1} arguments`],
      [without, `${name} is no function of this sign-in.`],
    ] as const) {
      const { verdict, asked } = playDefined(body, steering);
      expect(verdict).toMatchObject({ result: 'error', message: expect.stringContaining(says), line: 2 });
      expect(asked).toEqual(['start']);
    }
  });
});

it('what a verdict was given is told as its definition reads it', () => {
  const info = (body: string) => playDefined(body, guestSteering).verdict;
  expect(info('fail({ errorCode: 42, errorURI: null })')).toMatchObject({ info: '[{"errorCode":"42"}]' });
  expect(info('sendError(undefined, { a: true })')).toMatchObject({ info: '[null,{"a":"true"}]' });
});

it('a list that says something else the second time is taken as it was checked', () => {
  const { end, asked } = playDefined(
    `const acrs = ['gold'], seen = [];
     Object.defineProperty(acrs, 0, { get: () => { seen.push(1); return seen.length > 1 ? { toString: () => 'silver' } : 'gold'; } });
     if (selectAcrFrom(context, acrs) === 'silver') executeStep(1);`,
    guestSteering,
  );
  expect([end, asked]).toEqual(['failure: no-step', ['start']]);
});

it.each([
  ["['bronze', 'gold', 'silver']", 'gold'],
  ["['silver', 'gold']", 'silver'],
  ["['bronze', 3, true]", '3'],
  ["['bronze', true]", 'true'],
  ["['bronze']", 'null'],
  ['[]', 'null'],
])('selectAcrFrom(context, %s) of what was asked for: silver, gold, 3 and true', (list, chosen) => {
  const world = createWorld();
  const result = play(bundle(login(`Log.info(String(selectAcrFrom(context, ${list})));`)), [], patient, (question) => {
    const reply = world.answer(question) as { answer: string };
    const requestedAcr = ['silver', 'gold', '3', 'true'];
    return { answer: JSON.stringify({ ...JSON.parse(reply.answer), requestedAcr }) };
  });
  expect(lines(result)).toEqual([chosen]);
});
