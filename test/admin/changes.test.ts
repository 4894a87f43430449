import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OidcConnection } from '../../src/connections/connection.ts';
import { createThrottling } from '../../src/directory/throttling.ts';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { sha256 } from '../../src/kernel/sha256.ts';
import { aLogin, anEvent } from '../storage/samples.ts';
import { aConnection, anApplication, createWorld, passwordOnly, token, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const make = async (path: string, body: object) => (await world.call('POST', path, body)).body;
const key = Buffer.alloc(32, 7);
const box = createCryptoBox({ keys: new Map([['k', key]]), macKey: key });

describe('a person’s access', () => {
  test.each([
    ['locked', { locked: true }, 'ACCOUNT_LOCKED'],
    ['disabled', { disabled: true }, 'ACCOUNT_DISABLED'],
    ['given another password', { password: 'a new password' }, 'ACCESS_DENIED'],
    ['left without a password', { password: null }, 'ACCESS_DENIED'],
  ])('ends when the person is %s, once', async (_how, patch, code) => {
    const { id } = await make('/users', { username: 'ann' });
    await world.call('PATCH', `/users/${id}`, patch);
    expect(world.ended).toEqual([{ userId: id, code }]);
    if ('password' in patch) return;
    await world.call('PATCH', `/users/${id}`, patch);
    expect(world.ended).toHaveLength(1);
  });

  test('ends when the person is deleted, and the record has nothing of the person', async () => {
    const { id } = await make('/users', { username: 'ann' });
    await world.call('DELETE', `/users/${id}`);
    expect(world.ended).toEqual([{ userId: id, code: 'ACCESS_DENIED' }]);
    expect((await world.events()).at(-1)).toMatchObject({ type: 'user.deleted', target: id, details: {} });
  });

  test('ends with a sign-in on the way, in the same unit', async () => {
    const { id } = await make('/users', { username: 'ann' });
    const login = aLogin({ userId: id, expiresAt: world.clock.time + 60_000 });
    await world.db.unit(({ logins }) => logins.insert(login));
    await world.happened();
    await world.call('PATCH', `/users/${id}`, { disabled: true });
    expect(await world.happened()).toEqual(['login.failed', 'user.updated']);
    const { body } = await world.call('GET', `/logins/${login.id}`);
    expect(body).toMatchObject({ status: 'failed', userId: id, failure: { code: 'ACCOUNT_DISABLED' } });
  });

  test('goes on when something else is changed', async () => {
    const { id } = await make('/users', { username: 'ann' });
    await world.call('PATCH', `/users/${id}`, { claims: { givenname: 'Ann' }, roles: ['admin'], locked: false });
    expect(world.ended).toEqual([]);
  });

  test('if it cannot be ended, nothing is changed', async () => {
    await world.close();
    world = await createWorld({
      deps: {
        endAccess: async () => {
          throw new Error('no');
        },
      },
    });
    const { id } = await make('/users', { username: 'ann' });
    await world.happened();
    expect((await world.call('PATCH', `/users/${id}`, { disabled: true })).status).toBe(500);
    expect((await world.call('DELETE', `/users/${id}`)).status).toBe(500);
    expect((await world.call('GET', `/users/${id}`)).body).toMatchObject({ disabled: false, revision: 1 });
    expect(await world.happened()).toEqual([]);
  });

  test('unlocking forgives wrong answers, of an account that was not locked too', async () => {
    const throttling = createThrottling({ box });
    const { id } = await make('/users', { username: 'ann' });
    const attempts = [
      { kind: 'password', subject: 'ann', ip: '203.0.113.1' },
      { kind: 'totp', subject: id, ip: '203.0.113.1' },
      { kind: 'email-otp', subject: id, ip: '203.0.113.1' },
    ] as const;
    const waits = () =>
      Promise.all(attempts.map((attempt) => throttling.findWait(world.db.read.throttle, attempt, world.clock.time)));
    for (const attempt of attempts) {
      for (let i = 0; i < 20; i++) {
        await world.db.unit(({ throttle }) => throttling.count(throttle, attempt, world.clock.time));
      }
    }
    expect((await waits()).every((wait) => wait > 0)).toBe(true);
    await world.call('PATCH', `/users/${id}`, { locked: false });
    expect(await waits()).toEqual([0, 0, 0]);
  });
});

describe('who changes what somebody else has changed', () => {
  test('of twenty at once with one ETag exactly one wins', async () => {
    const { id } = await make('/users', { username: 'ann' });
    const { headers } = await world.call('GET', `/users/${id}`);
    expect(headers['etag']).toBe('"1"');
    await world.happened();
    const tries = Array.from({ length: 20 }, (_, i) =>
      world.call('PATCH', `/users/${id}`, { claims: { nickname: `n${i}` } }, { 'if-match': '"1"' }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array(19).fill(412)]);
    expect(await world.happened()).toEqual(['user.updated']);
  });

  test.each(['"1"', '*', '"0", "1"'])('If-Match: %s matches', async (tag) => {
    const { id } = await make('/users', { username: 'ann' });
    const answer = await world.call('PATCH', `/users/${id}`, { locked: true }, { 'if-match': tag });
    expect(answer).toMatchObject({ status: 200, headers: { etag: '"2"' }, body: { revision: 2 } });
  });

  test('of ten at once exactly one makes the name', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => (await world.call('POST', '/applications', anApplication)).status),
    );
    expect(statuses.sort()).toEqual([201, ...Array(9).fill(409)]);
    expect(await world.happened()).toEqual(['application.created']);
  });

  test('of ten at once each publishes a version of its own, or finds nothing to publish', async () => {
    const { id } = await make('/applications', anApplication);
    await world.call('PUT', `/applications/${id}/sign-in-flow`, passwordOnly);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => world.call('POST', `/applications/${id}/sign-in-flow/publish`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(422)]);
    expect((await world.call('GET', `/applications/${id}/sign-in-flow/versions`)).body.items).toHaveLength(1);
  });
});

test('a secret is kept as its hash, or sealed at its place', async () => {
  const app = await make('/applications', anApplication);
  expect((await world.db.read.applications.findById(app.id))?.clientSecretHash).toBe(sha256(app.clientSecret));
  const rotated = (await world.call('POST', `/applications/${app.id}/client-secret`)).body;
  expect((await world.db.read.applications.findById(app.id))?.clientSecretHash).toBe(sha256(rotated.clientSecret));

  const conn = await make('/connections', aConnection);
  const stored = (await world.db.read.connections.findById(conn.id)) as OidcConnection;
  const sealed = stored.clientSecretSealed ?? '';
  expect(box.open(sealed, `connections/${conn.id}/clientSecret`)).toBe(aConnection.clientSecret);

  const { id } = await make('/users', { username: 'ann' });
  const { secret } = await make(`/users/${id}/factors/totp`, {});
  const [factor] = await world.db.read.users.listFactors(id);
  expect(box.open(factor?.secretSealed ?? '', `factors/${factor?.id}/secret`)).toBe(secret);
});

test('a connection’s patch merges', async () => {
  const { id } = await make('/connections', {
    ...aConnection,
    claimMapping: { mail: 'emailaddress', nick: 'nickname' },
  });
  const { body } = await world.call('PATCH', `/connections/${id}`, {
    jit: { groupSync: 'OVERRIDE_ALL', username: 'upn' },
    claimMapping: { nick: null, upn: 'userprincipal', mail: { claim: 'emailaddress', transform: 'lowercase' } },
  });
  expect(body).toMatchObject({
    jit: { enabled: true, groupSync: 'OVERRIDE_ALL', username: 'upn' },
    hasClientSecret: true,
  });
  expect(body.claimMapping).toEqual({
    mail: { claim: 'emailaddress', transform: 'lowercase' },
    upn: 'userprincipal',
  });
  const cleared = (await world.call('PATCH', `/connections/${id}`, { jit: { username: null }, clientSecret: null }))
    .body;
  expect(cleared).toMatchObject({ jit: { username: null, groupSync: 'OVERRIDE_ALL' }, hasClientSecret: false });
});

test.each([
  ['disabled', { enabled: false }, ['CONNECTION_DISABLED']],
  ['renamed', { name: 'Gaggle' }, ['UNKNOWN_CONNECTION']],
  ['without JIT provisioning', { jit: { enabled: false } }, ['ACCOUNT_REQUIRED']],
  ['for linked people alone', { jit: { linking: { enabled: true, skipJitOnNoMatch: true } } }, ['ACCOUNT_REQUIRED']],
])('a connection that is %s names the applications that offer it', async (_how, patch, codes) => {
  const connection = await make('/connections', aConnection);
  const factor = { options: [{ authenticator: 'totp' }] };
  const signInFlow = { steps: [{ options: [{ authenticator: 'basic' }, { idp: 'Google' }] }, factor] };
  const live = await make('/applications', { ...anApplication, signInFlow });
  const draft = await make('/applications', { ...anApplication, name: 'Draft' });
  await world.call('PUT', `/applications/${draft.id}/sign-in-flow`, signInFlow);
  await make('/applications', { ...anApplication, name: 'Other', signInFlow: passwordOnly });
  const { body } = await world.call('PATCH', `/connections/${connection.id}`, patch);
  const affected = body.affectedApplications.map((one: { id: string; where: string; findings: { code: string }[] }) => [
    one.id,
    one.where,
    one.findings.map(({ code }) => code),
  ]);
  expect(affected).toHaveLength(2);
  expect(affected).toEqual(
    expect.arrayContaining([
      [live.id, 'live', codes],
      [draft.id, 'draft', codes],
    ]),
  );
});

describe('a connection that is renamed', () => {
  const steps = [{ options: [{ authenticator: 'basic' }, { idp: 'Google' }] }];
  const script = `const { outside } = require('house.js');
function onLoginRequest(context) {
  executeStep(1, { onSuccess: function (context) {
    if (context.steps[1].idp === 'Google' || outside(context)) { Log.info(\`Google\`); Log.info('by Google'); }
  } });
}`;
  const scenarios = ['Google', 'LOCAL'].map((idp) => ({
    name: `by ${idp}`,
    scenario: { steps: { 1: [{ outcome: 'success', idp }] } },
    expect: {},
  }));
  const rules = (...allowed: string[]) => ({ signInRules: [{ kind: 'connections', allowed }] });
  const rename = async (id: string, name: string) => (await world.call('PATCH', `/connections/${id}`, { name })).body;

  test('takes the rules along that let people in by it, of all applications, on the record', async () => {
    const connection = await make('/connections', aConnection);
    await make('/connections', { ...aConnection, name: 'Other_IdP', domains: [] });
    const first = await make('/applications', { ...anApplication, ...rules('LOCAL', 'Google', 'Other_IdP') });
    const second = await make('/applications', { ...anApplication, name: 'Wages', ...rules('Google') });
    const third = await make('/applications', { ...anApplication, name: 'Third', ...rules('Other IdP') });
    const before = (await world.events()).length;
    expect((await rename(connection.id, 'Gaggle')).affectedApplications).toEqual([]);
    const rulesOf = async ({ id }: { id: string }) =>
      (await world.call('GET', `/applications/${id}`)).body.signInRules[0].allowed;
    expect(await rulesOf(first)).toEqual(['LOCAL', 'Gaggle', 'Other_IdP']);
    expect(await rulesOf(second)).toEqual(['Gaggle']);
    expect(await rulesOf(third)).toEqual(['Other IdP']);
    const events = (await world.events()).slice(before);
    expect(events.map(({ type, target }) => [type, target])).toEqual([
      ['connection.updated', connection.id],
      ...[first.id, second.id].sort().map((id) => ['application.updated', id]),
    ]);
    expect(events.find(({ target }) => target === second.id)?.details).toEqual({
      before: rules('Google'),
      after: rules('Gaggle'),
    });
  });

  test('to a name that is taken leaves the rules as they are', async () => {
    const connection = await make('/connections', aConnection);
    await make('/connections', { ...aConnection, name: 'Gaggle', domains: [] });
    const application = await make('/applications', { ...anApplication, ...rules('Google') });
    expect(await rename(connection.id, 'Gaggle')).toMatchObject({ code: 'CONFLICT' });
    expect((await world.call('GET', `/applications/${application.id}`)).body).toMatchObject(rules('Google'));
  });

  test('tells where scripts, libraries and scenarios have its old name, also where no step offers it', async () => {
    const connection = await make('/connections', aConnection);
    const source = "exports.outside = function (context) {\n  return context.steps[1].idp === 'Google';\n};";
    await make('/script-libraries', { name: 'house.js', source });
    const application = await make('/applications', anApplication);
    const flow = `/applications/${application.id}/sign-in-flow`;
    await world.call('PUT', flow, { steps: [{ options: [{ authenticator: 'basic' }] }], script, scriptEnabled: true });
    await make('/applications', { ...anApplication, name: 'Other', signInFlow: passwordOnly });
    const { affectedApplications } = await rename(connection.id, 'Gaggle');
    expect(affectedApplications).toMatchObject([{ id: application.id, where: 'draft' }]);
    const told = affectedApplications[0].findings.filter(
      ({ code }: { code: string }) => code === 'OLD_CONNECTION_NAME',
    );
    expect(told).toMatchObject([
      { severity: 'warning', line: 4, column: 34, endLine: 4, endColumn: 42, mend: 'Write «Gaggle».' },
      { severity: 'warning', line: 4, column: 75, endLine: 4, endColumn: 83 },
      { severity: 'warning', line: null, message: expect.stringContaining('line 2 of the library «house.js»') },
    ]);
  });

  test('tells the scenarios beside the flow, and nothing of those by other ways', async () => {
    const connection = await make('/connections', aConnection);
    const application = await make('/applications', anApplication);
    await world.call('PUT', `/applications/${application.id}/sign-in-flow`, { steps, script: null });
    await world.call('PUT', `/applications/${application.id}/scenarios`, { items: scenarios });
    const { affectedApplications } = await rename(connection.id, 'Gaggle');
    expect(affectedApplications[0].findings).toMatchObject([
      { code: 'UNKNOWN_CONNECTION', severity: 'error' },
      { code: 'OLD_CONNECTION_NAME', path: '/scenarios', message: expect.stringContaining('scenario «by Google»') },
    ]);
  });
});

test('who kept a role keeps its origin', async () => {
  const { id } = await make('/users', { username: 'ann', roles: ['staff'] });
  await world.db.unit(async ({ users }) => {
    const user = await users.findById(id);
    if (user) await users.update({ ...user, roles: [{ name: 'staff', origin: 'script' }] });
  });
  const { body } = await world.call('PATCH', `/users/${id}`, { roles: ['staff', 'admin'] });
  expect(body.memberships.roles).toEqual([
    { name: 'staff', origin: 'script' },
    { name: 'admin', origin: 'admin' },
  ]);
});

test('the record tells what was and what is, of what was changed only', async () => {
  const { id } = await make('/applications', anApplication);
  world.clock.time += 1000;
  await world.call('PATCH', `/applications/${id}`, { name: 'Wages' });
  expect((await world.events()).at(-1)).toMatchObject({
    at: world.clock.time,
    type: 'application.updated',
    actor: 'admin',
    target: id,
    details: { before: { name: 'Payroll' }, after: { name: 'Wages' } },
  });
});

test('lists come in pages, and every item in one of them', async () => {
  for (let i = 0; i < 7; i++) await make('/users', { username: `user${i}` });
  const names: string[] = [];
  const sizes: number[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await world.call('GET', `/users?limit=3${cursor && `&cursor=${cursor}`}`);
    names.push(...body.items.map(({ username }: { username: string }) => username));
    sizes.push(body.items.length);
    cursor = body.next ?? null;
  }
  expect(sizes).toEqual([3, 3, 1]);
  expect(names.sort()).toEqual(Array.from({ length: 7 }, (_, i) => `user${i}`));
});

test('withdrawing the live version leaves nothing live', async () => {
  const { id } = await make('/applications', { ...anApplication, signInFlow: passwordOnly });
  const { body } = await world.call('POST', `/applications/${id}/sign-in-flow/versions/1/withdraw`);
  expect(body).toMatchObject({ version: 1, live: false });
  expect((await world.call('GET', `/applications/${id}`)).body.liveVersion).toBeNull();
  expect((await world.call('GET', `/applications/${id}/sign-in-flow`)).body.live).toBeNull();
  await world.happened();
  await world.call('POST', `/applications/${id}/sign-in-flow/versions/1/withdraw`);
  expect(await world.happened()).toEqual([]);
});

describe('a dry run', () => {
  const scenario = { steps: { '1': [{ outcome: 'success', user: 'ann' }] } };
  const script = 'var onLoginRequest = function (context) { executeStep(1); };';

  test('is of the draft, else of what is live, else of what is given', async () => {
    await make('/users', { username: 'ann' });
    await make('/connections', aConnection);
    const { id } = await make('/applications', { ...anApplication, signInFlow: passwordOnly });
    await world.call('POST', `/applications/${id}/dry-run`, { scenario });
    await world.call('PUT', `/applications/${id}/sign-in-flow`, { ...passwordOnly, script, scriptEnabled: false });
    await world.call('POST', `/applications/${id}/dry-run`, { scenario });
    await world.call('POST', `/applications/${id}/dry-run`, { scenario, script });
    const steps = [{ options: [{ authenticator: 'totp' }] }];
    const { body } = await world.call('POST', `/applications/${id}/dry-run`, { scenario, script: null, steps });
    const pinned = { libraries: [], promptTemplates: [], mailTemplates: [] };
    expect(world.dryRuns.map(({ flow }) => flow)).toEqual([
      { ...passwordOnly, ...pinned, script: null, scriptEnabled: false },
      { ...passwordOnly, ...pinned, script, scriptEnabled: false },
      { ...passwordOnly, ...pinned, script, scriptEnabled: true },
      { ...pinned, steps, script: null, scriptEnabled: false },
    ]);
    expect(world.dryRuns[0]).toMatchObject({ scenario, applicationName: 'Payroll', connections: [{ name: 'Google' }] });
    expect(body).toMatchObject({ outcome: { result: 'success' }, findings: [] });
  });

  test('finds stored people, and writes nothing', async () => {
    const { id } = await make('/applications', { ...anApplication, signInFlow: passwordOnly });
    const ann = await make('/users', { username: 'Ann' });
    await world.happened();
    await world.call('POST', `/applications/${id}/dry-run`, { scenario });
    expect(await world.dryRuns[0]?.findUser('ANN')).toMatchObject({ id: ann.id });
    expect(await world.dryRuns[0]?.findUser('ben')).toBeNull();
    expect(await world.dryRuns[0]?.findUser('\u202e')).toBeNull();
    expect(await world.happened()).toEqual([]);
  });
});

describe('history', () => {
  test('a failed sign-in is found by the reference on its page, however it is typed', async () => {
    const failed = aLogin({ status: 'failed', reference: '7C1FA-20DXK', failureCode: 'ACCOUNT_REQUIRED', endedAt: 1 });
    await world.db.unit(async ({ logins, audit }) => {
      await logins.insert(aLogin());
      await logins.insert(failed);
      const details = { sentence: 'What the person read.' };
      await audit.append(anEvent({ type: 'login.failed', loginId: failed.id, reference: '7C1FA-20DXK', details }));
    });
    for (const typed of ['7C1FA-20DXK', '7c1fa20dxk', '7clfa 2odxk']) {
      const { body } = await world.call('GET', `/logins?reference=${encodeURIComponent(typed)}`);
      expect(body.items).toMatchObject([
        {
          id: failed.id,
          failure: {
            code: 'ACCOUNT_REQUIRED',
            message: 'What the person read.',
            mend: expect.stringMatching(/^Turn JIT provisioning on .*, or let the script skip the factor/),
          },
        },
      ]);
      const events = (await world.call('GET', `/audit-events?reference=${encodeURIComponent(typed)}`)).body;
      expect(events.items).toMatchObject([{ type: 'login.failed' }]);
    }
    expect((await world.call('GET', '/logins?reference=00000-00000')).body.items).toEqual([]);
    const { body } = await world.call('GET', `/logins/${failed.id}`);
    expect(body).toMatchObject({ trace: [{ kind: 'end' }], notReplayable: null, events: [{ type: 'login.failed' }] });
  });

  test('sign-ins are filtered, and one that was left is expired', async () => {
    const [running, left, done] = [
      aLogin({ expiresAt: world.clock.time + 1000 }),
      aLogin({ expiresAt: world.clock.time }),
      aLogin({ status: 'succeeded', endedAt: world.clock.time }),
    ];
    await world.db.unit(async ({ logins }) => {
      for (const login of [running, left, done]) await logins.insert(login);
    });
    const list = async (query: string) =>
      (await world.call('GET', `/logins${query}`)).body.items.map((one: { id: string; status: string }) => [
        one.id,
        one.status,
      ]);
    expect(await list('')).toHaveLength(3);
    expect(await list('?status=succeeded')).toEqual([[done.id, 'succeeded']]);
    expect(await list(`?applicationId=${left.applicationId}`)).toEqual([[left.id, 'expired']]);
    expect(await list('?userId=user_x')).toEqual([]);
  });

  test('events are filtered by type and target', async () => {
    const { id } = await make('/users', { username: 'ann' });
    await make('/users', { username: 'ben' });
    await world.call('PATCH', `/users/${id}`, { locked: true });
    const list = async (query: string) =>
      (await world.call('GET', `/audit-events?${query}`)).body.items.map(({ type }: { type: string }) => type);
    expect(await list(`target=${id}`)).toEqual(['user.updated', 'user.created']);
    expect(await list('type=user.created')).toEqual(['user.created', 'user.created']);
    expect(await list(`type=user.created&target=${id}&limit=1`)).toEqual(['user.created']);
  });
});

test('settings have no secrets', async () => {
  const { body } = await world.call('GET', '/settings');
  const text = JSON.stringify(body);
  for (const secret of [token, 'hunter2', 'mailer']) expect(text).not.toContain(secret);
});
