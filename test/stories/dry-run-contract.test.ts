import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claims } from '../../src/directory/claims.ts';
import type { DryRunAnswer, Scenario } from '../../src/lab/dry-run-types.ts';
import type { Flow } from '../../src/login/flow.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { missionScript, missionSteps, startWorld, type World } from './world.ts';

/** What a dry run over HTTP promises, each sentence by itself. */

const canary = 'canary-of-a-real-secret';
let world: World;
let endpoint: Endpoint;

beforeAll(async () => {
  endpoint = await createEndpoint();
  world = await startWorld({
    env: { STEPGATE_EGRESS_HOSTS: new URL(endpoint.url).hostname },
  });
  await world.addUser('ann', { email: 'ann@example.com' });
  await world.admin.post('/secrets', { name: 'KEY', value: canary });
  for (const name of ['admin', 'trainee']) await world.admin.post('/roles', { name });
});
afterAll(async () => {
  await world?.close();
  await endpoint?.close();
});

type Answer = DryRunAnswer & { findings: { code: string }[] };

async function tries(scenario: Scenario, more: { script?: string; steps?: Flow['steps'] } = {}): Promise<Answer> {
  const path = `/applications/${world.registered.id}/dry-run`;
  return (await world.admin.post(path, { scenario, ...more })) as unknown as Answer;
}

/** A script whose first step, once passed, runs `body`. */
const after = (body: string) => ({
  script: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    var user = context.currentKnownSubject;
    ${body}
  } });
};`,
});
const passes = (user: NonNullable<Scenario['steps']>[string][number]['user']): Scenario => ({
  steps: { 1: [{ outcome: 'success', idp: 'LOCAL', ...(user === undefined ? {} : { user }) }] },
});
const made = { username: 'made-up', roles: ['admin'], claims: { [claims.email]: 'made-up@example.com' } };
const said = ({ logs }: Answer) => logs.map(({ message }) => message);

it('takes a whole request and gives a whole answer, as the reference has them', async () => {
  const script = `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    httpGet('https://risk.example.com/', { onSuccess: function (context, data) {
      Log.info('risk', data.risk, context.request.ip, new Date());
      prompt('internalWait', { onSuccess: function (context) {
        if (data.risk > 2 && context.request.params.age[0] === '20') executeStep(2, { onFail: function () { executeStep(2); } });
      } });
    } });
  } });
};`;
  const steps = [missionSteps[0]!, { options: [{ authenticator: 'totp' }] }];
  const answer = await tries(
    {
      now: '2026-11-23T10:00:00Z',
      request: { ip: '203.0.113.7', headers: {}, params: {}, cookies: {}, acrValues: [] },
      steps: {
        1: [
          {
            outcome: 'success',
            idp: 'LOCAL',
            authenticator: 'BasicAuthenticator',
            user: {
              username: 'ann',
              claims: { [claims.email]: 'ann@example.com' },
              roles: ['admin'],
              groups: ['staff'],
            },
          },
        ],
        2: [{ outcome: 'fail' }, { outcome: 'success' }],
      },
      functions: { httpGet: [{ outcome: 'success', data: { risk: 3 } }] },
      prompts: [{ action: 'success', params: { age: '20' } }],
    },
    { script, steps },
  );
  expect(answer.outcome).toEqual({
    result: 'success',
    code: null,
    message: null,
    waitingFor: null,
    redirect: null,
    application: null,
    acr: null,
    limit: null,
    line: null,
    column: null,
    amr: ['pwd', 'otp'],
    subject: expect.objectContaining({ username: 'ann', roles: ['admin'], groups: ['staff'] }),
  });
  expect(answer.steps).toEqual([
    { step: 1, idp: 'LOCAL', authenticator: 'BasicAuthenticator', outcome: 'success' },
    { step: 2, idp: 'LOCAL', authenticator: 'totp', outcome: 'fail' },
    { step: 2, idp: 'LOCAL', authenticator: 'totp', outcome: 'success' },
  ]);
  expect(answer.trace.map(({ kind, name, line }) => [kind, name, line])).toEqual([
    ['start', 'onLoginRequest', null],
    ['call', 'executeStep', 2],
    ['step', 'BasicAuthenticator', 2],
    ['call', 'httpGet', 3],
    ['log', 'Log.info', 4],
    ['prompt', 'prompt', 5],
    ['call', 'executeStep', 6],
    ['step', 'totp', 6],
    ['call', 'executeStep', 6],
    ['step', 'totp', 6],
    ['end', 'success', null],
  ]);
  for (const { source, ...item } of answer.trace) {
    expect(source).toBe(item.name === 'httpGet' ? 'stated' : undefined);
    expect(Object.keys(item).sort()).toEqual(['args', 'atMs', 'column', 'kind', 'line', 'name', 'result', 'seq']);
  }
  expect(answer.logs).toEqual([
    { level: 'info', message: 'risk 3 203.0.113.7 "2026-11-23T10:00:00.000Z"', line: 4, column: 11 },
  ]);
  expect(answer.usage).toMatchObject({
    cpuMs: { used: expect.any(Number), limit: 500 },
    heapBytes: { used: expect.any(Number), limit: 16_777_216 },
    journalEntries: { used: 6, limit: 200 },
    logLines: { used: 1, limit: 200 },
  });
  expect({ provisioning: answer.provisioning, findings: answer.findings }).toEqual({ provisioning: [], findings: [] });
});

it('script and steps default to the draft, and without one to what is live', async () => {
  const logs = (what: string, step = 1) =>
    `var onLoginRequest = function () { Log.info('${what}'); executeStep(${step}); };`;
  await world.publish({ script: logs('live') });
  expect(said(await tries(passes(made)))).toEqual(['live']);
  const flow = `/applications/${world.registered.id}/sign-in-flow`;
  const onlyPassword = [{ options: [{ authenticator: 'BasicAuthenticator' }] }];
  await world.admin.put(flow, { steps: onlyPassword, script: logs('draft', 2) });
  const drafted = await tries(passes(made));
  expect({ said: said(drafted), code: drafted.outcome.code }).toEqual({ said: ['draft'], code: 'SCRIPT_ERROR' });
  const given = await tries(passes(made), { script: logs('given', 2), steps: missionSteps });
  expect({ said: said(given), result: given.outcome.result }).toEqual({ said: ['given'], result: 'waiting' });
  await world.admin.put(flow, { steps: missionSteps, script: missionScript });
});

it.each<['success' | 'fail' | 'abort' | 'fallback', string]>([
  ['success', 'onSuccess'],
  ['fail', 'onFail'],
  ['abort', 'onUserAbort'],
  ['fallback', 'onFallback'],
])('an attempt that ends as %s runs %s', async (outcome, handler) => {
  const script = `function say(what) { return function () { Log.info(what); fail(); }; }
var onLoginRequest = function () {
  executeStep(1, { onSuccess: say('onSuccess'), onFail: say('onFail'), onUserAbort: say('onUserAbort'), onFallback: say('onFallback') });
};`;
  const answer = await tries({ steps: { 1: [{ outcome, idp: 'LOCAL', user: made }] } }, { script });
  expect(said(answer)).toEqual([handler]);
  expect(answer.steps).toEqual([{ step: 1, idp: 'LOCAL', authenticator: 'BasicAuthenticator', outcome }]);
});

it('each attempt at a step takes its next entry, and the last one repeats', async () => {
  const script = `var tries = 0;
function again() { if (++tries < 5) executeStep(2, { onFail: again, onSuccess: again }); }
var onLoginRequest = function () { executeStep(1, { onSuccess: again }); };`;
  const second = [{ outcome: 'fail' as const }, { outcome: 'success' as const }, { outcome: 'fail' as const }];
  const { steps } = await tries({ steps: { ...passes(made).steps, 2: second } }, { script });
  expect(steps.slice(1).map(({ outcome }) => outcome)).toEqual(['fail', 'success', 'fail', 'fail']);
});

it('a user is somebody who is stored, by name, or somebody of the scenario alone', async () => {
  const asks = after(`Log.info(user.username, user.localClaims['${claims.email}'], hasRole(user, 'admin'));`);
  expect(said(await tries(passes('ANN'), asks))).toEqual(['ann ann@example.com false']);
  expect(said(await tries(passes(made), asks))).toEqual(['made-up made-up@example.com true']);
  const unknown = await tries(passes('nobody-here'), asks);
  expect(unknown.findings).toContainEqual(
    expect.objectContaining({ code: 'UNKNOWN_USER', path: '/scenario/steps/1/0/user' }),
  );
});

it('somebody from a connection has idp, subject and claims, and the account is shown as it is and as it would be', async () => {
  const grace = { outcome: 'success' as const, idp: 'Google', subject: 'g-77', claims: { email: 'g77@example.com' } };
  const comes: Scenario = { steps: { 1: [grace] } };
  const first = await tries(
    comes,
    after("Log.info(context.steps[1].idp, user.remoteClaims ? user.remoteClaims.email : '');"),
  );
  expect(first.provisioning).toMatchObject([
    {
      step: 1,
      idp: 'Google',
      result: 'created',
      before: null,
      account: { claims: { [claims.email]: 'g77@example.com' } },
    },
  ]);
  expect(first.logs[0]?.message).toMatch(/^Google /);
  expect(await world.users()).toHaveLength(1);
});

it('functions that only read answer from the people, unless the scenario answers for them, call by call', async () => {
  const asks = after("for (var i = 0; i < 3; i++) Log.info(hasRole(user, 'admin'));");
  expect(said(await tries(passes(made), asks))).toEqual(['true', 'true', 'true']);
  const answered = { ...passes(made), functions: { hasRole: [{ data: false }, { data: true }] } };
  expect(said(await tries(answered, asks))).toEqual(['false', 'true', 'true']);
});

it('stored people are found where a function names them', async () => {
  const asks = after(`var found = getUniqueUserWithClaimValues({ '${claims.email}': 'ann@example.com' }, context);
    Log.info(found ? found.username : 'nobody');`);
  expect(said(await tries(passes(made), asks))).toEqual(['ann']);
});

it.each([
  ['the user id', (id: string) => ({ [claims.userId]: id }), 'ann'],
  ['its plain name', (id: string) => ({ userid: id }), 'ann'],
  ['the user id and another claim', (id: string) => ({ userid: id, emailaddress: 'ann@example.com' }), 'ann'],
  [
    'the user id and a claim of somebody else',
    (id: string) => ({ userid: id, emailaddress: 'b@example.com' }),
    'nobody',
  ],
  ['an id that nobody has', (id: string) => ({ userid: `${id}x` }), 'nobody'],
])('stored people are found by %s', async (_what, wanted, name) => {
  const ann = (await world.users()).find(({ username }) => username === 'ann')!;
  const asks = after(`var found = getUniqueUserWithClaimValues(${JSON.stringify(wanted(ann.id))}, context);
    Log.info(found ? found.username : 'nobody');`);
  expect(said(await tries(passes(made), asks))).toEqual([name]);
});

it('secrets are always fake, and a call without an answer is not made', async () => {
  const asks = after(`Log.info('key ' + secrets.KEY);
    httpPost('${endpoint.url}/score', { key: secrets.KEY }, { 'X-Key': secrets.KEY }, { onSuccess: function () {} });`);
  const answer = await tries(passes(made), asks);
  expect(answer.outcome).toMatchObject({ result: 'waiting', waitingFor: { kind: 'function', name: 'httpPost' } });
  expect(answer.effects.map(({ name }) => name)).toEqual(['httpPost']);
  expect(said(answer)[0]).toMatch(/^key secret~KEY~/);
  expect(JSON.stringify(answer)).not.toContain(canary);
  expect(endpoint.asked).toEqual([]);
});

it('what changes something is recorded, answers as if it were done, is seen by later reads, and is not done', async () => {
  const asks = after(`Log.info(assignUserRoles(user, ['trainee']), hasRole(user, 'trainee'));
    user.localClaims['${claims.nickname}'] = 'Annie'; Log.info(user.localClaims['${claims.nickname}']);`);
  const before = await world.users();
  const answer = await tries(passes('ann'), asks);
  expect(said(answer)).toEqual(['true true', 'Annie']);
  expect(answer.effects.map(({ name }) => name)).toEqual(['assignUserRoles', 'user.write']);
  expect(await world.users()).toEqual(before);
});

describe('what the scenario does not answer ends the run as waiting, and says what for', () => {
  it.each<[string, Scenario, string, object]>([
    ['a step', {}, '', { kind: 'step', step: 1, options: [{ idp: 'LOCAL' }, { idp: 'Google' }], line: 2 }],
    ['a prompt', passes(made), "prompt('internalWait', {});", { kind: 'prompt', name: 'internalWait', line: 4 }],
    [
      'a function',
      passes(made),
      "httpGet('https://x.example/', { onFail: function () {} });",
      { kind: 'function', name: 'httpGet', args: ['https://x.example/'], handlers: ['onFail'], line: 4 },
    ],
  ])('%s', async (_what, scenario, body, waitingFor) => {
    const { outcome } = await tries(scenario, after(body));
    expect(outcome).toMatchObject({ result: 'waiting', code: null, waitingFor });
  });
});

describe('a script’s own failure is an answer like others, with code and line', () => {
  it.each<[string, string, number]>([
    ['SCRIPT_ERROR', "throw new Error('no');", 4],
    ['SCRIPT_TIMEOUT', 'for (;;) {}', 2],
    ['SCRIPT_MEMORY', "var all = []; for (;;) all.push(new Array(1e5).fill('x'));", 2],
    ['SCRIPT_DEADLOCK', 'return new Promise(function () {});', 2],
    ['SCRIPT_LIMIT', "for (;;) hasRole(user, 'admin');", 4],
    ['SCRIPT_DATA', "setCookie(context.response, 'c', new Array(2e6).join('x'));", 4],
    ['SCRIPT_SYNTAX', 'executeStep(', 5],
  ])('%s', async (code, body, line) => {
    const { outcome } = await tries(passes(made), after(body));
    expect(outcome).toMatchObject({ result: 'error', code, line, message: expect.stringMatching(/\S/) });
  });
});

it.each<[string, unknown, number]>([
  ['no scenario', {}, 422],
  ['an unknown part of a scenario', { scenario: { step: {} } }, 422],
  ['an outcome that there is not', { scenario: { steps: { 1: [{ outcome: 'maybe' }] } } }, 422],
  ['a step number that is none', { scenario: { steps: { first: [{ outcome: 'success' }] } } }, 422],
  ['a time that is none', { scenario: { now: 'yesterday' } }, 422],
])('a wrong request is refused: %s', async (_what, body, expected) => {
  await expect(world.admin.post(`/applications/${world.registered.id}/dry-run`, body)).rejects.toMatchObject({
    status: expected,
    problem: {
      code: expect.any(String),
      findings: [{ path: expect.stringMatching(/^\/scenario/) }],
    },
  });
});
