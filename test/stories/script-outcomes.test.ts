import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import {
  askApplication,
  beginsSignIn,
  comesThroughGoogle,
  enrolsApp,
  listSteps,
  loginIdOf,
  mailedCode,
  readRefusal,
  typesPassword,
} from './moves.ts';
import { startWorld, type World } from './world.ts';

/** How sign-ins end: what the script decides, and what the application and the person get to know. */

let world: World;

beforeAll(async () => {
  world = await startWorld({ env: { STEPGATE_EGRESS_HOSTS: '127.0.0.1,127.0.0.2' } });
  await world.addUser('ann', { email: 'ann@example.com' });
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.happened();
});

const whole = (body: string) => `var onLoginRequest = function (context) {\n${body}\n};`;

async function begins(body: string, parameters: Record<string, string> = {}): Promise<Person> {
  await world.publish({ script: whole(body) });
  return beginsSignIn(world, parameters);
}

describe('A missed step', () => {
  it.each<[string, string]>([
    ['an empty onFail', 'executeStep(1, { onFail: function () {} });'],
    ['an empty onFail while steps are waiting', 'executeStep(1, { onFail: function () {} }); executeStep(2);'],
    ['an onFail that only logs', `executeStep(1, { onFail: function () { Log.info('x'); } }); executeStep(1);`],
  ])('%s ends the sign-in at once', async (_what, body) => {
    const person = await begins(body);
    const id = loginIdOf(person);
    await typesPassword(person, 'ann', 'wrong');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'INVALID_CREDENTIALS', event: { loginId: id } });
    expect(await listSteps(world, id)).toEqual([1]);
    await person.follows('Back to Payroll');
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'access_denied' });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('an onFail sees whose step failed, and can send the person on', async () => {
    const person = await begins(`executeStep(1, { onFail: function (context) {
      Log.info(context.retry, context.steps[1].subject, context.currentKnownSubject);
      executeStep(1, { onSuccess: function (context) { Log.info(context.retry, context.currentKnownSubject.username); } });
    } });`);
    await typesPassword(person, 'ann', 'wrong');
    expect(person.isAt()).toBe('Sign in');
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });
});

describe('Cancelling', () => {
  it.each<[string, string, string]>([
    ['runs onUserAbort', `{ onUserAbort: function () { executeStep(2); }, onFail: function () {} }`, 'goes on'],
    ['runs onFail where there is no onUserAbort', `{ onFail: function () { executeStep(1); } }`, 'goes on'],
    ['ends the sign-in where there is neither', `{ onSuccess: function () { executeStep(2); } }`, 'ends'],
    ['ends it also when onUserAbort does nothing', `{ onUserAbort: function () {} }`, 'ends'],
  ])('%s', async (_what, handlers, expected) => {
    const person = await begins(`executeStep(1, ${handlers});`);
    await person.chooses('cancel');
    if (expected === 'goes on') {
      expect(person.page().url).toContain(world.url);
      expect((await askApplication(world, person)).signedIn).toBe(false);
      return;
    }
    expect(person.isAt()).toBe('Sign-in was refused');
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'access_denied' });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    expect(await world.lastEvent('login.failed')).toMatchObject({ code: 'CANCELLED' });
  });
});

describe('A script without a step that proves anybody', () => {
  it.each([
    ['does nothing', ''],
    ['looks at the context', `Log.info(context.steps[1].options.length);`],
    ['sets an acr', `context.selectedAcr = 'high';`],
    [
      'meddles with what others inherit',
      `Object.prototype.user = 'x'; Object.prototype.proves = true; Array.prototype.length = 1;`,
    ],
  ])('%s: signs nobody in', async (_what, body) => {
    const person = await begins(body);
    expect(await readRefusal(world, person)).toMatchObject({ status: 403, code: 'NO_STEP_PASSED' });
    expect((await askApplication(world, person)).signedIn).toBe(false);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });
});

describe('fail', () => {
  it.each<[string, string, object, boolean]>([
    ['without a reason', 'fail();', { error: 'access_denied' }, false],
    [
      'with the application’s own error',
      `fail({ errorCode: 'too_early', errorMessage: 'Come back at nine.', errorURI: 'https://payroll.example/help' });`,
      { error: 'too_early', error_description: 'Come back at nine.' },
      true,
    ],
    [
      'with what no error may have',
      `fail({ errorCode: 'two words', errorMessage: 'Schön "hier"\\n' });`,
      { error: 'access_denied', error_description: 'Sch?n ?hier??' },
      false,
    ],
  ])('%s reaches the application', async (_what, body, failure, hasUri) => {
    const person = await begins(`executeStep(1, { onSuccess: function () { ${body} } }); executeStep(2);`);
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Sign-in was refused');
    expect((await askApplication(world, person)).failure).toMatchObject(failure);
    const callback = person.hops().find(({ url }) => url.includes('/callback?'))!;
    expect(callback.url.includes('error_uri')).toBe(hasUri);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    expect(await world.lastEvent('login.failed')).toMatchObject({ code: 'DENIED_BY_SCRIPT' });
    expect((await world.lastEvent('login.failed')).details['detail']).toMatch(/fail\(\) \(line 2, column \d+\)/);
  });

  it('works before any step, and the first verdict stands', async () => {
    const person = await begins(
      `fail({ errorCode: 'first' }); fail({ errorCode: 'second' }); sendError(null); executeStep(1);`,
    );
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'first' });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });
});

describe('sendError', () => {
  it.each([`sendError(null, { status: 'x' })`, `sendError('')`])('%s shows our own page', async (call) => {
    const person = await begins(`executeStep(1, { onSuccess: function () { ${call}; } });`);
    await typesPassword(person, 'ann');
    expect(await readRefusal(world, person)).toMatchObject({ status: 403, code: 'DENIED_BY_SCRIPT' });
    await person.follows('Back to Payroll');
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'access_denied' });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('leads to a URL on a host that is allowed, with its parameters', async () => {
    const target = `${world.application.url}/signed-out?a=1`;
    const person = await begins(
      `executeStep(1, { onSuccess: function () { sendError('${target}', { status: 'no & no', n: 3 }); } });`,
    );
    await typesPassword(person, 'ann');
    expect(person.page().url).toBe(`${target}&status=no+%26+no&n=3`);
    expect((await askApplication(world, person)).signedIn).toBe(false);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('leads to a page of our own by its path', async () => {
    const person = await begins(`sendError('/api/docs', { why: 'so' });`);
    expect(person.page().url).toBe(`${world.url}/api/docs?why=so`);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it.each([
    'https://evil.example/',
    'https://127.0.0.2@evil.example/',
    'javascript:alert(1)',
    'javascript://127.0.0.2/%0aalert(1)',
    'app://127.0.0.2/',
    '//evil.example',
    'data:text/html,x',
    'file:///etc/passwd',
  ])('leads nowhere else: %s', async (target) => {
    const person = await begins(`sendError('${target}', {});`);
    expect(person.page().url).toContain(world.url);
    const { code, event } = await readRefusal(world, person);
    expect(code).toBe('DENIED_BY_SCRIPT');
    expect(event!.details['detail']).toContain('not on the list of allowed hosts');
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });
});

describe('sendError with a URL that is too long for browsers', () => {
  it.each([
    ['itself', "'/api/docs?' + 'x'.repeat(8000), {}"],
    ['with its parameters', "'/api/docs', { why: 'x'.repeat(8000) }"],
  ])('%s shows our own page', async (_what, args) => {
    const person = await begins(`sendError(${args});`);
    const { code, event } = await readRefusal(world, person);
    expect(code).toBe('DENIED_BY_SCRIPT');
    expect(event!.details['detail']).toMatch(/made a URL of more than 8000 characters\.$/);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });
});

describe('The level that was reached', () => {
  const select = `executeStep(1, { onSuccess: function (context) {
    context.selectedAcr = selectAcrFrom(context, ['urn:stepgate:2fa', 'high', 'low']); } });`;

  it.each<[string, string, string | undefined]>([
    ['the one wanted most of those that were asked for', 'low high', 'high'],
    ['the one that was asked for', 'low', 'low'],
    ['none where none fits', 'other', undefined],
    ['none where none was asked for', '', undefined],
  ])('%s', async (_what, acrValues, expected) => {
    const person = await begins(select, acrValues ? { acr_values: acrValues } : {});
    await typesPassword(person, 'ann');
    expect((await askApplication(world, person)).claims['acr']).toBe(expected);
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });

  it('can be cleared again', async () => {
    const person = await begins(`context.selectedAcr = 'high'; executeStep(1, { onSuccess: function (context) {
      Log.info(delete context.selectedAcr, context.selectedAcr); } });`);
    await typesPassword(person, 'ann');
    expect((await askApplication(world, person)).claims).not.toHaveProperty('acr');
  });

  it.each(['urn:stepgate:2fa', 'urn:stepgate:10fa', 'urn:stepgate:mfa', 'URN:Stepgate:2fa', 'urn:stepgate:1fa+'])(
    'above one factor is not granted after one, whatever the script says: %s',
    async (level) => {
      const person = await begins(`context.selectedAcr = '${level}'; executeStep(1);`);
      await typesPassword(person, 'ann');
      expect((await askApplication(world, person)).claims).not.toHaveProperty('acr');
      expect((await world.lastEvent('login.succeeded')).details['acrRefused']).toBe(level);
    },
  );

  it('of one factor is granted after one', async () => {
    const person = await begins(`context.selectedAcr = 'urn:stepgate:1fa'; executeStep(1);`);
    await typesPassword(person, 'ann');
    expect((await askApplication(world, person)).claims).toMatchObject({ acr: 'urn:stepgate:1fa' });
  });

  it('of two factors is not granted for the same kind twice, nor to a provider that said nothing', async () => {
    const twice = await begins(`context.selectedAcr = 'urn:stepgate:2fa'; executeStep(1); executeStep(1);`);
    await typesPassword(twice, 'ann');
    await typesPassword(twice, 'ann');
    expect((await askApplication(world, twice)).claims).toMatchObject({ amr: ['pwd'] });
    expect((await askApplication(world, twice)).claims).not.toHaveProperty('acr');
    const federated = await begins(`context.selectedAcr = 'urn:stepgate:2fa'; executeStep(1);`);
    await comesThroughGoogle(federated);
    expect((await askApplication(world, federated)).claims).not.toHaveProperty('acr');
  });

  it('of two factors is granted after two kinds', async () => {
    const body = `executeStep(1); executeStep(2, { onSuccess: function (context) { context.selectedAcr = 'urn:stepgate:2fa'; } });`;
    const person = await begins(body, { acr_values: 'urn:stepgate:2fa' });
    await typesPassword(person, 'ann');
    await person.chooses('totp');
    await person.submits({ code: await mailedCode(world, 'ann@example.com') });
    await enrolsApp(world, person);
    expect((await askApplication(world, person)).claims).toMatchObject({ acr: 'urn:stepgate:2fa' });
  });

  it('that the application demands and the sign-in does not reach is an error to it', async () => {
    const demand = JSON.stringify({ id_token: { acr: { essential: true, value: 'high' } } });
    const person = await begins(`executeStep(1);`, { claims: demand });
    await typesPassword(person, 'ann');
    const { failure } = await askApplication(world, person);
    expect(failure).toMatchObject({ error: 'unmet_authentication_requirements' });
  });
});
