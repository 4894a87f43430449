import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExplore } from '../../src/lab/explore/explore.ts';
import { authenticators, createLab, limits } from '../lab/explore/world.ts';
import { aConnection, anApplication, createWorld, type World } from './world.ts';

const { pool } = createLab();
const explore = createExplore({ pool, limits, authenticators });
afterAll(() => pool.close());

const folder = new URL('../../scripts/mfa-for-local-users/', import.meta.url);
const script = readFileSync(new URL('script.js', folder), 'utf8');
const { steps } = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8'));

let world: World;
let at: string;
beforeEach(async () => {
  world = await createWorld({ deps: { explore } });
  await world.call('POST', '/connections', aConnection);
  await world.call('POST', '/groups', { name: 'admins' });
  at = `/applications/${(await world.call('POST', '/applications', anApplication)).body.id}`;
  await world.call('PUT', `${at}/sign-in-flow`, { steps, script });
  await world.happened();
});
afterEach(() => world.close());

describe('exploring over the API', () => {
  test('takes the draft, and changes nothing', async () => {
    const { status, body } = await world.call('POST', `${at}/explore`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ complete: true, pathCount: 8, open: [], cut: [], unreachableSteps: [], failing: [] });
    expect(body.properties.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['holds', 'holds', 'holds']);
    expect(await world.happened()).toEqual([]);
  });

  test('knows which connections make no accounts', async () => {
    const [connection] = (await world.call('GET', '/connections')).body.items;
    await world.call('PATCH', `/connections/${connection.id}`, { jit: { enabled: false } });
    const careless = script.replace("'LOCAL'", "'Google'");
    const { body } = await world.call('POST', `${at}/explore`, { script: careless });
    const broken = body.properties.find(({ holds }: { holds: boolean }) => holds === false);
    expect(broken.counterexample.scenario).toEqual({
      steps: { 1: [expect.objectContaining({ outcome: 'success', user: { username: 'somebody', claims: {} } })] },
    });
    expect(body.properties.at(-1)).toMatchObject({
      name: 'no path reaches a factor that needs an account with JIT off',
      verdict: 'broken',
      counterexample: { scenario: { steps: { 1: [{ idp: 'Google', subject: 'a stranger' }] } } },
    });
  });

  test('shows fewer paths where fewer are wanted, and those that something speaks of', async () => {
    const properties = [{ name: 'mine', script: "(path) => path.outcome.code !== 'CANCELLED'" }];
    const { body } = await world.call('POST', `${at}/explore`, { showPaths: 0, properties });
    expect(body.pathCount).toBe(8);
    expect(body.paths).toEqual([expect.objectContaining({ outcome: expect.objectContaining({ code: 'CANCELLED' }) })]);
  });

  test('stops at its bounds, and says so', async () => {
    const { body } = await world.call('POST', `${at}/explore`, { bounds: { paths: 2 } });
    expect(body).toMatchObject({ complete: false, pathCount: 2, cut: [{ reason: 'paths', line: expect.any(Number) }] });
  });

  test.each([
    ['an unknown key', { properties: [{ name: 'a', script: 'b', level: 1 }] }, '/properties/0/level'],
    ['no end of paths', { bounds: { paths: 1e9 } }, '/bounds/paths'],
    ['no end of time', { bounds: { seconds: 3600 } }, '/bounds/seconds'],
  ])('refuses %s', async (_, content, path) => {
    const { status, body } = await world.call('POST', `${at}/explore`, content);
    expect({ status, paths: body.findings.map((each: { path: string }) => each.path) }).toEqual({
      status: 422,
      paths: [path],
    });
  });
});

describe('the warning about factors and people without an account', () => {
  beforeEach(async () => {
    const [connection] = (await world.call('GET', '/connections')).body.items;
    await world.call('PATCH', `/connections/${connection.id}`, { jit: { enabled: false } });
  });
  const warnings = async (text: string | null) => {
    const { body } = await world.call(
      'POST',
      `${at}/validate`,
      text === null ? { script: null, steps } : { script: text },
    );
    return body.findings.filter(({ code }: { code: string }) => code === 'ACCOUNT_REQUIRED');
  };
  const after = (body: string) =>
    `function onLoginRequest(context) {\n  executeStep(1, { onSuccess: function (context) {\n    ${body}\n  } });\n}`;

  test('is taken away by the proof that no path leads there', async () => {
    expect(await warnings(script)).toEqual([]);
    expect(await warnings(after('var from = context.steps[1].idp; executeStep({ LOCAL: 2 }[from] || 1, {});'))).toEqual(
      [],
    );
  });

  test('shows a path that leads there, where every path was tried', async () => {
    expect(await warnings(after('executeStep(2);'))).toEqual([
      expect.objectContaining({
        severity: 'warning',
        line: 3,
        column: 5,
        message: expect.stringMatching(
          /«Google».*Every path was tried \(11\); on one of them: step 1 Google, step 2 fail\.$/,
        ),
      }),
    ]);
    expect(await warnings(null)).toEqual([expect.objectContaining({ path: '/steps/1' })]);
  });

  test('stays where not all paths could be tried, and says so', async () => {
    const open = after(
      "if (context.request.ip !== '192.0.2.1' && context.steps[1].idp == 'Goo' + 'gle' + context.request.ip.slice(99)) executeStep(2);",
    );
    const unsure = after(
      "if (context.steps[1].idp == 'LOCAL' || context.request.ip == '192.0.2.' + 77) executeStep(2);",
    );
    expect(await warnings(open)).toEqual([
      expect.objectContaining({ message: expect.stringContaining('on one of them') }),
    ]);
    expect(await warnings(unsure)).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/not found in \d+ paths; there are others \(see line 3\)\.$/),
      }),
    ]);
  });

  test('stands in the draft, and in what turning provisioning off affects', async () => {
    const { body } = await world.call('PUT', `${at}/sign-in-flow`, { steps, script: after('executeStep(2);') });
    expect(body.findings).toMatchObject([{ code: 'ACCOUNT_REQUIRED', line: 3 }]);
    const [connection] = (await world.call('GET', '/connections')).body.items;
    await world.call('PATCH', `/connections/${connection.id}`, { jit: { enabled: true } });
    const patched = await world.call('PATCH', `/connections/${connection.id}`, { jit: { enabled: false } });
    expect(patched.body.affectedApplications).toMatchObject([
      { findings: [{ message: expect.stringContaining('Every path was tried') }] },
    ]);
  });
});

describe('rules of an application', () => {
  const everybody = 'var onLoginRequest = function (context) { executeStep(1); };';
  const publish = (body = {}) => world.call('POST', `${at}/sign-in-flow/publish`, body);
  const demand = (signInRules: object[]) => world.call('PATCH', at, { signInRules });

  test('are stored, shown and audited', async () => {
    const rules = [{ kind: 'two-factors', people: 'local' }];
    expect(await demand(rules)).toMatchObject({ status: 200, body: { signInRules: rules } });
    expect((await world.call('GET', at)).body.signInRules).toEqual(rules);
    expect(await world.happened()).toEqual(['application.updated']);
  });

  test.each([
    ['of no kind', { kind: 'full-moon' }],
    ['without what it names', { kind: 'group-factor', group: 'admins', authenticators: [] }],
    ['with an unknown key', { kind: 'connections', allowed: ['LOCAL'], except: ['ann'] }],
  ])('%s are refused', async (_, rule) => {
    expect((await demand([rule])).status).toBe(422);
    expect((await world.call('GET', at)).body.signInRules).toEqual([]);
  });

  const group = { kind: 'group-factor', group: 'admins', authenticators: ['totp'] };
  test.each<[string, object, string, string, string]>([
    ['a group', { ...group, group: 'admin' }, 'UNKNOWN_GROUP', '/group', 'Did you mean «admins»?'],
    [
      'an authenticator by another name',
      { ...group, authenticators: ['totp', 'EmailOTP'] },
      'UNKNOWN_AUTHENTICATOR',
      '/authenticators/1',
      'Did you mean «email-otp-authenticator»?',
    ],
    [
      'a passkey as people call it',
      { ...group, authenticators: ['passkey'] },
      'UNKNOWN_AUTHENTICATOR',
      '/authenticators/0',
      'Did you mean «FIDOAuthenticator»?',
    ],
    [
      'only what this version does not have',
      { ...group, authenticators: ['FIDOAuthenticator'] },
      'AUTHENTICATOR_NOT_AVAILABLE',
      '/authenticators',
      'Name one more that they can pass: ',
    ],
    [
      'a connection',
      { kind: 'connections', allowed: ['LOCAL', 'Gogle'] },
      'UNKNOWN_CONNECTION',
      '/allowed/1',
      'Did you mean «Google»?',
    ],
  ])('that name what is not there are refused: %s', async (_, rule, code, path, mend) => {
    const { status, body } = await demand([{ kind: 'two-factors', people: 'all' }, rule]);
    const finding = { code, path: `/signInRules/1${path}`, mend: expect.stringContaining(mend) };
    expect({ status, findings: body.findings }).toMatchObject({ status: 422, findings: [finding] });
    expect((await world.call('GET', at)).body.signInRules).toEqual([]);
  });

  test('may name groups that a provider gives, and what is to come beside what is there', async () => {
    const [connection] = (await world.call('GET', '/connections')).body.items;
    await world.call('PATCH', `/connections/${connection.id}`, { groupMapping: { staff: 'employees' } });
    const rule = { ...group, group: 'employees', authenticators: ['FIDOAuthenticator', 'totp'] };
    expect((await demand([rule])).status).toBe(200);
  });

  test.each([
    ['under its new name where nobody comes from elsewhere', false, ['directors']],
    ['under both names where a provider may go on telling the old one', true, ['admins', 'directors']],
  ])('stay about a group that is renamed, %s', async (_, hasConnection, names) => {
    const [connection] = (await world.call('GET', '/connections')).body.items;
    if (!hasConnection) await world.call('DELETE', `/connections/${connection.id}`);
    await demand([group]);
    await world.happened();
    const [{ id }] = (await world.call('GET', '/groups?name=admins')).body.items;
    await world.call('PATCH', `/groups/${id}`, { name: 'directors' });
    const { signInRules } = (await world.call('GET', at)).body;
    expect(signInRules).toEqual(names.map((name) => ({ ...group, group: name })));
    expect(await world.happened()).toEqual(['group.updated', 'application.updated']);
    // The old name is known no more, and the rule may stay all the same.
    expect((await demand([...signInRules, { kind: 'two-factors', people: 'all' }])).status).toBe(200);
  });

  test.each<[string, object, string]>([
    ['two factors', { kind: 'two-factors', people: 'local' }, 'local people need two factors'],
    [
      'a group’s factor',
      { kind: 'group-factor', group: 'admins', authenticators: ['totp'] },
      'members of group «admins» need totp',
    ],
    ['the only connections', { kind: 'connections', allowed: ['LOCAL'] }, 'people sign in with LOCAL only'],
  ])('are explored before publishing: %s', async (_, rule, sentence) => {
    await demand([rule]);
    await world.call('PUT', `${at}/sign-in-flow`, { steps, script: everybody });
    const { status, body } = await publish();
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'RULES_BROKEN' });
    expect(body.findings).toEqual([expect.objectContaining({ code: 'RULE_BROKEN', path: '/signInRules/0' })]);
    expect(body.findings[0].message).toContain(`The rule «${sentence}» is broken on a path: step 1 → `);
    expect((await world.call('GET', at)).body.liveVersion).toBe(null);
  });

  test('let a flow be published that fulfils them, or one with a reason, which is audited', async () => {
    await demand([{ kind: 'two-factors', people: 'local' }]);
    expect((await publish()).status).toBe(200);
    await world.call('PUT', `${at}/sign-in-flow`, { steps, script: everybody });
    await world.happened();
    expect((await publish({ force: { reason: 'The rule goes tomorrow.' } })).status).toBe(200);
    const [event] = await world.db.read.audit.list({ after: null, limit: 1 });
    expect(event).toMatchObject({
      type: 'flow.published',
      details: { forced: { reason: 'The rule goes tomorrow.', rules: [expect.stringContaining('two factors')] } },
    });
  });

  describe('are explored wherever a flow goes live:', () => {
    const rules = [{ kind: 'two-factors', people: 'local' }];
    const flow = { steps, script: everybody };
    const force = { reason: 'The rule goes tomorrow.' };
    const told = {
      code: 'RULES_BROKEN',
      findings: [expect.objectContaining({ code: 'RULE_BROKEN', message: expect.stringContaining('step 1 → ') })],
    };
    const forced = {
      type: 'flow.published',
      details: { forced: { reason: force.reason, rules: [expect.stringContaining('two factors')] } },
    };
    const newest = async () => (await world.db.read.audit.list({ after: null, limit: 1 }))[0];

    test('an application is not made with one that breaks them', async () => {
      const content = {
        name: 'Travel',
        redirectUris: ['https://travel.example.com/callback'],
        clientType: 'public',
        signInRules: rules,
        signInFlow: flow,
      };
      expect(await world.call('POST', '/applications', content)).toMatchObject({ status: 422, body: told });
      expect(await world.happened()).toEqual([]);
      expect((await world.call('POST', '/applications', { ...content, force })).status).toBe(201);
      expect(await newest()).toMatchObject(forced);
      expect(await world.happened()).toEqual(['application.created', 'flow.published']);
    });

    test('an old version that breaks them now comes back for a reason alone', async () => {
      await world.call('PUT', `${at}/sign-in-flow`, flow);
      expect((await publish()).status).toBe(200);
      await demand(rules);
      await world.call('PUT', `${at}/sign-in-flow`, { steps, script: null });
      expect((await publish()).status).toBe(200);
      await world.happened();
      const restore = (body = {}) => world.call('POST', `${at}/sign-in-flow/versions/1/restore`, body);
      expect(await restore()).toMatchObject({ status: 422, body: told });
      expect((await world.call('GET', at)).body.liveVersion).toBe(2);
      expect(await world.happened()).toEqual([]);
      expect(await restore({ force })).toMatchObject({ status: 200, body: { version: 3 } });
      expect(await newest()).toMatchObject(forced);
    });
  });

  test('know from the script who is no member', async () => {
    await demand([{ kind: 'group-factor', group: 'admins', authenticators: ['totp'] }]);
    const asks =
      "var onLoginRequest = function (context) { executeStep(1, { onSuccess: function (context) { if (isMemberOfAnyOfGroups(context.subject, ['admins'])) { executeStep(2, { authenticationOptions: [{ authenticator: 'totp' }] }, {}); } } }); };";
    await world.call('PUT', `${at}/sign-in-flow`, { steps, script: asks });
    expect((await publish()).status).toBe(200);
  });
});
