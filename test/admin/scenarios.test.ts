import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPool } from '../../sandbox/pool.ts';
import { defaultLimits } from '../../sandbox/protocol.ts';
import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../src/authenticators/federated/definition.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createDryRun } from '../../src/lab/dry-run.ts';
import { createRegistry } from '../../src/login/options.ts';
import { aConnection, anApplication, createWorld, type World } from './world.ts';

const pool = createPool({ size: 1, queue: 10 });
const authenticators = createRegistry(localDefinitions, federatedDefinition);
const dryRun = createDryRun({ pool, limits: defaultLimits, authenticators, clock: systemClock });
afterAll(() => pool.close());

const folder = new URL('../../scripts/mfa-for-local-users/', import.meta.url);
const script = readFileSync(new URL('script.js', folder), 'utf8');
const { steps, items } = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8'));
const careless = script.replace("'LOCAL'", "'NOBODY'");

let world: World;
let at: string;
beforeEach(async () => {
  world = await createWorld({ deps: { dryRun } });
  await world.call('POST', '/connections', aConnection);
  at = `/applications/${(await world.call('POST', '/applications', anApplication)).body.id}`;
  await world.call('PUT', `${at}/sign-in-flow`, { steps, script });
  await world.happened();
});
afterEach(() => world.close());

const save = (scenarios: object[]) => world.call('PUT', `${at}/scenarios`, { items: scenarios });
const publish = (body = {}) => world.call('POST', `${at}/sign-in-flow/publish`, body);
const local = { steps: { 1: [{ outcome: 'success', idp: 'LOCAL', user: { username: 'ann' } }] } };
const asksForMore = {
  name: 'a local person is asked for more',
  scenario: local,
  expect: { outcome: { result: 'waiting', waitingFor: { kind: 'step', step: 2 } } },
};

describe('scenarios', () => {
  test('of a shipped script are stored as they stand in its folder, and pass', async () => {
    expect(await save(items)).toMatchObject({ status: 200, body: { items, findings: [] } });
    expect((await world.call('GET', `${at}/scenarios`)).body).toEqual({ items });
    const { body } = await world.call('POST', `${at}/scenarios/run`);
    expect(body).toMatchObject({ passes: true, passed: items.length, failed: 0 });
    expect(await world.happened()).toEqual(['flow.scenarios-saved']);
  });

  test('name each difference, with its place', async () => {
    await save([asksForMore]);
    const { body } = await world.call('POST', `${at}/scenarios/run`, { script: careless });
    expect(body).toMatchObject({ passes: false, passed: 0, failed: 1 });
    expect(body.items[0].differences).toEqual([
      { path: '/outcome/result', expected: 'waiting', found: 'success' },
      { path: '/outcome/waitingFor', expected: { kind: 'step', step: 2 }, found: null },
    ]);
  });

  test('are deleted by name, and only those that are there', async () => {
    await save([asksForMore, { ...asksForMore, name: 'another/one' }]);
    expect((await world.call('DELETE', `${at}/scenarios/another%2Fone`)).status).toBe(204);
    expect((await world.call('DELETE', `${at}/scenarios/another%2Fone`)).status).toBe(404);
    expect((await world.call('GET', `${at}/scenarios`)).body.items).toMatchObject([{ name: asksForMore.name }]);
    const [, deleted] = (await world.events()).slice(-2);
    expect(deleted).toMatchObject({ details: { added: [], changed: [], removed: ['another/one'] } });
  });

  test('that are saved again as they are change nothing', async () => {
    await save([asksForMore]);
    await world.happened();
    const { headers } = await save([asksForMore]);
    expect(headers['etag']).toBe((await world.call('GET', at)).headers['etag']);
    expect(await world.happened()).toEqual([]);
  });
});

describe('publishing', () => {
  test('plays them first, refuses with every difference, and leaves everything as it was', async () => {
    await save([asksForMore]);
    await world.call('PUT', `${at}/sign-in-flow`, { steps, script: careless });
    await world.happened();
    const refused = await publish({ note: 'less MFA' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'SCENARIOS_FAILED' } });
    expect(refused.body.findings).toMatchObject([
      {
        severity: 'error',
        code: 'SCENARIO_FAILED',
        path: '/items/0/expect/outcome/result',
        message: `«${asksForMore.name}»: outcome.result: "waiting" was expected, and "success" found.`,
      },
      { path: '/items/0/expect/outcome/waitingFor' },
    ]);
    expect((await world.call('GET', `${at}/sign-in-flow/versions`)).body.items).toEqual([]);
    expect(await world.happened()).toEqual([]);
  });

  test('is forced with a reason, which the audit log keeps', async () => {
    await save([asksForMore]);
    await world.call('PUT', `${at}/sign-in-flow`, { steps, script: careless });
    expect(await publish({ force: {} })).toMatchObject({ status: 422 });
    expect(await publish({ force: { reason: '' } })).toMatchObject({ status: 422 });
    const published = await publish({ force: { reason: 'the factor is down' } });
    expect(published).toMatchObject({ status: 200, body: { version: 1 } });
    expect((await world.events()).at(-1)).toMatchObject({
      type: 'flow.published',
      details: { forced: { reason: 'the factor is down', scenarios: [asksForMore.name] } },
    });
  });

  test('keeps them with the version, and restoring a version brings its own along', async () => {
    await save([asksForMore]);
    await publish({ force: { reason: 'not needed, and so not kept' } });
    expect((await world.events()).at(-1)?.details).not.toHaveProperty('forced');
    await save([]);
    await world.call('POST', `${at}/sign-in-flow/versions/1/restore`);
    for (const version of [1, 2]) {
      const { body } = await world.call('GET', `${at}/scenarios?version=${version}`);
      expect(body.items).toEqual([asksForMore]);
      const run = await world.call('POST', `${at}/scenarios/run`, { version, pinned: true });
      expect(run.body).toMatchObject({ passes: true, passed: 1 });
    }
    expect((await world.call('POST', `${at}/scenarios/run`, { version: 2 })).body.items).toEqual([]);
    expect((await world.call('POST', `${at}/scenarios/run`, { version: 3 })).status).toBe(404);
  });

  test('leaves versions that can be tried as they were published, or with other steps', async () => {
    await publish();
    await world.call('PUT', `${at}/sign-in-flow`, { steps, script: careless });
    const run = async (body: object) =>
      (await world.call('POST', `${at}/dry-run`, { scenario: local, ...body })).body.outcome;
    expect(await run({})).toMatchObject({ result: 'success' });
    expect(await run({ version: 1 })).toMatchObject({ result: 'waiting', waitingFor: { step: 2 } });
    expect(await run({ version: 1, steps: steps.slice(0, 1) })).toMatchObject({ result: 'error' });
    expect((await world.call('POST', `${at}/dry-run`, { scenario: local, version: 2 })).status).toBe(404);
  });

  test('plays again what was changed while it played', async () => {
    await save([asksForMore]);
    const saving = world.call('PUT', `${at}/sign-in-flow`, { steps, script: careless });
    const [published] = await Promise.all([publish(), saving]);
    const live = (await world.call('GET', `${at}/sign-in-flow`)).body.live?.script ?? null;
    expect([200, 409]).toContain(published.status);
    expect(live).toBe(published.status === 200 ? script : null);
  });
});

describe('what is expected', () => {
  const grace = { outcome: 'success', idp: 'Google', subject: 'g-1', claims: { email: 'grace@example.com' } };
  const sends = `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    Log.warn('hello');
    setCookie(context.response, 'seen', 'yes');
  } });
};`;

  test.each<[string, object, object, string]>([
    ['outcome', { result: 'success', amr: [] }, { result: 'failure' }, '/outcome/result'],
    ['steps', [{ step: 1, idp: 'Google' }], [{ step: 1 }, { step: 2 }], '/steps'],
    [
      'effects',
      [{ name: 'setCookie', args: [true, 'seen', 'yes'] }],
      [{ name: 'setCookie', args: [true, 'seen', 'no'] }],
      '/effects/0/args/2',
    ],
    [
      'provisioning',
      [{ result: 'created', account: { claims: { 'http://wso2.org/claims/emailaddress': 'grace@example.com' } } }],
      [{ result: 'updated' }],
      '/provisioning/0/result',
    ],
    ['logs', [{ level: 'warn', message: 'hello' }], [], '/logs'],
  ])('of %s has to be there, and what is not is told with its place', async (part, right, wrong, path) => {
    await world.call('PUT', `${at}/sign-in-flow`, { steps, script: sends });
    const scenario = { steps: { 1: [grace] } };
    await save([
      { name: 'right', scenario, expect: { [part]: right } },
      { name: 'wrong', scenario, expect: { [part]: wrong } },
    ]);
    const { body } = await world.call('POST', `${at}/scenarios/run`);
    expect(body.items).toMatchObject([
      { name: 'right', passes: true, differences: [] },
      { name: 'wrong', passes: false, differences: [{ path }] },
    ]);
  });
});

describe('what is wrong in a scenario is told with its place', () => {
  test.each<[string, object, string, string]>([
    ['an unknown key', { stepz: {} }, 'UNKNOWN_PROPERTY', '/items/0/scenario/stepz'],
    ['an odd outcome', { steps: { 1: [{ outcome: 'wins' }] } }, 'WRONG_VALUE', '/items/0/scenario/steps/1/0/outcome'],
    ['no attempt at all', { steps: { 1: [] } }, 'WRONG_VALUE', '/items/0/scenario/steps/1'],
  ])('%s is refused', async (_what, scenario, code, path) => {
    const { status, body } = await save([{ ...asksForMore, scenario }]);
    expect(status).toBe(422);
    expect(body.findings).toContainEqual(expect.objectContaining({ code, path }));
  });

  test('an expectation that could never be met is refused', async () => {
    const { body } = await save([{ ...asksForMore, expect: { outcome: { reslut: 'success' } } }]);
    expect(body.findings).toMatchObject([{ code: 'UNKNOWN_PROPERTY', path: '/items/0/expect/outcome/reslut' }]);
  });

  test('two of one name are refused, and one of a megabyte', async () => {
    const twice = await save([asksForMore, asksForMore]);
    expect(twice.body.findings).toMatchObject([{ code: 'NAME_TAKEN', path: '/items/1/name' }]);
    const params = Object.fromEntries(Array.from({ length: 110 }, (_, i) => [`p${i}`, 'x'.repeat(9_999)]));
    const long = await save([asksForMore, { name: 'long', scenario: { request: { params } }, expect: {} }]);
    expect(long.body.findings).toMatchObject([{ code: 'SCENARIO_TOO_LONG', path: '/items/1' }]);
    const tried = await world.call('POST', `${at}/dry-run`, { scenario: { request: { params } } });
    expect(tried.body.findings).toMatchObject([{ code: 'SCENARIO_TOO_LONG', path: '/scenario' }]);
  });

  test.each<[string, object, string, string]>([
    ['a step that the flow lacks', { 7: [{ outcome: 'success' }] }, 'UNKNOWN_STEP', 'steps/7'],
    [
      'an option that the step lacks',
      { 2: [{ outcome: 'success', idp: 'Google' }] },
      'OPTION_NOT_OFFERED',
      'steps/2/0',
    ],
    [
      'a first choice that the step lacks',
      { 2: [{ outcome: 'success', choseFirst: 'BasicAuthenticator' }] },
      'OPTION_NOT_OFFERED',
      'steps/2/0/choseFirst',
    ],
    ['a person who does not exist', { 1: [{ outcome: 'fail', user: 'ghost' }] }, 'UNKNOWN_USER', 'steps/1/0/user'],
  ])('%s is saved, told, and does not pass', async (_what, given, code, place) => {
    const { status, body } = await save([{ name: 'odd', scenario: { steps: given }, expect: {} }]);
    const finding = { severity: 'error', code, path: `/items/0/scenario/${place}` };
    expect({ status, body }).toMatchObject({ status: 200, body: { findings: [finding] } });
    const run = await world.call('POST', `${at}/scenarios/run`);
    expect(run.body).toMatchObject({ passes: false, items: [{ passes: false, differences: [], findings: [finding] }] });
    expect(await publish()).toMatchObject({ status: 409, body: { findings: [finding] } });
  });

  test('a person who is stored is no finding, nor is a function that scripts may call', async () => {
    await world.call('POST', '/users', { username: 'ann' });
    const given = { 1: [{ outcome: 'success', user: 'Ann' }] };
    const scenario = { steps: given, functions: { hasRole: [{ data: true }] } };
    expect((await save([{ name: 'ann', scenario, expect: {} }])).body.findings).toEqual([]);
    const misspelt = { functions: { hasRoles: [{ data: true }] } };
    const { body } = await world.call('POST', `${at}/dry-run`, { scenario: misspelt });
    expect(body.findings).toMatchObject([{ code: 'UNKNOWN_FUNCTION', path: '/scenario/functions/hasRoles' }]);
  });

  test.each([
    ['prompt', 'Write it under «prompts».'],
    ['executeStep', 'Write it under «steps».'],
    ['publishToAnalytics', 'It answers the same in every scenario: leave it out.'],
    ['fail', 'It answers the same in every scenario: leave it out.'],
  ])('an answer for %s is not looked for among the functions', async (name, mend) => {
    const scenario = { functions: { [name]: [{ data: null }] } };
    const { body } = await world.call('POST', `${at}/dry-run`, { scenario });
    const path = `/scenario/functions/${name}`;
    expect(body.findings).toMatchObject([{ severity: 'error', code: 'ANSWER_WITHOUT_EFFECT', path, mend }]);
  });
});

test('a script that never ends holds nobody up for long, and what was not played does not pass', async () => {
  const { runScenarios } = await import('../../src/lab/run-scenarios.ts');
  let time = 0;
  const slow = async () => {
    time += 15_000;
    return { outcome: { result: 'error', code: 'SCRIPT_TIMEOUT', message: null } } as never;
  };
  const many = Array.from({ length: 100 }, (_, i) => ({ name: String(i), scenario: {}, expect: {} }));
  const results = await runScenarios(many, slow, { now: () => time });
  expect(results.map(({ passes }) => passes)).toEqual(many.map((_, i) => i < 2));
  expect(results.at(-1)).toEqual({ name: '99', passes: false, outcome: null, differences: [] });
});

test('a deleted person is erased from scenarios and from those of versions, and nobody else is', async () => {
  const claims = { 'http://wso2.org/claims/emailaddress': 'Ann@example.com' };
  const { id } = (await world.call('POST', '/users', { username: 'Ann', claims })).body;
  await world.call('POST', '/users', { username: 'annette' });
  const attempt = (user: string) => ({ 1: [{ outcome: 'success', idp: 'LOCAL', user }], 2: [{ outcome: 'fail' }] });
  const of = (user: string, mail: string) => ({
    name: `${user} comes`,
    scenario: { steps: attempt(user), prompts: [{ action: 'success', params: { mail } }] },
    expect: { outcome: { result: 'failure' } },
  });
  await save([of('ann', 'ann@example.com'), of('annette', 'annette@example.com')]);
  await publish({});
  await world.call('DELETE', `/users/${id}`);
  const left = [
    { ...of('(deleted person)', '(deleted person)'), name: 'ann comes' },
    of('annette', 'annette@example.com'),
  ];
  expect((await world.call('GET', `${at}/scenarios`)).body.items).toEqual(left);
  expect((await world.call('GET', `${at}/scenarios?version=1`)).body.items).toEqual(left);
});
