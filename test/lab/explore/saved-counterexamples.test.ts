import fc from 'fast-check';
import { Value } from 'typebox/value';
import { afterAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/connections/connection.ts';
import { createDryRun } from '../../../src/lab/dry-run.ts';
import { Scenario } from '../../../src/lab/dry-run-types.ts';
import type { FlowStep } from '../../../src/login/flow.ts';
import { curiousScripts } from './programs.ts';
import { tellPath, tellRun } from './tell-paths.ts';
import { after, authenticators, createLab, google, googleWithoutJit, limits, usualSteps } from './world.ts';

const { pool, explore } = createLab();
afterAll(() => pool.close());
const dryRun = createDryRun({ pool, limits, authenticators, clock: { now: () => 0 } });

/** Each path of the kind, as a counterexample of a property that it is the only one to break. */
async function replays(
  script: string,
  connection: Connection,
  { steps = usualSteps, most = Number.POSITIVE_INFINITY }: { steps?: FlowStep[]; most?: number } = {},
) {
  const flow = { steps, script, scriptEnabled: true };
  const { paths } = await explore(script, { connections: [connection], steps });
  if (paths.length > most) return [];
  const numbers = paths.map(({ number }) => number);
  const properties = numbers.map((number) => ({ name: `${number}`, script: `(path) => path.number !== ${number}` }));
  const found = await explore(script, { connections: [connection], steps, properties });
  const told = [];
  for (const { counterexample } of found.properties.slice(-numbers.length)) {
    const { path, scenario } = JSON.parse(JSON.stringify(counterexample)) as NonNullable<typeof counterexample>;
    expect([...Value.Errors(Scenario, scenario)]).toEqual([]);
    const world = { applicationName: 'Payroll', connections: [connection], findUser: async () => null };
    const run = await dryRun({ flow, scenario: scenario!, ...world });
    told.push({ path: tellPath(paths[path - 1]!), run: tellRun(run), scenario });
  }
  return told;
}

const linking = { ...google.jit.linking, enabled: true };
const withJit = (jit: Partial<Connection['jit']>): Connection => ({ ...google, jit: { ...google.jit, ...jit } });

describe('a counterexample about provisioning', () => {
  const factors = [
    ...usualSteps.slice(0, 1),
    { options: [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }] },
  ];
  const again = [...usualSteps.slice(0, 1), { options: [{ authenticator: 'totp' }, { idp: 'Google' }] }];
  /** It says what it sees, so that a run that sees something else goes another way. */
  const tells = `var tell = function (context) {
      var told = context.steps[1].provisioning;
      hasRole(context.currentKnownSubject, told ? told.result + (told.problem ? told.problem.code : '') : 'nothing');
    };`;
  const looks = after(
    `${tells} tell(context); executeStep(2, { onSuccess: tell, onFail: function (context) { tell(context); fail(); } });`,
  );

  const ends = after(`${tells} executeStep(2, { onSuccess: tell });`);

  it.each<[string, string, Connection, FlowStep[]?]>([
    ['what a script sees', looks, google],
    ['what a script sees where accounts are linked', looks, withJit({ linking })],
    [
      'what a script sees where nobody is given an account',
      looks,
      withJit({ linking: { ...linking, skipJitOnNoMatch: true } }),
    ],
    ['what a script sees where provisioning is off', looks, googleWithoutJit],
    ['a refusal that a handler is told', after('executeStep(2, { onFail: function () { executeStep(2); } });'), google],
    ['a refusal at a step with a choice', looks, google, factors],
    ['somebody who first chose a factor, and then came through the connection again', ends, google, again],
    ['the same with what may not last', ends, withJit({ scheme: 'PROMPT_CONSENT' }), again],
    [
      'the account before it is needed',
      after('if (context.steps[1].provisioning && context.steps[1].provisioning.userId) fail(); else executeStep(2);'),
      google,
    ],
    [
      'a refusal that may not last',
      after('executeStep(2, { onFail: function () { executeStep(2); } });'),
      withJit({ scheme: 'PROMPT_CONSENT' }),
    ],
  ])('is a scenario by which a dry run goes the same way: %s', async (_, script, connection, steps) => {
    const told = await replays(script, connection, steps ? { steps } : {});
    expect(told.some(({ scenario }) => JSON.stringify(scenario).includes('"provisioning"'))).toBe(true);
    for (const { path, run, scenario } of told) expect(run, JSON.stringify(scenario)).toEqual(path);
  });
});

describe('each path of random scripts', () => {
  const local = { authenticator: 'BasicAuthenticator' };
  const totp = { authenticator: 'totp' };
  const mail = { authenticator: 'email-otp-authenticator' };
  const first = { options: [local, { idp: 'Google' }] };

  it.each<[string, Connection, FlowStep[]]>([
    ['factors of an account', google, [first, { options: [totp, mail] }]],
    ['one factor, and nobody is given an account', googleWithoutJit, [first, { options: [totp] }]],
    ['a factor, or the connection again', google, [first, { options: [totp, { idp: 'Google' }] }]],
    ['the same where accounts are linked', withJit({ linking }), [first, { options: [totp, { idp: 'Google' }] }]],
  ])('is a scenario by which a dry run goes the same way: %s', async (_, connection, steps) => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(curiousScripts, async (script) => {
        for (const { path, run, scenario } of await replays(script, connection, { steps, most: 30 })) {
          compared++;
          expect(run, `${script}\n${JSON.stringify(scenario)}`).toEqual(path);
        }
      }),
      { numRuns: 12, seed: 11 },
    );
    expect(compared).toBeGreaterThan(40);
  });
});
