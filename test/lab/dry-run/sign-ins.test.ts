import { describe, expect, it } from 'vitest';
import type { SignInRule } from '../../../src/applications/sign-in-rule.ts';
import type { Connection } from '../../../src/connections/connection.ts';
import { defaultJit } from '../../../src/connections/default-jit.ts';
import { claims } from '../../../src/directory/claims.ts';
import type { Scenario } from '../../../src/lab/dry-run-types.ts';
import { after, ann, flow, google, grace, run } from './world.ts';

/** What becomes of people in a dry run: their steps, their accounts, the rules that they meet. */

const withoutJit: Connection = { ...google, jit: { ...defaultJit, enabled: false } };

describe('the mission’s script', () => {
  it('asks a local person for a factor, and lets them try again', async () => {
    const { outcome, steps, provisioning, effects, trace } = await run({
      steps: { 1: [{ outcome: 'success', idp: 'LOCAL', user: ann }], 2: [{ outcome: 'fail' }, { outcome: 'success' }] },
    });
    expect(outcome).toMatchObject({ result: 'success', code: null, amr: ['pwd', 'otp'], subject: { username: 'ann' } });
    expect(steps.map(({ step, authenticator, outcome }) => [step, authenticator, outcome])).toEqual([
      [1, 'BasicAuthenticator', 'success'],
      [2, 'totp', 'fail'],
      [2, 'totp', 'success'],
    ]);
    expect(trace.map(({ kind, name, line }) => [kind, name, line])).toEqual([
      ['start', 'onLoginRequest', null],
      ['call', 'executeStep', 4],
      ['step', 'BasicAuthenticator', 4],
      ['call', 'executeStep', 7],
      ['step', 'totp', 7],
      ['end', 'success', null],
    ]);
    expect({ provisioning, effects }).toEqual({ provisioning: [], effects: [] });
  });

  it('asks nothing more of a person from Google, and shows the account that would be made', async () => {
    const { outcome, steps, provisioning } = await run({ steps: { 1: [{ outcome: 'success', ...grace }] } });
    expect(outcome).toMatchObject({ result: 'success', amr: [] });
    expect(steps).toHaveLength(1);
    expect(provisioning).toMatchObject([
      { step: 1, idp: 'Google', result: 'created', account: { username: 'grace@example.com', groups: ['research'] } },
    ]);
    expect(provisioning[0]!.changes).toContainEqual({ what: claims.email, before: null, after: 'grace@example.com' });
  });

  it.each([
    ['JIT off, script on: no account, signed in', true, withoutJit, { result: 'success', code: null }],
    [
      'JIT off, script off: the factor has no account to belong to',
      false,
      withoutJit,
      {
        result: 'failure',
        code: 'ACCOUNT_REQUIRED',
        message:
          'Sign-in needs an account here: connection «Google» signs people in without one (JIT provisioning is off), and «TOTP» belongs to an account.',
      },
    ],
  ])('%s', async (_title, scriptEnabled, connection, expected) => {
    const { outcome, provisioning } = await run(
      { steps: { 1: [{ outcome: 'success', ...grace }] } },
      { connections: [connection], flow: { scriptEnabled } },
    );
    expect(outcome).toMatchObject(expected);
    expect(provisioning).toEqual([]);
  });

  it('makes the account before the factor that needs it', async () => {
    const { outcome, provisioning, trace } = await run(
      { steps: { 1: [{ outcome: 'success', ...grace }], 2: [{ outcome: 'success', authenticator: 'EmailOTP' }] } },
      { flow: { scriptEnabled: false } },
    );
    expect(outcome).toMatchObject({ result: 'success', amr: ['mail'] });
    expect(provisioning.map(({ result }) => result)).toEqual(['created']);
    const kinds = trace.map(({ kind }) => kind);
    expect(kinds.indexOf('provisioning')).toBeLessThan(kinds.lastIndexOf('step'));
  });
});

describe('somebody who chose a factor first, and then came through the connection again', () => {
  type Attempt = NonNullable<Scenario['steps']>[string][number];
  const again = { steps: [flow.steps[0]!, { options: [...flow.steps[1]!.options, { idp: 'Google' }] }] };
  const seen = after(`executeStep(2, { onSuccess: function (context) {
    var told = context.steps[1].provisioning;
    Log.info(told.result + ' ' + (told.problem ? told.problem.code : 'well'));
  } });`);
  const google = { idp: 'Google', subject: 'g-1' };
  const comes = (second: Partial<Attempt>, more: Partial<Attempt> = {}) =>
    run(
      {
        steps: {
          1: [{ outcome: 'success', ...grace, ...more }],
          2: [{ outcome: 'success', ...second }],
        },
      },
      { flow: { ...again, ...seen.flow } },
    );

  it.each<[string, Partial<Attempt>, Partial<Attempt>, string[], string]>([
    ['has an account by then', { ...google, choseFirst: 'EmailOTP' }, {}, ['created well'], 'success'],
    ['has none yet where no factor was chosen', google, {}, ['pending well'], 'success'],
    [
      'may go on where the account was refused, and is refused at the end as well',
      { ...google, choseFirst: 'totp' },
      { provisioning: [{ result: 'refused', code: 'ACCOUNT_LOCKED' }] },
      ['refused ACCOUNT_LOCKED'],
      'failure',
    ],
    [
      'is let in at the end where it is not refused again',
      { ...google, choseFirst: 'totp' },
      { provisioning: [{ result: 'refused', code: 'ACCOUNT_LOCKED' }, { result: 'created' }] },
      ['refused ACCOUNT_LOCKED'],
      'success',
    ],
    [
      'takes the factor after all, and is given one account',
      { choseFirst: 'email-otp-authenticator', authenticator: 'totp' },
      {},
      ['created well'],
      'success',
    ],
    [
      'is gone where they leave what is asked',
      { ...google, choseFirst: 'totp' },
      { provisioning: [{ result: 'cancelled' }] },
      [],
      'failure',
    ],
  ])('%s', async (_how, second, first, told, result) => {
    const { outcome, logs, provisioning } = await comes(second, first);
    expect({ told: logs.map(({ message }) => message), result: outcome.result }).toEqual({ told, result });
    expect(provisioning.filter(({ result: made }) => made === 'created').length).toBeLessThan(2);
  });
});

describe('a rule of the application', () => {
  it('is the end of a sign-in that the script let end well', async () => {
    const rule: SignInRule = { kind: 'group-factor', group: 'staff', authenticators: ['email-otp-authenticator'] };
    const scenario: Scenario = {
      steps: { 1: [{ outcome: 'success', idp: 'LOCAL', user: ann }], 2: [{ outcome: 'success' }] },
    };
    const { outcome } = await run(scenario, { signInRules: [rule] });
    expect(outcome).toMatchObject({
      result: 'failure',
      code: 'RULE_NOT_MET',
      message: 'The rule: members of group «staff» need email-otp-authenticator.',
    });
    expect((await run(scenario, { signInRules: [] })).outcome.result).toBe('success');
  });
});
