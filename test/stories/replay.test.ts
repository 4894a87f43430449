import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minute } from '../../src/kernel/clock.ts';
import type { LoginId } from '../../src/kernel/ids.ts';
import type { ReplayAnswer, WhatIfAnswer } from '../../src/lab/replay-types.ts';
import { beginsSignIn, comesThroughGoogle, loginIdOf, mailedCode, typesPassword } from './moves.ts';
import { readTables } from './read-tables.ts';
import { adminToken, missionScript, missionSteps, startWorld, type World } from './world.ts';

/** Past sign-ins, played again: as they were, with other scripts, and all at once before something is published. */

let world: World;
const logins = { ann: '', grace: '', open: '' };

beforeAll(async () => {
  world = await startWorld();
  await world.addUser('ann', { email: 'ann@example.com', verified: ['http://wso2.org/claims/emailaddress'] });

  const ann = await beginsSignIn(world);
  logins.ann = loginIdOf(ann);
  await typesPassword(ann, 'ann');
  await ann.chooses('email-otp-authenticator');
  await ann.submits({ code: await mailedCode(world, 'ann@example.com') });

  const grace = await beginsSignIn(world);
  logins.grace = loginIdOf(grace);
  await comesThroughGoogle(grace);

  const open = await beginsSignIn(world);
  logins.open = loginIdOf(open);
  await typesPassword(open, 'ann');
});
afterAll(async () => {
  await world?.close();
});

const replay = async (id: string, body: object = {}) =>
  (await world.admin.post(`/logins/${id}/replay`, body)) as unknown as ReplayAnswer;
const whatIf = async (body: object) =>
  (await world.admin.post(`/applications/${world.registered.id}/what-if`, body)) as unknown as WhatIfAnswer;

const both = 'function onLoginRequest(context) { executeStep(1); executeStep(2); }';

describe('a past sign-in', () => {
  it('is played as it was: its steps, its end, and nothing that differs', async () => {
    const { outcome, steps, trace, differs, notReplayable } = await replay(logins.ann);
    expect({ differs, notReplayable }).toEqual({ differs: null, notReplayable: null });
    expect(outcome).toMatchObject({ result: 'success', amr: ['pwd', 'mail'], waitingFor: null });
    expect(steps.map(({ step, authenticator, outcome: how }) => [step, authenticator, how])).toEqual([
      [1, 'BasicAuthenticator', 'success'],
      [2, 'email-otp-authenticator', 'success'],
    ]);
    const told = (await world.admin.get(`/logins/${logins.ann}`))['trace'] as typeof trace;
    expect(trace.map(({ kind, name, line, column }) => [kind, name, line, column])).toEqual(
      told.map(({ kind, name, line, column }) => [kind, name, line, column]),
    );
  });

  it('that somebody has not gone on with waits for the same again', async () => {
    const { outcome, differs } = await replay(logins.open);
    expect(differs).toBeNull();
    expect(outcome).toMatchObject({ result: 'waiting', waitingFor: { kind: 'step', step: 2, line: 7 } });
  });

  it('of somebody from a connection shows what provisioning did', async () => {
    const { outcome, provisioning } = await replay(logins.grace);
    expect(outcome).toMatchObject({ result: 'success' });
    expect(provisioning).toMatchObject([{ step: 1, idp: 'Google', result: 'created' }]);
  });

  it('shows the variables of the top scope and what waits, entry by entry', async () => {
    const script = `var tries = 0;
const limits = { most: 3, seen: [] };
let who;
class Rule {}
var itself = {}; itself.self = itself;
Object.defineProperty(itself, 'trap', { enumerable: true, get: function () { executeStep(2); return hasRole(who, 'x'); } });
function onLoginRequest(context) {
  executeStep(1, { onSuccess: function (context) {
    tries++;
    who = context.currentKnownSubject;
    limits.seen.push(who.username);
    executeStep(2, { onFail: function () { tries++; } });
  } });
  left = 'global';
}`;
    // It reads the person, which the login did not: nobody can tell how it goes on, and up to there it is shown.
    const { moments, differs } = await replay(logins.ann, { script });
    expect(differs).toMatchObject({ now: { name: 'user.load' } });
    const [first, second] = moments;
    expect(first).toMatchObject({
      seq: 1,
      variables: {
        tries: 0,
        left: 'global',
        limits: { most: 3, seen: [] },
        who: { $is: 'undefined' },
        Rule: { $is: 'function', name: 'Rule' },
        onLoginRequest: { $is: 'function', name: 'onLoginRequest' },
        itself: { trap: { $is: 'getter' }, self: { self: expect.anything() } },
      },
      queue: [{ name: 'executeStep', args: [1, null], handlers: ['onSuccess'], line: 8 }],
    });
    expect(second).toMatchObject({ seq: 2, variables: { tries: 1, who: { $is: 'user' } }, queue: [] });
  });

  it('with another script is the same up to the first difference, which has its place', async () => {
    expect((await replay(logins.ann, { script: both })).differs).toBeNull();
    const { outcome, differs, notReplayable } = await replay(logins.grace, { script: both });
    expect(outcome).toMatchObject({ result: 'waiting', waitingFor: { kind: 'step', step: 2 } });
    expect(differs).toMatchObject({
      seq: 3,
      line: 1,
      recorded: { name: 'end: success' },
      now: { name: 'executeStep', args: [2, null] },
    });
    expect(notReplayable).toBeNull();
  });

  it('with a script that ends sooner, or otherwise, differs there', async () => {
    const once = await replay(logins.ann, { script: 'function onLoginRequest(context) { executeStep(1); }' });
    expect(once.outcome).toMatchObject({ result: 'success', amr: ['pwd'] });
    expect(once.differs).toMatchObject({ recorded: { name: 'executeStep' }, now: { name: 'end: success' } });
    const broken = await replay(logins.ann, { script: missionScript.replace('executeStep(2)', 'nothing()') });
    expect(broken.outcome).toMatchObject({ result: 'error', code: 'SCRIPT_ERROR', line: 7 });
    expect(broken.differs).toMatchObject({ now: { name: 'end: SCRIPT_ERROR' } });
  });

  it('cannot be told beyond what it never asked', async () => {
    const asks = `function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) {
      if (hasRole(context.currentKnownSubject, 'admin')) { executeStep(2); } } }); }`;
    const { differs, notReplayable } = await replay(logins.ann, { script: asks });
    expect(differs).toMatchObject({ recorded: { name: 'executeStep' }, now: { name: 'hasRole' } });
    expect(notReplayable).toContain('never asked hasRole');
  });

  it('is played with a flow that lacks the option that was taken: the person would be asked again', async () => {
    const steps = [missionSteps[0]!, { options: [{ authenticator: 'totp' }] }];
    const { outcome } = await replay(logins.ann, { steps, script: missionScript });
    expect(outcome).toMatchObject({ result: 'waiting', waitingFor: { kind: 'step', step: 2 } });
  });

  it('changes nothing, neither in a table nor in a mailbox', async () => {
    const before = readTables(world.directory);
    const mails = world.mails.mails().length;
    for (const id of [logins.ann, logins.grace, logins.open]) await replay(id, { script: both });
    await whatIf({ script: both });
    expect(readTables(world.directory)).toEqual(before);
    expect(world.mails.mails()).toHaveLength(mails);
  });

  it('that is not there, or a version that is not there, is not found', async () => {
    await expect(replay('login_nobody')).rejects.toMatchObject({ status: 404 });
    await expect(replay(logins.ann, { version: 99 })).rejects.toMatchObject({ status: 404 });
  });
});

describe('before publishing', () => {
  it('all sign-ins are compared: from what to what, and how many', async () => {
    expect(await whatIf({ script: missionScript })).toMatchObject({
      logins: 3,
      unchanged: 3,
      changed: [],
      notReplayable: [],
    });
    expect(await whatIf({ script: both })).toMatchObject({
      logins: 3,
      unchanged: 2,
      changed: [
        { from: 'signs in after step 1', to: 'is asked for step 2 after step 1', count: 1, logins: [logins.grace] },
      ],
    });
  });

  it('a change of nothing but the level is one', async () => {
    const level = missionScript.replace('executeStep(1,', "context.selectedAcr = 'silver';\n  executeStep(1,");
    const { unchanged, changed } = await whatIf({ script: level });
    expect({ unchanged, changed: changed.map(({ to, count }) => [to, count]) }).toEqual({
      unchanged: 1,
      changed: expect.arrayContaining([
        ['signs in after step 1, 2, other acr', 1],
        ['signs in after step 1, other acr', 1],
      ]),
    });
  });

  it('those that nobody can tell of are counted apart, with the reason', async () => {
    const asks =
      'function onLoginRequest(context) { executeStep(1, { onSuccess: function (context) { hasRole(context.currentKnownSubject, "x"); } }); }';
    const { unchanged, notReplayable } = await whatIf({ script: asks });
    expect({ unchanged, notReplayable }).toMatchObject({
      unchanged: 0,
      notReplayable: [{ count: 3, reason: expect.stringContaining('never asked hasRole') }],
    });
  });

  it('a script that never ends is told as one', async () => {
    const { unchanged, changed } = await whatIf({ script: 'function onLoginRequest(context) { for (;;) {} }' });
    expect(unchanged).toBe(0);
    expect(changed.map(({ to }) => to)).toEqual(changed.map(() => 'fails with SCRIPT_TIMEOUT'));
  });

  it('the answer comes line by line where progress is wished for', async () => {
    const response = await fetch(`${world.url}/api/v1/applications/${world.registered.id}/what-if`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ script: both, progress: true }),
    });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { progress: { done: 3, of: 3 } },
      { result: { logins: 3, unchanged: 2 } },
    ]);
  });
});

describe('a sign-in that was refused although its script let it in', () => {
  const rules = [{ kind: 'connections', allowed: ['Google'] }];
  const demand = (signInRules: object[]) => world.admin.patch(`/applications/${world.registered.id}`, { signInRules });
  const lax = 'function onLoginRequest(context) { executeStep(1); }';
  let id: string;

  beforeAll(async () => {
    await world.publish({ script: lax });
    await demand(rules);
    const ann = await beginsSignIn(world);
    id = loginIdOf(ann);
    await typesPassword(ann, 'ann');
    await demand([]);
  });
  afterAll(async () => {
    await world.publish({ script: missionScript });
  });

  it('is refused again where nothing is otherwise', async () => {
    const { outcome, trace, differs, notReplayable } = await replay(id);
    expect(outcome).toMatchObject({ result: 'failure', code: 'RULE_NOT_MET', acr: null });
    expect(trace.at(-1)).toMatchObject({ kind: 'end', name: 'failure' });
    expect({ differs, notReplayable }).toEqual({ differs: null, notReplayable: null });
    const { changed, notReplayable: untold } = await whatIf({ script: lax, limit: 1 });
    expect({ changed, untold }).toEqual({ changed: [], untold: [] });
  });

  it('is asked for more by a script that asks for more', async () => {
    const { changed } = await whatIf({ script: both, limit: 1 });
    expect(changed).toMatchObject([
      { from: 'fails with RULE_NOT_MET after step 1', to: 'is asked for step 2 after step 1' },
    ]);
  });

  it('is let in by another way where no rule is against it any more, and refused where one is', async () => {
    const script = lax.replace('executeStep(1)', "executeStep(1, { stepOptions: { provisionUser: 'true' } }, {})");
    const lets = await replay(id, { script });
    expect(lets).toMatchObject({ outcome: { result: 'success' }, differs: expect.anything(), notReplayable: null });
    expect(await whatIf({ script, limit: 1 })).toMatchObject({
      changed: [{ from: 'fails with RULE_NOT_MET after step 1', to: 'signs in after step 1' }],
      notReplayable: [],
    });

    await demand(rules);
    const refuses = await replay(id, { script });
    expect(refuses.outcome).toMatchObject({ result: 'failure', code: 'RULE_NOT_MET', acr: null });
    expect(refuses.outcome?.message).toBe('The rule: people sign in with Google only.');
    expect(await whatIf({ script, limit: 1 })).toMatchObject({ unchanged: 1, changed: [], notReplayable: [] });
    await demand([]);
  });
});

describe('a sign-in that a script lets end sooner, against the rules of the application', () => {
  const once = 'function onLoginRequest(context) { executeStep(1); }';
  const demand = (signInRules: object[]) => world.admin.patch(`/applications/${world.registered.id}`, { signInRules });
  const outcomes = async () => {
    const { changed, notReplayable } = await whatIf({ script: once });
    return [
      ...changed.filter(({ logins: some }) => some.includes(logins.ann)).map(({ to }) => to),
      ...notReplayable.map(({ reason }) => reason),
    ];
  };
  const needMail = (group: string) => [{ kind: 'group-factor', group, authenticators: ['email-otp-authenticator'] }];

  afterAll(() => demand([]));

  it('is shown as refused, with the code', async () => {
    await demand([{ kind: 'two-factors', people: 'local' }]);
    expect(await outcomes()).toEqual(['fails with RULE_NOT_MET after step 1']);
    const { outcome, notReplayable } = await replay(logins.ann, { script: once });
    expect(outcome).toMatchObject({ result: 'failure', code: 'RULE_NOT_MET' });
    expect(notReplayable).toBeNull();
  });

  it('is refused for a group that the person is in, and for no other', async () => {
    const ann = (await world.users()).find(({ username }) => username === 'ann')!;
    const group = await world.admin.post('/groups', { name: 'payroll' });
    await world.admin.patch(`/users/${ann.id}`, { groups: ['payroll'] });
    await demand(needMail('payroll'));
    expect(await outcomes()).toEqual(['fails with RULE_NOT_MET after step 1']);
    await demand(needMail('research'));
    expect(await outcomes()).toEqual(['signs in after step 1']);
    await demand([]);
    await world.admin.delete(`/groups/${group['id']}`);
  });

  it('without a step that proves somebody it is refused by the server itself', async () => {
    const { outcome } = await replay(logins.ann, { script: 'function onLoginRequest(context) {}' });
    expect(outcome).toMatchObject({ result: 'failure', code: 'NO_STEP_PASSED' });
  });
});

describe('a sign-in that ended while it waited', () => {
  const list = async (query: string) =>
    (
      (await world.admin.get(`/logins?${query}`))['items'] as { id: string; status: string; failure: object | null }[]
    ).map(({ id, status, failure }) => ({ id, status, failure }));
  const begins = async () => {
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'ben');
    return { id, person };
  };
  const step = { kind: 'step', step: 2 };
  let ben: string;

  beforeAll(async () => {
    ben = (await world.addUser('ben', { email: 'ben@example.com' })).id;
  });
  afterAll(async () => {
    await world.admin.delete(`/users/${ben}`);
  });

  it('for an account that an admin has locked: by that, and it is told what it waited for', async () => {
    const { id } = await begins();
    await world.admin.patch(`/users/${ben}`, { locked: true });
    expect(await replay(id)).toMatchObject({
      outcome: { result: 'failure', code: 'ACCOUNT_LOCKED', acr: null, waitingFor: step },
      differs: null,
      notReplayable: null,
    });
    expect((await replay(id)).trace.at(-1)).toMatchObject({ kind: 'end', name: 'failure' });
    await world.admin.patch(`/users/${ben}`, { locked: false });
  });

  it('by a version that was withdrawn: by that', async () => {
    await world.publish({ script: missionScript });
    const { id, person } = await begins();
    const { version } = (await world.app.database.read.logins.findById(id as LoginId))!;
    await world.admin.post(`/applications/${world.registered.id}/sign-in-flow/versions/${version}/withdraw`, {});
    expect((await replay(id)).outcome).toMatchObject({ result: 'waiting' });
    await person.chooses('email-otp-authenticator');
    await world.publish({ script: missionScript });
    expect((await replay(id)).outcome).toMatchObject({ result: 'failure', code: 'VERSION_WITHDRAWN' });
  });

  it('as its time was over: by that, in the list as well, although nobody has come back to be told', async () => {
    const { id } = await begins();
    expect((await replay(id)).outcome).toMatchObject({ result: 'waiting', code: null });
    world.clock.skip(2 * 60 * minute);
    expect((await replay(id)).outcome).toMatchObject({ result: 'failure', code: 'LOGIN_EXPIRED', waitingFor: step });
    expect(await list('status=expired&limit=1')).toEqual([
      { id, status: 'expired', failure: expect.objectContaining({ code: 'LOGIN_EXPIRED' }) },
    ]);
    expect(await list('status=running')).toEqual([]);
    const { trace } = (await world.admin.get(`/logins/${id}`)) as unknown as Pick<ReplayAnswer, 'trace'>;
    expect(trace.at(-1)).toMatchObject({ kind: 'end', name: 'failure', result: { code: 'LOGIN_EXPIRED' } });
  });

  it('goes on where another script asks for something else', async () => {
    const [first] = await list('status=expired&limit=1');
    const { outcome, differs } = await replay(first!.id, {
      script: 'function onLoginRequest(context) { executeStep(1); }',
    });
    expect(outcome).toMatchObject({ result: 'success', waitingFor: null });
    expect(differs).not.toBeNull();
  });
});

it('of a person who keeps no account nothing can be played', async () => {
  await world.changeConnection((connection) => ({ ...connection, jit: { ...connection.jit, enabled: false } }));
  const stranger = await beginsSignIn(world);
  const id = loginIdOf(stranger);
  await comesThroughGoogle(stranger, 'Alan Turing');
  expect(await replay(id)).toMatchObject({
    outcome: null,
    trace: [],
    notReplayable: expect.stringContaining('keeps no account'),
  });
  const { notReplayable } = await whatIf({ script: both });
  expect(notReplayable.filter(({ reason }) => reason.includes('keeps no account'))).toMatchObject([
    { count: 1, logins: [id] },
  ]);
});

it('of a person who was deleted nothing is left to be played, and of others all', async () => {
  const ann = (await world.users()).find(({ username }) => username === 'ann')!;
  await world.admin.delete(`/users/${ann.id}`);
  for (const id of [logins.ann, logins.open]) {
    expect(await replay(id)).toMatchObject({ outcome: null, notReplayable: 'Nothing was kept of it.' });
    expect(await world.app.database.read.logins.listLogs(id as LoginId)).toEqual([]);
  }
  expect(await replay(logins.grace)).toMatchObject({ outcome: { result: 'success' }, notReplayable: null });
});

it('of an application that is gone, and of a sign-in that never was, it is said why there is nothing to play', async () => {
  await world.admin.delete(`/applications/${world.registered.id}`);
  expect(await replay(logins.grace)).toMatchObject({
    outcome: null,
    trace: [],
    notReplayable: expect.stringMatching(/^Version 1, with which it began, is gone/),
  });
  const asks = [
    () => replay(logins.grace, { script: both }),
    () => replay('login_nobody'),
    () => whatIf({ script: both }),
  ];
  for (const ask of asks) {
    await expect(ask()).rejects.toThrow(/answered with 404/);
  }
});
