import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { DryRunAnswer, Scenario } from '../../src/lab/dry-run-types.ts';
import type { Flow } from '../../src/login/flow.ts';
import {
  askApplication,
  beginsSignIn,
  comesThroughGoogle,
  enrolsApp,
  mailedCode,
  readRefusal,
  typesPassword,
} from './moves.ts';
import { missionSteps, startWorld, type World } from './world.ts';

/** What a dry run says of a factor that has yet to be set up and of where a script may send people, and what a sign-in then does. */

const both = 'function onLoginRequest(context) { executeStep(1); executeStep(2); }';
const appOnly: Flow['steps'] = [missionSteps[0]!, { options: [{ authenticator: 'totp' }] }];
const noEnrolment = `function onLoginRequest(context) { executeStep(1); executeStep(2, { authenticatorParams: {
  local: { totp: { enrolUserInAuthenticationFlow: 'false' } } } }, {}); }`;

let world: World;

beforeAll(async () => {
  world = await startWorld({
    env: { STEPGATE_EGRESS_HOSTS: '127.0.0.1,*.help.example' },
  });
});
afterAll(async () => {
  await world?.close();
});

async function dryRun(flow: Pick<Flow, 'steps' | 'script'>, steps: Scenario['steps']): Promise<DryRunAnswer> {
  const path = `/applications/${world.registered.id}/dry-run`;
  return (await world.admin.post(path, { ...flow, scenario: { steps } })) as unknown as DryRunAnswer;
}

const passes = (user: string): Scenario['steps'] => ({
  1: [{ outcome: 'success', idp: 'LOCAL', user }],
  2: [{ outcome: 'success', authenticator: 'totp' }],
});

describe('An app that has yet to be set up', () => {
  it('comes after the mailed code where the address is verified, and at once the next time', async () => {
    await world.addUser('ann', { email: 'ann@example.com' });
    const flow = { steps: missionSteps, script: both };
    await world.publish(flow);
    const before = await dryRun(flow, passes('ann'));
    expect(before.steps.at(-1)).toMatchObject({ authenticator: 'totp', provenBy: 'email-otp-authenticator' });

    const person = await beginsSignIn(world);
    await typesPassword(person, 'ann');
    await person.chooses('totp');
    await person.submits({ code: await mailedCode(world, 'ann@example.com') });
    await enrolsApp(world, person);
    expect((await askApplication(world, person)).claims['amr']).toEqual(before.outcome.amr);

    const after = await dryRun(flow, passes('ann'));
    expect(after.outcome.amr).toEqual(['pwd', 'otp']);
    expect(after.steps.at(-1)).not.toHaveProperty('provenBy');
  });

  it('comes at once where there is nothing to prove first', async () => {
    await world.addUser('ben');
    const flow = { steps: missionSteps, script: both };
    await world.publish(flow);
    const dry = await dryRun(flow, passes('ben'));
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ben');
    await person.chooses('totp');
    await enrolsApp(world, person);
    expect(dry.outcome.amr).toEqual(['pwd', 'otp']);
    expect((await askApplication(world, person)).claims['amr']).toEqual(dry.outcome.amr);
  });

  it('of an account that the sign-in makes comes after the mailed code, too', async () => {
    const flow = { steps: missionSteps, script: both };
    await world.publish(flow);
    const { sub, ...claims } = graceHopper as typeof graceHopper & Record<string, unknown>;
    const dry = await dryRun(flow, {
      1: [{ outcome: 'success', idp: 'Google', subject: sub, claims: { ...claims, email_verified: true } }],
      2: [{ outcome: 'success', authenticator: 'totp' }],
    });
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    await person.chooses('totp');
    await person.submits({ code: await mailedCode(world, graceHopper.email) });
    await enrolsApp(world, person);
    expect(dry.outcome.amr).toEqual(['mail', 'otp']);
    expect((await askApplication(world, person)).claims['amr']).toEqual(dry.outcome.amr);
  });

  it.each<[string, Pick<Flow, 'steps' | 'script'>, string]>([
    ['the script forbids it', { steps: appOnly, script: noEnrolment }, 'ENROLMENT_OFF'],
    [
      'it is a mailed code, and no address is verified',
      { steps: [missionSteps[0]!, { options: [{ authenticator: 'email-otp-authenticator' }] }], script: both },
      'NO_VERIFIED_ADDRESS',
    ],
  ])('fails the sign-in where %s', async (_what, flow, code) => {
    const name = `somebody-${code.toLowerCase()}`;
    await world.addUser(name);
    await world.publish(flow);
    const dry = await dryRun(flow, {
      1: [{ outcome: 'success', idp: 'LOCAL', user: name }],
      2: [{ outcome: 'success' }],
    });
    expect(dry.outcome).toMatchObject({ result: 'failure', code });
    const person = await beginsSignIn(world);
    await typesPassword(person, name);
    expect((await readRefusal(world, person)).code).toBe(code);
  });
});

it.each([
  ['https://de.help.example/x', 'https://de.help.example/x'],
  ['/x', 'OURS/x'],
  ['https://help.example/x', null],
  ['//evil.example/x', null],
])('sendError to %s leads where the server’s settings let it', async (target, redirect) => {
  const script = `function onLoginRequest() { sendError('${target}'); }`;
  const { outcome } = await dryRun({ steps: missionSteps, script }, {});
  expect(outcome).toMatchObject({ result: 'failure', redirect: redirect?.replace('OURS', world.url) ?? null });
});

it.each([
  ['secrets.NOBODY_MADE_IT', 'There is no secret «NOBODY_MADE_IT»'],
  ["getSecretByName('NOR_THIS')", 'There is no secret «NOR_THIS»'],
])('%s, which is not there, ends both as a script error', async (call, says) => {
  const flow = { steps: missionSteps, script: `function onLoginRequest() { executeStep(1); Log.info(${call}); }` };
  const { outcome } = await dryRun(flow, passes('ann'));
  expect(outcome).toMatchObject({ result: 'error', code: 'SCRIPT_ERROR', message: expect.stringContaining(says) });
  await world.publish(flow);
  expect((await readRefusal(world, await beginsSignIn(world))).code).toBe('SCRIPT_ERROR');
});
