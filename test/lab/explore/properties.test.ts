import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createDryRun } from '../../../src/lab/dry-run.ts';
import { after, authenticators, createLab, googleWithoutJit, limits, usualSteps } from './world.ts';

const { pool, explore } = createLab();
afterAll(() => pool.close());
const dryRun = createDryRun({ pool, limits, authenticators, clock: { now: () => 0 } });

const mission = readFileSync(new URL('../../../scripts/mfa-for-local-users/script.js', import.meta.url), 'utf8');
const factor = 'no local person ends without a factor in step 2';
const account = 'no path reaches a factor that needs an account with JIT off';

describe('what is always asked', () => {
  it('holds of the mission’s script, with provisioning off too', async () => {
    const { properties } = await explore(mission, { connections: [googleWithoutJit] });
    expect(properties.map(({ holds, verdict, counterexample }) => [holds, verdict, counterexample])).toEqual([
      [true, 'holds', null],
      [true, 'holds', null],
      [true, 'holds', null],
    ]);
  });

  it('is broken by a script that asks everybody for the factor, with the shortest way there', async () => {
    const { properties, paths } = await explore(after('executeStep(2);'), { connections: [googleWithoutJit] });
    const broken = properties.find(({ name }) => name === account);
    expect(broken).toMatchObject({ holds: false, verdict: 'broken' });
    const path = paths[broken!.counterexample!.path - 1]!;
    expect(path.answers.map(({ answer }) => answer)).toEqual([
      'Google, without an account',
      'fail: there is no account',
    ]);
    expect(path.steps[1]).toMatchObject({ step: 2, lacksAccount: true, line: 3 });
  });

  it('is not proven where a path is open', async () => {
    const { properties, paths } = await explore(after("if (context.request.ip != 'x') executeStep(2);"));
    expect(properties.find(({ name }) => name === factor)).toMatchObject({
      holds: null,
      verdict: `not found broken in ${paths.length} paths`,
      counterexample: null,
    });
  });
});

describe('a rule about a group', () => {
  const findsSubject = 'var user = context.currentKnownSubject;';
  const findsSomebody = "var user = getUniqueUserWithClaimValues({ a: 'b' }, context) || context.currentKnownSubject;";

  it.each([
    ['holds where whoever comes in is asked for', findsSubject, true],
    ['is broken where somebody else is', findsSomebody, false],
  ])('%s', async (_, finds, isProven) => {
    const rules = [{ kind: 'group-factor' as const, group: 'admins', authenticators: ['totp'] }];
    const script = after(`${finds} if (isMemberOfAnyOfGroups(user, ['admins'])) executeStep(2);`);
    const { properties } = await explore(script, { rules });
    expect(properties.find(({ source }) => source === 'rule')?.holds).toBe(isProven);
  });
});

describe('a counterexample', () => {
  it.each([
    ['a role', "if (!hasRole(context.subject, 'admin')) executeStep(2);"],
    ['a claim', "if (context.subject.localClaims.level != 'low') executeStep(2);"],
    ['an account’s id', "if (getCookieValue(context.request, 'device') !== context.subject.uniqueId) executeStep(2);"],
    ['the address', "if (context.request.ip != '192.0.2.7') executeStep(2);"],
    ['a header', "if (context.request.headers['x-device'] != 'known') executeStep(2);"],
    ['a parameter', 'if (!context.request.params.quick) executeStep(2);'],
    ['the hour', 'if (new Date().getUTCHours() != 3) executeStep(2);'],
    [
      'an answer from outside',
      "httpGet('https://risk.example', { onSuccess: function (context, data) { if (data.risk > 3) executeStep(2); }, onFail: function () { executeStep(2); } });",
    ],
    [
      'a page',
      "prompt('genericForm', { inputs: [{ id: 'a', label: 'A' }] }, { onSuccess: function (context) { if (context.request.params.a[0] != 'skip') executeStep(2); } });",
    ],
    [
      'a failure before',
      'executeStep(2, { onFail: function () { if (hasRole(context.subject, "x")) executeStep(1); else fail(); } });',
    ],
  ])('about %s is a scenario by which a dry run goes the same way', async (_, body) => {
    const script = after(body);
    const { properties } = await explore(script);
    const { scenario } = properties.find(({ name }) => name === factor)!.counterexample!;
    const { outcome, steps } = await dryRun({
      flow: { steps: usualSteps, script, scriptEnabled: true },
      scenario: scenario!,
      applicationName: 'Payroll',
      connections: [],
      findUser: async () => null,
    });
    expect(outcome.result).toBe('success');
    expect(steps.filter(({ step, outcome }) => step === 2 && outcome === 'success')).toEqual([]);
  });
});

describe('a property of one’s own', () => {
  const judge = async (script: string) => {
    const { properties } = await explore(mission, { properties: [{ name: 'mine', script }] });
    return properties.at(-1);
  };

  it('sees a path as it is told', async () => {
    const script = "(path) => path.outcome.result !== 'success' || path.steps[0].outcome === 'success'";
    expect(await judge(script)).toMatchObject({ source: 'own', holds: true, verdict: 'holds', problem: null });
    expect(await judge("function (path) { return path.answers[0].answer != 'Google'; }")).toMatchObject({
      holds: false,
      counterexample: { path: expect.any(Number), scenario: { steps: { 1: [{ idp: 'Google' }] } } },
    });
  });

  it.each([
    ['throws', '(path) => path.nothing.here', 'SCRIPT_ERROR', 'path 1'],
    ['loops', '(path) => { for (;;); }', 'SCRIPT_TIMEOUT', 'CPU'],
    ['cannot be parsed', '(path) => {', 'SCRIPT_SYNTAX', 'line'],
    ['is no function', '17', 'SCRIPT_ERROR', 'must be a function'],
    ['says neither true nor false', '(path) => path.steps', 'SCRIPT_ERROR', 'true or false'],
    [
      'takes all memory',
      '(path) => { var a = []; for (;;) a.push(new Array(1000).fill(1)); }',
      'SCRIPT_MEMORY',
      'memory',
    ],
    ['looks for the process', "(path) => process.env.HOME === ''", 'SCRIPT_ERROR', 'not defined'],
  ])('that %s is a finding', async (_, script, code, says) => {
    const found = await judge(script);
    expect(found).toMatchObject({ holds: null, verdict: 'not asked', counterexample: null, problem: { code } });
    expect(found?.problem?.message).toContain(says);
  });
});
