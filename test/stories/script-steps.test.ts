import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import type { User } from '../../src/directory/user.ts';
import { hour } from '../../src/kernel/clock.ts';
import {
  askApplication,
  beginsSignIn,
  listSteps,
  loginIdOf,
  mailedCode,
  readRefusal,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { password, startWorld, type World } from './world.ts';

/** What a script may say about steps: their order, their options, their parameters. */

let world: World;
let ben: User;

beforeAll(async () => {
  world = await startWorld();
  await world.addUser('ann', { email: 'ann@example.com' });
  ben = await world.addUser('ben');
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.happened();
});

const passwordStep = { options: [{ authenticator: 'BasicAuthenticator' }] };

/** Answers every password page as Ann until the sign-in is over; the first with the wrong password if wanted. */
async function plays(script: string, { firstWrong = false } = {}): Promise<{ person: Person; steps: number[] }> {
  await world.publish({ steps: [passwordStep, passwordStep, passwordStep], script });
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  if (firstWrong) await typesPassword(person, 'ann', 'wrong');
  for (let pages = 0; person.isAt() === 'Sign in'; pages++) {
    if (pages > 10) throw new Error('It asks and asks.');
    const knows = person
      .page()
      .forms.some(({ fields }) => fields.some(({ type, name }) => name === 'username' && type === 'text'));
    await person.submits(knows ? { username: 'ann', password } : { password });
  }
  return { person, steps: await listSteps(world, id) };
}

const whole = (body: string) => `var onLoginRequest = function (context) {\n${body}\n};`;

describe('Steps run', () => {
  it.each<[string, string, number[]]>([
    ['in the order of their calls', 'executeStep(1); executeStep(2);', [1, 2]],
    ['given as text', `executeStep('2'); executeStep('1');`, [2, 1]],
    [
      'from a callback before what was already waiting',
      'executeStep(1, { onSuccess: function () { executeStep(3); } }); executeStep(2);',
      [1, 3, 2],
    ],
    [
      'all that a callback schedules, with what their callbacks schedule between them',
      `executeStep(1, { onSuccess: function () {
         executeStep(2, { onSuccess: function () { executeStep(1); } });
         executeStep(3);
       } });`,
      [1, 2, 1, 3],
    ],
    ['again when they are called again', 'executeStep(1); executeStep(1); executeStep(1);', [1, 1, 1]],
    [
      'in a recursion that the script ends',
      `var left = 3;
       function again() { if (left-- > 0) { executeStep(2, { onSuccess: again }); } }
       executeStep(1, { onSuccess: again });`,
      [1, 2, 2, 2],
    ],
    [
      'with the callbacks as third argument, and with options alone',
      `executeStep(1, {}, { onSuccess: function () { executeStep(2, { stepOptions: { forceAuth: 'true' } }); } });`,
      [1, 2],
    ],
    ['not at all after a verdict', 'executeStep(1, { onSuccess: function () { fail(); executeStep(2); } });', [1]],
  ])('%s', async (_what, body, expected) => {
    const { person, steps } = await plays(whole(body));
    expect(steps).toEqual(expected);
    const denied = body.includes('fail()');
    expect(person.isAt()).toBe(denied ? 'Sign-in was refused' : 'Signed in');
    expect(await world.happened()).toEqual({ [denied ? 'login.failed' : 'login.succeeded']: 1 });
  });

  it('and a failed one runs its onFail at once, or shows itself again when there is none', async () => {
    const withoutHandler = await plays(whole('executeStep(1); executeStep(2);'), { firstWrong: true });
    expect(withoutHandler.steps).toEqual([1, 2]);
    expect(withoutHandler.person.isAt()).toBe('Signed in');

    const withHandler = await plays(
      whole('executeStep(1, { onFail: function () { executeStep(3); } }); executeStep(2);'),
      {
        firstWrong: true,
      },
    );
    expect(withHandler.steps).toEqual([1, 3, 2]);
    expect(withHandler.person.isAt()).toBe('Signed in');
  });
});

describe('An authenticator that this version does not have', () => {
  const known = [
    'FIDOAuthenticator',
    'fido',
    'sms-otp-authenticator',
    'SMSOTP',
    'MagicLinkAuthenticator',
    'magiclink',
    'backup-code-authenticator',
    'push-notification-authenticator',
  ];

  it.each(known)('%s fails its step, and onFail goes another way', async (authenticator) => {
    await world.publish({
      steps: [passwordStep, { options: [{ authenticator }] }, passwordStep],
      script: whole(`executeStep(1, { onSuccess: function () {
        executeStep(2, {
          onSuccess: function () { Log.info('passed'); },
          onFail: function (context) { Log.info('failed', context.steps[2].subject === null); executeStep(3); }
        });
      } });`),
    });
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Sign in');
    expect(await readScriptLog(world, id)).toEqual(['info 5: failed true']);
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    expect(await listSteps(world, id)).toEqual([1, 2, 3]);
  });

  it.each(known)('%s without an onFail ends the sign-in with a code of its own', async (authenticator) => {
    await world.publish({
      steps: [passwordStep, { options: [{ authenticator }] }],
      script: whole('executeStep(1); executeStep(2);'),
    });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ann');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'AUTHENTICATOR_NOT_AVAILABLE' });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });
});

describe('An authenticator by its other name', () => {
  it.each([
    ['EmailOTP', 'email-otp-authenticator'],
    ['basic', 'BasicAuthenticator'],
  ])('%s is shown, chosen and told as %s', async (alias, name) => {
    const step = { options: [{ authenticator: 'email-otp-authenticator' }, { authenticator: 'BasicAuthenticator' }] };
    await world.publish({
      steps: [passwordStep, step],
      script: whole(`executeStep(1, { onSuccess: function () {
        executeStep(2, { authenticationOptions: [{ authenticator: '${alias}' }] }, {
          onSuccess: function (context) { Log.info(context.steps[2].authenticator); }
        });
      } });`),
    });
    const after = world.mails.mails().length;
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'ann');
    await person.submits(
      alias === 'basic' ? { password } : { code: await mailedCode(world, 'ann@example.com', after) },
    );
    expect(person.isAt()).toBe('Signed in');
    expect(await readScriptLog(world, id)).toEqual([`info 4: ${name}`]);
  });
});

describe('authenticationOptions show only', () => {
  const steps = [
    {
      options: [
        { authenticator: 'BasicAuthenticator' },
        { idp: 'Google' },
        { authenticator: 'totp' },
        { authenticator: 'email-otp-authenticator' },
      ],
    },
  ];

  async function shownFor(filter: string): Promise<Person> {
    await world.publish({ steps, script: whole(`executeStep(1, { authenticationOptions: ${filter} }, {});`) });
    return beginsSignIn(world);
  }
  const listShown = (person: Person) => [
    ...(person.page().forms.some(({ fields }) => fields.some(({ name }) => name === 'password')) ? ['password'] : []),
    ...person
      .page()
      .forms.flatMap(({ buttons }) => buttons.filter(({ name }) => name === 'option').map(({ value }) => value)),
  ];

  it.each<[string, string, string[]]>([
    ['a connection, by idp alone', `[{ idp: 'Google' }]`, ['at Google']],
    ['a local authenticator, by its name alone', `[{ authenticator: 'BasicAuthenticator' }]`, ['password']],
    ['a local authenticator, by its old display name', `[{ authenticator: 'basic' }]`, ['password']],
    ['one of both kinds', `[{ authenticator: 'basic' }, { idp: 'Google' }]`, ['password', 'Google']],
    [
      'a connection with its own authenticator',
      `[{ idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' }, { idp: 'LOCAL', authenticator: 'BasicAuthenticator' }]`,
      ['password', 'Google'],
    ],
    [
      'those of an object with indexes',
      `{ 0: { authenticator: 'basic' }, 1: { idp: 'Google' } }`,
      ['password', 'Google'],
    ],
    ['every local one by idp LOCAL', `[{ idp: 'LOCAL' }]`, ['BasicAuthenticator', 'totp', 'email-otp-authenticator']],
    [
      'what is left of a list from the step itself',
      `context.steps[1].options.filter(function (option) { return option.idp != 'LOCAL' || option.authenticator == 'BasicAuthenticator'; })`,
      ['password', 'Google'],
    ],
    [
      'all, where the list is undefined',
      'undefined',
      ['BasicAuthenticator', 'Google', 'totp', 'email-otp-authenticator'],
    ],
  ])('%s', async (_what, filter, expected) => {
    const person = await shownFor(filter);
    if (expected[0] === 'at Google') expect(person.isAt()).toBe('Choose an account');
    else expect(listShown(person)).toEqual(expected);
    expect(await world.happened()).toEqual({});
  });

  it.each([
    ['a connection that the step does not offer', `[{ idp: 'Facebook' }]`],
    ['a connection’s authenticator without the connection', `[{ authenticator: 'GoogleOIDCAuthenticator' }]`],
    ['an authenticator of another connection', `[{ idp: 'Google', authenticator: 'BasicAuthenticator' }]`],
    ['nothing', '[]'],
    ['something that is no option', `['basic']`],
  ])('nothing when they name %s: the sign-in fails and does not show everything', async (_what, filter) => {
    const person = await shownFor(filter);
    expect(person.isAt()).toBe('You are not signed in');
    const { code, event } = await readRefusal(world, person);
    expect(code).toBe('SCRIPT_ERROR');
    expect(event!.details['detail']).toMatch(/authenticationOptions matches none .*\(line 2, column 1\)$/);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('what was filtered out cannot be chosen by a form of the person’s own', async () => {
    const person = await shownFor(`[{ authenticator: 'basic' }, { authenticator: 'totp' }]`);
    const page = person.page();
    const form = page.forms[0]!;
    person.returnsTo({
      ...page,
      forms: [{ ...form, buttons: [{ name: 'option', value: 'Google', text: 'x', action: null }] }],
    });
    await person.chooses('Google');
    expect(person.page().url).toContain(world.url);
    expect(listShown(person)).toEqual(['BasicAuthenticator', 'totp']);
    expect(world.identityProvider.requests()['token']).toBeUndefined();
    expect(await world.happened()).toEqual({});
  });
});

describe('authenticatorParams', () => {
  const otherFactor = { options: [{ authenticator: 'totp' }] };
  const steps = [passwordStep, otherFactor, { options: [{ idp: 'Google' }] }];

  it('enrolUserInAuthenticationFlow false: who has no app yet is not let through, and gets none', async () => {
    await world.publish({
      steps,
      script: whole(
        `executeStep(1); executeStep(2, { authenticatorParams: { local: { totp: { enrolUserInAuthenticationFlow: 'false' } } } }, {});`,
      ),
    });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ben');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'ENROLMENT_OFF', event: { type: 'login.failed' } });
    expect(person.page().codes).toHaveLength(2);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('and its onFail decides', async () => {
    await world.publish({
      steps,
      script: whole(
        `executeStep(1); executeStep(2, { authenticatorParams: { common: { enrolUserInAuthenticationFlow: false } } }, {
           onFail: function () { executeStep(1, { onSuccess: function () {} }); } });`,
      ),
    });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ben');
    expect(person.isAt()).toBe('Sign in');
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });

  it('a user name set for all, or for the password alone, is asked for no more', async () => {
    for (const params of [
      `common: { username: 'ben' }`,
      `local: { basic: { username: 'ben' }, totp: { username: 'x' } }`,
    ]) {
      await world.publish({ steps, script: whole(`executeStep(1, { authenticatorParams: { ${params} } }, {});`) });
      const person = await beginsSignIn(world);
      expect(person.page().text).toContain('ben');
      // Even a form of the person's own makes them nobody else.
      await person.submits({ username: 'ann', password });
      expect((await askApplication(world, person)).claims['sub']).toBe(ben.id);
    }
    expect(await world.happened()).toEqual({ 'login.succeeded': 2 });
  });

  it.each([
    ['are those of before where it sets none', "common: { username: 'ben' }", ''],
    ['of an authenticator too', "local: { basic: { username: 'ben' } }", ''],
    ['are its own where it sets the same for all', "common: { username: 'ann' }", "common: { username: 'ben' }"],
    [
      'are its own where it sets the same for the authenticator',
      "local: { basic: { username: 'ann' } }",
      "local: { BasicAuthenticator: { username: 'ben' } }",
    ],
    [
      'are those of before beside others that it sets',
      "local: { basic: { username: 'ben' } }",
      "local: { basic: { inputType: 'identifierFirst' } }",
    ],
    [
      'of the authenticator come before those of all, also of before',
      "local: { basic: { username: 'ben' } }",
      "common: { username: 'ann' }",
    ],
    [
      'of other authenticators and connections are not its',
      "common: { username: 'ben' }",
      "local: { totp: { username: 'ann' } }, federated: { Google: { username: 'ann' }, basic: { username: 'ann' } }",
    ],
  ])('of a later step %s', async (_what, before, then) => {
    await world.publish({
      steps,
      script: whole(`executeStep(1, { authenticatorParams: { ${before} } }, {
        onUserAbort: function () { executeStep(1, { authenticatorParams: { ${then} } }, {}); } });`),
    });
    const person = await beginsSignIn(world);
    await person.chooses('cancel');
    expect(person.isAt()).toBe('Sign in');
    await person.submits({ password });
    expect((await askApplication(world, person)).claims['sub']).toBe(ben.id);
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });

  it('stay set for later steps of the sign-in', async () => {
    await world.publish({
      steps,
      script: whole(
        `executeStep(1, { authenticatorParams: { local: { totp: { enrolUserInAuthenticationFlow: 'false' } } } }, {
           onSuccess: function () { executeStep(2); } });`,
      ),
    });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ben');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'ENROLMENT_OFF' });
  });

  it.each([
    ['Google', true],
    ['google', false],
    ['Other', false],
  ])('of the connection %s reach Google: %s', async (idp, reaches) => {
    await world.publish({
      steps: [{ options: [{ idp: 'Google' }] }],
      script: whole(`executeStep(1, { authenticatorParams: {
        local: { Google: { login_hint: 'x' } }, federated: { ${idp}: { login_hint: 'grace@example.com' } } } }, {});`),
    });
    const person = await beginsSignIn(world);
    expect(person.isAt()).toBe('Choose an account');
    const asked = person.hops().filter(({ url }) => /^127\.0\.0\.1:\d+\/authorize\?/.test(url));
    expect(asked.map(({ url }) => url.includes('login_hint'))).toEqual([reaches]);
  });

  const retrying = (value: string) =>
    whole(`executeStep(1, { authenticatorParams: { common: { enableRetryFromAuthenticator: ${value} } } }, {
      onFail: function (context) { Log.info('failed'); sendError(null, {}); } });`);

  it.each(["'true'", 'true'])(
    'enableRetryFromAuthenticator %s: the step is shown again, and onFail runs when the attempts are used up',
    async (value) => {
      await world.publish({ steps, script: retrying(value) });
      const person = await beginsSignIn(world);
      const id = loginIdOf(person);
      for (let i = 0; i < 4; i++) {
        await typesPassword(person, 'ben', 'wrong');
        expect(person.page().status).toBe(422);
        expect(await listSteps(world, id)).toEqual([]);
      }
      await typesPassword(person, 'ben', 'wrong');
      expect(await readRefusal(world, person)).toMatchObject({ code: 'DENIED_BY_SCRIPT' });
      expect(await listSteps(world, id)).toEqual([1]);
      expect(await readScriptLog(world, id)).toEqual(['info 3: failed']);
      expect(await world.happened()).toEqual({ 'login.failed': 1 });

      const another = await beginsSignIn(world);
      await typesPassword(another, 'ben', 'wrong');
      await typesPassword(another, 'ben');
      expect(another.isAt()).toBe('Signed in');
      world.clock.skip(hour);
    },
  );

  it.each(["'false'", 'false'])('enableRetryFromAuthenticator %s: onFail runs at once', async (value) => {
    await world.publish({ steps, script: retrying(value) });
    const person = await beginsSignIn(world);
    const id = loginIdOf(person);
    await typesPassword(person, 'ann', 'wrong');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'DENIED_BY_SCRIPT' });
    expect(await listSteps(world, id)).toEqual([1]);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });

  it('a person from a connection in a later step, who is not the one of the first, is refused', async () => {
    await world.publish({ steps, script: whole('executeStep(1); executeStep(3);') });
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ben');
    expect(person.isAt()).toBe('Choose an account');
    await person.chooses('Grace Hopper');
    expect(await readRefusal(world, person)).toMatchObject({ code: 'WRONG_SUBJECT' });
    expect((await world.users()).map(({ username }) => username).sort()).toEqual(['ann', 'ben']);
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });
});
