import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { afterAll, describe, expect, it } from 'vitest';
import { createPool } from '../../sandbox/pool.ts';
import { defaultLimits } from '../../sandbox/protocol.ts';
import type { SignInRule } from '../../src/applications/sign-in-rule.ts';
import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../src/authenticators/federated/definition.ts';
import type { Connection } from '../../src/connections/connection.ts';
import { defaultJit } from '../../src/connections/default-jit.ts';
import { claims } from '../../src/directory/claims.ts';
import type { User } from '../../src/directory/user.ts';
import { newId } from '../../src/kernel/ids.ts';
import { createDryRun } from '../../src/lab/dry-run.ts';
import { DryRunAnswer, type DryRunRequest, type Scenario } from '../../src/lab/dry-run-types.ts';
import type { Flow } from '../../src/login/flow.ts';
import { createRegistry } from '../../src/login/options.ts';
import { aConnection, aUser } from '../provisioning/people.ts';

const pool = createPool({ size: 1, queue: 10 });
/** A busy machine must not keep a loop from using up its CPU time. */
const limits = { ...defaultLimits, turnWallMs: 30_000 };
const dryRun = createDryRun({
  pool,
  limits,
  authenticators: createRegistry(localDefinitions, federatedDefinition),
  clock: { now: () => Date.parse('2026-11-24T12:00:00Z') },
});
afterAll(() => pool.close());

const script = readFileSync(new URL('../../scripts/mfa-for-local-users/script.js', import.meta.url), 'utf8');
const flow: Flow = {
  steps: [
    { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
    { options: [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }] },
  ],
  script,
  scriptEnabled: true,
};
const google = aConnection({ groupMapping: { research: 'research' } });
const withoutJit: Connection = { ...google, jit: { ...defaultJit, enabled: false } };
const grace = {
  idp: 'Google',
  subject: 'g-1',
  claims: { email: 'grace@example.com', email_verified: true, groups: ['research'] },
};
const ann = { username: 'ann', claims: { [claims.email]: 'ann@example.com' }, roles: ['admin'], groups: ['staff'] };

function run(scenario: Scenario, more: Partial<Omit<DryRunRequest, 'flow'>> & { flow?: Partial<Flow> } = {}) {
  return dryRun({
    scenario,
    applicationName: 'Payroll',
    connections: [google],
    findUser: async () => null,
    ...more,
    flow: { ...flow, ...more.flow },
  });
}

/** A script whose first step, once passed, runs `body`. */
const after = (body: string) => ({
  flow: {
    script: `function onLoginRequest(context) {\n  executeStep(1, { onSuccess: function (context) {\n    ${body}\n  } });\n}`,
  },
});
const local: Scenario = { steps: { 1: [{ outcome: 'success', idp: 'LOCAL', user: ann }] } };

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

describe('what the scenario does not answer ends the run as waiting', () => {
  it.each<[string, Scenario, object]>([
    ['the first step', {}, { kind: 'step', step: 1, handlers: ['onSuccess'] }],
    ['the second step', local, { kind: 'step', step: 2, line: 7 }],
    ['an option that the step does not offer', { steps: { 1: [{ outcome: 'success', idp: 'Nobody' }] } }, { step: 1 }],
  ])('%s', async (_title, scenario, waitingFor) => {
    const { outcome } = await run(scenario);
    expect(outcome).toMatchObject({ result: 'waiting', code: null, waitingFor });
  });

  it('tells which options of a step are open, and what a call outside was given', async () => {
    const only = after("executeStep(2, { authenticationOptions: [{ authenticator: 'totp' }] }, {});");
    expect((await run(local, only)).outcome.waitingFor).toEqual({
      kind: 'step',
      step: 2,
      options: [{ idp: 'LOCAL', authenticator: 'totp' }],
      line: 3,
      column: 5,
      handlers: [],
    });
    const asks = after("httpGet('https://risk.example.com/', { onSuccess: function () {}, onFail: function () {} });");
    expect((await run(local, asks)).outcome.waitingFor).toMatchObject({
      kind: 'function',
      name: 'httpGet',
      args: ['https://risk.example.com/'],
      handlers: ['onSuccess', 'onFail'],
    });
  });
});

describe('ends', () => {
  it.each<[string, string, object]>([
    ['a throw', 'throw new Error("no");', { result: 'error', code: 'SCRIPT_ERROR', line: 3 }],
    ['a loop', 'for (;;);', { result: 'error', code: 'SCRIPT_TIMEOUT', line: 2 }],
    ['an unknown step', 'executeStep(7);', { result: 'error', code: 'SCRIPT_ERROR', line: 3, column: 5 }],
    ['a wrong call', 'hasRole("ann", "admin");', { result: 'error', code: 'SCRIPT_ERROR', line: 3 }],
    [
      'a filter that matches nothing',
      'executeStep(2, { authenticationOptions: [{ idp: "Nobody" }] }, {});',
      { result: 'error', code: 'SCRIPT_ERROR' },
    ],
    ['fail()', 'fail({ errorCode: "not_now" });', { result: 'failure', code: 'DENIED_BY_SCRIPT' }],
    [
      'sendError with a URL',
      'sendError("https://help.example/x", { q: 1 });',
      { result: 'failure', redirect: 'https://help.example/x?q=1' },
    ],
    [
      'a never settling promise',
      'return new Promise(function () {});',
      { result: 'error', code: 'SCRIPT_DEADLOCK', line: 2 },
    ],
  ])('%s', async (_title, body, expected) => {
    const { outcome, effects } = await run(local, after(body));
    expect(outcome).toMatchObject({ ...expected, acr: null });
    expect(effects).toEqual([]);
  });

  it('a script that cannot be parsed', async () => {
    const { outcome } = await run(local, { flow: { script: 'function onLoginRequest( {' } });
    expect(outcome).toMatchObject({ result: 'error', code: 'SCRIPT_SYNTAX', line: 1 });
  });

  it.each<[string, NonNullable<Scenario['steps']>, string]>([
    ['the attempts run out', { 1: [{ outcome: 'fail' }] }, 'INVALID_CREDENTIALS'],
    ['the person cancels', { 1: [{ outcome: 'abort' }] }, 'CANCELLED'],
  ])('%s', async (_title, steps, code) => {
    const result = await run({ steps });
    expect(result.outcome).toMatchObject({ result: 'failure', code, subject: null });
    expect(result.steps).toHaveLength(code === 'CANCELLED' ? 1 : 5);
  });

  it('a way that falls back runs onFallback, else onFail, and is not tried again', async () => {
    const fallback = (handlers: string) =>
      run(
        {
          steps: {
            1: [{ outcome: 'fallback' }],
            2: [{ outcome: 'success', user: ann, authenticator: 'BasicAuthenticator' }],
          },
        },
        {
          flow: {
            steps: [flow.steps[0]!, flow.steps[0]!],
            script: `function onLoginRequest() {
              function say(what) { return function () { Log.info(what); executeStep(2); }; }
              executeStep(1, { ${handlers} });
            }`,
          },
        },
      );
    const { outcome, steps, logs } = await fallback(`onFallback: say('fallback'), onFail: say('fail')`);
    expect(outcome).toMatchObject({ result: 'success', amr: ['pwd'] });
    expect(steps.map(({ step, outcome }) => [step, outcome])).toEqual([
      [1, 'fallback'],
      [2, 'success'],
    ]);
    expect(logs.map(({ message }) => message)).toEqual(['fallback']);
    expect((await fallback(`onFail: say('fail')`)).logs.map(({ message }) => message)).toEqual(['fail']);
    expect((await fallback('')).outcome).toMatchObject({ result: 'failure', code: 'ACCESS_DENIED' });
  });

  it('another person at a later step', async () => {
    const other = { outcome: 'success' as const, user: { username: 'mallory' } };
    const { outcome } = await run({ steps: { ...local.steps, 2: [other] } });
    expect(outcome).toMatchObject({ result: 'failure', code: 'WRONG_SUBJECT' });
  });
});

describe('what a script used', () => {
  it('stands beside each of its limits', async () => {
    const { usage } = await run(local, after("Log.info('hello', hasRole(context.subject, 'admin'));"));
    const shown = Object.fromEntries(Object.entries(usage).map(([name, { limit }]) => [name, limit]));
    const { loginCpuMs: cpuMs, callWallMs: callMs, entries: journalEntries, memoryMiB, ...same } = limits;
    expect(shown).toEqual({ ...same, cpuMs, callMs, journalEntries, heapBytes: memoryMiB * 2 ** 20 });
    // A clock of CPU time may not have ticked in a turn so short.
    const { callMs: calls, cpuMs: cpu, turnCpuMs: turn, ...others } = usage;
    expect(calls.used).toBe(0);
    expect(cpu.used).toBeGreaterThanOrEqual(turn.used);
    for (const { used } of Object.values(others)) expect(used).toBeGreaterThan(0);
    expect(usage).toMatchObject({ journalEntries: { used: 3 }, logLines: { used: 1 }, logLineBytes: { used: 10 } });
  });
});

it('the limit that ended a script is told with what was used of it, and no other fault names one', async () => {
  const asks = await run(local, after("for (var i = 0; i < 300; i++) hasRole(context.subject, 'r' + i);"));
  const limit = { name: 'entries', used: limits.entries + 1, allowed: limits.entries };
  expect(asks.outcome).toMatchObject({ result: 'error', code: 'SCRIPT_LIMIT', limit });
  expect((await run(local, after('null.x;'))).outcome).toMatchObject({ code: 'SCRIPT_ERROR', limit: null });
});

describe('functions and effects', () => {
  it('shows no secret argument among the effects, and sends nothing', async () => {
    const { outcome, effects, trace } = await run(
      { ...local, functions: { httpPost: [{ data: {} }], callChoreo: [{ data: {} }] } },
      after(`publishToAnalytics({ ReceiverUrl: '/x' }, { a: 1 }, context);
    httpPost('https://a.example/', { a: 1 }, {}, { type: 'bearer', token: 'canary-1' }, { onSuccess: function () {} });
    callChoreo({ url: 'https://a.example/', apiKey: 'canary-2' }, { a: 1 }, { onSuccess: function () {} });`),
    );
    expect(outcome.result).toBe('success');
    expect(effects).toEqual([
      { name: 'publishToAnalytics', args: [{ ReceiverUrl: '/x' }, { a: 1 }, true] },
      { name: 'httpPost', args: ['https://a.example/', { a: 1 }, {}, { $hash: expect.any(String) }] },
      { name: 'callChoreo', args: [{ $hash: expect.any(String) }, { a: 1 }] },
    ]);
    expect(JSON.stringify([effects, trace])).not.toContain('canary');
  });

  it('reads answer from the scenario’s person', async () => {
    const { logs } = await run(
      local,
      after(`var user = context.currentKnownSubject;
    Log.info(hasRole(user, 'admin'), hasRole(user, 'owner'), isMemberOfAnyOfGroups(user, ['staff']));
    Log.warn(user.localClaims['${claims.email}']);`),
    );
    expect(logs).toEqual([
      { level: 'info', message: 'true false true', line: 4, column: 9 },
      { level: 'warn', message: 'ann@example.com', line: 5, column: 9 },
    ]);
  });

  it('unless the scenario answers for them, call by call', async () => {
    const { logs } = await run(
      { ...local, functions: { hasRole: [{ data: false }, { data: true }] } },
      after(`for (var i = 0; i < 3; i++) Log.info(hasRole(context.currentKnownSubject, 'admin'));`),
    );
    expect(logs.map(({ message }) => message)).toEqual(['false', 'true', 'true']);
  });

  it('writes are recorded, seen by later reads, and done nowhere', async () => {
    const stored = Object.freeze({ ...storedUser('ann') });
    const { effects, logs } = await run(
      { steps: { 1: [{ outcome: 'success', user: 'ann' }] } },
      {
        ...after(`var user = context.currentKnownSubject;
    user.localClaims['${claims.nickname}'] = 'Annie'; Log.info(user.localClaims['${claims.nickname}']);`),
        findUser: async (username) => (username === 'ann' ? stored : null),
      },
    );
    expect(effects).toEqual([{ name: 'user.write', args: [stored.id, claims.nickname, 'Annie'] }]);
    expect(logs.map(({ message }) => message)).toEqual(['Annie']);
    expect(stored.attributes).toEqual([]);
  });

  it('knows the account that is linked to a person already', async () => {
    const { provisioning, outcome } = await run(
      { steps: { 1: [{ outcome: 'success', ...grace }] } },
      { findAssociated: async (_connection, subject) => (subject === 'g-1' ? storedUser('grace') : null) },
    );
    expect(outcome.subject).toMatchObject({ username: 'grace' });
    expect(provisioning).toMatchObject([{ result: 'updated', account: { username: 'grace' } }]);
  });

  it('gives the acr that the script chose, unless it says more than was passed', async () => {
    const chosen = (acr: string) => run(local, after(`context.selectedAcr = '${acr}';`));
    expect((await chosen('loa1')).outcome.acr).toBe('loa1');
    expect((await chosen('urn:stepgate:2fa')).outcome.acr).toBeNull();
  });
});

it('a scenario is the whole world: the same one gives the same run, and its answer keeps to the schema', async () => {
  const scenario: Scenario = {
    now: '2026-11-23T10:00:00Z',
    request: {
      ip: '198.51.100.9',
      headers: { 'User-Agent': 'x' },
      params: { q: '1' },
      cookies: { a: 'b' },
      acrValues: ['loa2'],
    },
    ...local,
  };
  const wanted = after(
    `Log.info(new Date(), Math.random(), context.request.ip, context.request.headers['user-agent'], context.request.params.q[0],
      context.request.cookies.a.value, context.requestedAcr, context.serviceProviderName);`,
  );
  const [first, second] = [await run(scenario, wanted), await run(scenario, wanted)];
  const { usage: _, trace, ...answer } = first;
  expect(second).toMatchObject(answer);
  const timeless = (items: typeof trace) => items.map((item) => ({ ...item, atMs: 0 }));
  expect(timeless(second.trace)).toEqual(timeless(trace));
  const times = trace.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.at(-1)).toBeGreaterThan(0);
  expect(first.logs[0]!.message).toMatch(
    /^"2026-11-23T10:00:00.000Z" 0\.\d+ 198\.51\.100\.9 x 1 b \["loa2"\] Payroll$/,
  );
  expect(Value.Check(DryRunAnswer, first)).toBe(true);
});

function storedUser(username: string): User {
  const id = newId('user');
  return {
    id,
    subject: id,
    username,
    usernameKey: username,
    userStore: 'PRIMARY',
    locked: false,
    disabled: false,
    attributes: [],
    verified: [],
    roles: [],
    applicationRoles: [],
    groups: [],
    createdAt: 0,
    updatedAt: 0,
    revision: 1,
  };
}

describe('prompts', () => {
  const asking = `function onLoginRequest() {
    executeStep(1, { onSuccess: ask });
    function ask() {
      prompt('internalWait', { onAgain: ask, onSuccess: function (context) { Log.info(context.request.params.age[0]); } });
    }
  }`;
  const tryPrompts = (prompts: Scenario['prompts']) =>
    run({ ...local, ...(prompts ? { prompts } : {}) }, { flow: { script: asking } });

  it('are answered by the scenario, and stand in the trace', async () => {
    const prompts = [{ action: 'again' }, { action: 'success', params: { age: '20' } }];
    const { outcome, trace, logs, effects } = await tryPrompts(prompts);
    expect(outcome.result).toBe('success');
    expect(logs.map(({ message }) => message)).toEqual(['20']);
    expect(trace.filter(({ kind }) => kind === 'prompt')).toMatchObject([
      { line: 4, args: ['internalWait'], result: { outcome: 'Again' } },
      { result: { outcome: 'Success', params: { age: ['20'] } } },
    ]);
    expect(effects).toEqual([]);
  });

  it('can be cancelled', async () => {
    const { outcome } = await tryPrompts([{ action: 'cancel' }]);
    expect(outcome).toMatchObject({ result: 'failure', code: 'CANCELLED' });
  });

  it('without an answer the run waits', async () => {
    const { outcome } = await tryPrompts(undefined);
    expect(outcome).toMatchObject({ result: 'waiting', waitingFor: { kind: 'prompt', name: 'internalWait', line: 4 } });
  });
});

describe('what is shown', () => {
  it('of an account is how it is and how it would be', async () => {
    const known = {
      ...aUser({ username: 'grace' }),
      attributes: [{ uri: claims.email, value: 'old@example.com', origin: `connection:${google.id}` as const }],
    };
    const comes: Scenario = { steps: { 1: [{ outcome: 'success', ...grace }] } };
    const first = await run(comes);
    expect(first.provisioning).toMatchObject([
      { result: 'created', before: null, account: { username: grace.claims.email } },
    ]);
    const again = await run(comes, { findAssociated: async () => known });
    expect(again.provisioning).toMatchObject([
      {
        result: 'updated',
        before: { username: 'grace', claims: { [claims.email]: 'old@example.com' } },
        account: { username: 'grace', claims: { [claims.email]: 'grace@example.com' } },
      },
    ]);
  });

  it('of long values is an excerpt in the trace, and all of it in effects', async () => {
    const long = `setCookie(context.response, 'c', new Array(2001).join('x'));`;
    const { trace, effects } = await run(local, after(long));
    expect(effects[0]?.args).toContain('x'.repeat(2000));
    const shown = trace.find(({ name }) => name === 'setCookie')?.args;
    expect(shown).toContain(`${'x'.repeat(300)}… (2000 characters)`);
  });

  it('of a line of the log has its place', async () => {
    const { trace } = await run(local, after('var a = 1; Log.info(a);'));
    expect(trace.find(({ kind }) => kind === 'log')).toMatchObject({ line: 3, column: 20 });
  });
});
