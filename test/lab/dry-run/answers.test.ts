import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { claims } from '../../../src/directory/claims.ts';
import { DryRunAnswer, type Scenario } from '../../../src/lab/dry-run-types.ts';
import { aUser } from '../../provisioning/people.ts';
import { after, google, grace, limits, local, run } from './world.ts';

/** What functions answer in a dry run, and all that is told of it. */

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
    const stored = Object.freeze(aUser({ username: 'ann' }));
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
      { findAssociated: async (_connection, subject) => (subject === 'g-1' ? aUser({ username: 'grace' }) : null) },
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
