import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DryRunAnswer, Scenario } from '../../src/lab/dry-run-types.ts';
import { scriptFunctions } from '../../src/script-api/index.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { beginsSignIn, typesPassword } from './moves.ts';
import { readTables } from './read-tables.ts';
import { missionSteps, startWorld, type World } from './world.ts';

/** A dry run of every function that scripts may call leaves every table, mailbox and endpoint as it was. */

const functions = [...scriptFunctions.values()];

let world: World;
let endpoint: Endpoint;

beforeAll(async () => {
  endpoint = await createEndpoint();
  world = await startWorld({
    env: { STEPGATE_EGRESS_HOSTS: new URL(endpoint.url).hostname },
  });
  await world.addUser('ann', { email: 'ann@example.com' });
  // What the functions' examples name.
  for (const name of ['payroll-reader', 'trainee']) await world.admin.post('/roles', { name });
  for (const name of ['reader', 'trainee'])
    await world.admin.post('/roles', { name, applicationId: world.registered.id });
  for (const name of ['RISK_KEY', 'CHOREO_KEY', 'PARTNER_KEY'])
    await world.admin.post('/secrets', { name, value: 'a value of it' });
  await world.admin.post('/script-libraries', {
    name: 'greetings.js',
    source: "exports.hello = function () { return 'Hello'; };",
  });
  await world.admin.post('/mail-templates', {
    name: 'new-device',
    template: { subject: 'A new device', text: ['{browser}'] },
  });
  // Somebody is signed in: there are sessions to end.
  await world.publish({ script: 'function onLoginRequest(context) { executeStep(1); }' });
  await typesPassword(await beginsSignIn(world), 'ann');
  expect(await world.app.database.read.sessions.list({ after: null, limit: 10 })).toHaveLength(1);
});
afterAll(async () => {
  await world?.close();
  await endpoint?.close();
});
beforeEach(() => endpoint.says({ score: 99 }));

/** Whoever is asked by the scenario alone, and what of it is answered by functions. */
const answered = Object.fromEntries(
  functions.filter(({ effect }) => effect === 'asks').map(({ name }) => [name, [{ data: { score: 99 } }]]),
);
const signsIn: Scenario = {
  steps: {
    1: [{ outcome: 'success', idp: 'LOCAL', user: 'ann' }],
    2: [{ outcome: 'success', authenticator: 'email-otp-authenticator' }],
  },
  prompts: [{ action: 'success', params: { age: '20' } }],
};

describe.each(functions.map((fn) => [fn.name, fn] as const))('%s', (_name, fn) => {
  // What the example would reach is here.
  const script = () => fn.example.replaceAll(/https:\/\/[\w.-]+\.example\.(?:com|net|org)/g, endpoint.url);

  it.each<[string, Scenario]>([
    ['with everything answered', { ...signsIn, functions: answered }],
    ['with nothing but steps answered', signsIn],
  ])('%s', async (_how, scenario) => {
    const before = readTables(world.directory);
    const mails = world.mails.mails().length;
    endpoint.forget();
    const { trace, outcome, effects } = (await world.admin.post(`/applications/${world.registered.id}/dry-run`, {
      script: script(),
      steps: missionSteps,
      scenario,
    })) as unknown as DryRunAnswer;
    expect(outcome.result).not.toBe('error');
    const reached = [...trace.map(({ name }) => name), outcome.waitingFor?.['name']];
    if (fn.effect !== 'steers' && fn.effect !== 'shows') expect(reached).toContain(fn.name);
    const acts = fn.effect !== 'reads' && fn.effect !== 'steers' && fn.effect !== 'shows';
    expect(effects.some(({ name }) => name === fn.name)).toBe(acts);
    expect(readTables(world.directory)).toEqual(before);
    expect({ asked: endpoint.asked, mails: world.mails.mails().length }).toEqual({ asked: [], mails });
  });
});

it('would be noticed: a sign-in with the same script leaves its traces', async () => {
  const before = readTables(world.directory);
  await world.publish({ script: 'function onLoginRequest(context) { executeStep(1); }' });
  await typesPassword(await beginsSignIn(world), 'ann');
  const after = readTables(world.directory);
  const changed = Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
  expect(changed).toEqual(expect.arrayContaining(['audit_events', 'journal_entries', 'logins', 'sessions']));
});
