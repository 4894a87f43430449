import { describe, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import { day, hour, minute } from '../../src/kernel/clock.ts';
import {
  askApplication,
  asksForSignIn,
  beginsSignIn,
  comesThroughGoogle,
  enrolsApp,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import type { SecondApplication } from './second-application.ts';
import {
  bothSteps,
  pagesSeen,
  passwordOnly,
  passwordOrGoogle,
  readLastLogin,
  sessionsOf,
  signedIn,
  startTwoApplications,
} from './session-moves.ts';
import { password, type World } from './world.ts';

/** What one sign-in in a browser spares the next, and what it does not. */

let world: World;
let wiki: SecondApplication;
startTwoApplications((first, second) => {
  world = first;
  wiki = second;
});

let others = 0;
const sessionCookie = async (person: Person) => /sg_session=([^;]+)/.exec(await person.cookiesFor(world.url))?.[1];

describe('A second application', () => {
  it('signs the same person in without a page', async () => {
    const { person, user } = await signedIn(world);
    const first = (await askApplication(world, person)).claims;
    const [opened] = await sessionsOf(world, user);
    world.clock.skip(hour);
    expect(await pagesSeen(person, () => asksForSignIn(wiki, person))).toBe(0);

    expect(person.isAt()).toBe('Signed in');
    const told = (await askApplication(wiki, person)).claims;
    expect(told).toMatchObject({ sub: user.id, amr: ['pwd'], auth_time: first['auth_time'] });
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
    const { login, steps } = await readLastLogin(world);
    expect(login).toMatchObject({ applicationId: wiki.registered.id, userId: user.id, status: 'succeeded' });
    expect(steps).toMatchObject([
      {
        outcome: 'success',
        proves: true,
        idp: 'LOCAL',
        authenticator: 'BasicAuthenticator',
        amr: ['pwd'],
        reused: { session: opened!.id, at: expect.any(Number) },
      },
    ]);
    const [session, ...others] = await sessionsOf(world, user);
    expect(others).toEqual([]);
    expect(session).toMatchObject({
      id: opened!.id,
      loginTime: opened!.loginTime,
      expiresAt: opened!.expiresAt,
      applications: [world.registered.id, wiki.registered.id],
    });
    expect(session!.lastAccessTime).toBeGreaterThanOrEqual(opened!.lastAccessTime + hour);
  });

  it('has its script run: onSuccess sees the identity provider, the authenticator and the person', async () => {
    const { person, user } = await signedIn(world);
    await wiki.publish({
      steps: [passwordOrGoogle, passwordOrGoogle],
      script: `function onLoginRequest(context) {
        Log.info('before', context.currentKnownSubject);
        executeStep(1, { onSuccess: function (context) {
          var step = context.steps[1];
          Log.info(step.idp, step.authenticator, step.subject.username, context.currentKnownSubject === step.subject);
          if (context.currentKnownSubject.username !== '${user.username}') fail();
        } });
      }`,
    });
    expect(await pagesSeen(person, () => asksForSignIn(wiki, person))).toBe(0);
    expect(await readScriptLog(world, (await readLastLogin(world)).login.id)).toEqual([
      'info 2: before null',
      `info 5: LOCAL BasicAuthenticator ${user.username} true`,
    ]);
    await wiki.publish({
      ...passwordOnly,
      script: 'function onLoginRequest() { executeStep(1, { onSuccess: () => fail() }); }',
    });
    await asksForSignIn(wiki, person);
    expect(person.isAt()).toBe('Sign-in was refused');
  });

  it('that wants more asks for that alone; the session is another one then, and knows it', async () => {
    const { person, user } = await signedIn(world);
    const cookies = [await sessionCookie(person)];
    await wiki.publish(bothSteps);
    await asksForSignIn(wiki, person);
    expect(person.isAt()).toBe('Set up an authenticator app');
    expect(person.page().text).toContain(`Signing in as ${user.username}`);
    const before = (await askApplication(world, person)).claims['auth_time'];
    await enrolsApp(world, person);
    const stepped = (await askApplication(wiki, person)).claims;
    expect(stepped).toMatchObject({ sub: user.id, amr: ['pwd', 'otp'] });
    expect(Number(stepped['auth_time'])).toBeGreaterThanOrEqual(Number(before));
    cookies.push(await sessionCookie(person));

    await world.publish(bothSteps);
    expect(await pagesSeen(person, () => asksForSignIn(world, person))).toBe(0);
    expect((await askApplication(world, person)).claims).toMatchObject({ amr: ['pwd', 'otp'] });
    cookies.push(await sessionCookie(person));
    expect(new Set(cookies).size).toBe(3);
    expect(cookies).not.toContain(undefined);
    expect(await sessionsOf(world, user)).toHaveLength(1);
    expect(await world.happened()).toEqual({ 'factor.added': 1, 'login.succeeded': 2 });
  });

  it('knows what the provider said of somebody who came from there, and changes no account by it', async () => {
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    const [account] = (await world.users()).filter(({ username }) => username === graceHopper.email);
    await world.app.database.unit(({ users }) =>
      users.update({
        ...account!,
        attributes: [{ uri: 'http://wso2.org/claims/nickname', value: 'Amazing', origin: 'admin' }],
      }),
    );
    const asked = { ...world.identityProvider.requests() };
    await world.happened();
    await wiki.publish({
      ...passwordOnly,
      script: `function onLoginRequest(context) {
        executeStep(1, { onSuccess: function (context) {
          var user = context.currentKnownSubject;
          Log.info(context.steps[1].idp, user.remoteClaims.given_name, user.localClaims.nickname, context.steps[1].provisioning.result);
        } });
      }`,
    });
    expect(await pagesSeen(person, () => asksForSignIn(wiki, person))).toBe(0);
    expect((await askApplication(wiki, person)).claims).toMatchObject({ sub: account!.subject });
    expect(await readScriptLog(world, (await readLastLogin(world)).login.id)).toEqual([
      'info 4: Google Grace Amazing known',
    ]);
    expect(world.identityProvider.requests()).toEqual(asked);
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
    const [after] = (await world.users()).filter(({ id }) => id === account!.id);
    expect(after!.attributes).toHaveLength(1);
  });
});

describe('A step is shown all the same', () => {
  const asks = async (person: Person, parameters: Record<string, string> = {}) => {
    await asksForSignIn(wiki, person, parameters);
    return person.isAt() === 'Sign in';
  };

  it.each([
    ['the script forces it', "executeStep(1, { stepOptions: { forceAuth: 'true' } }, {})", {}],
    ['the script forces it with a boolean', 'executeStep(1, { stepOptions: { forceAuth: true } }, {})', {}],
    [
      'its option is filtered out',
      "executeStep(1, { authenticationOptions: [{ idp: 'Google' }, { authenticator: 'totp' }] }, {})",
      {},
    ],
    [
      'the script wants another person’s password',
      "executeStep(1, { authenticatorParams: { local: { BasicAuthenticator: { username: 'nobody' } } } }, {})",
      {},
    ],
    ['the application wants a new sign-in', 'executeStep(1)', { prompt: 'login' }],
    ['the application lets the person choose the account', 'executeStep(1)', { prompt: 'select_account' }],
    ['the application demands an age of zero', 'executeStep(1)', { max_age: '0' }],
  ])('when %s', async (_why, call, parameters) => {
    const { person } = await signedIn(world);
    await wiki.publish({
      steps: [{ options: [...passwordOrGoogle.options, { authenticator: 'totp' }] }],
      script: `function onLoginRequest() { ${call}; }`,
    });
    expect(await pagesSeen(person, () => asksForSignIn(wiki, person, parameters))).toBe(1);
    expect(person.isAt()).not.toBe('Signed in');
    expect(await world.happened()).toEqual({});
  });

  it('when it is older than the application allows, and not before', async () => {
    const { person, user } = await signedIn(world);
    world.clock.skip(10 * minute);
    expect(await asks(person, { max_age: '660' })).toBe(false);
    expect(person.isAt()).toBe('Signed in');
    expect(await asks(person, { max_age: '540' })).toBe(true);
    await typesPassword(person, user.username);
    expect(person.isAt()).toBe('Signed in');
    expect((await askApplication(wiki, person)).claims).toMatchObject({ sub: user.id, amr: ['pwd'] });
    // Signing in again has made it young.
    expect(await asks(person, { max_age: '540' })).toBe(false);
    expect(await sessionsOf(world, user)).toHaveLength(1);
  });

  it('when the script runs it a second time', async () => {
    const { person, user } = await signedIn(world);
    await wiki.publish({
      ...passwordOnly,
      script: 'function onLoginRequest() { executeStep(1, { onSuccess: () => executeStep(1) }); }',
    });
    expect(await asks(person)).toBe(true);
    expect(person.page().text).toContain(`Signing in as ${user.username}`);
    await person.submits({ password: 'wrong' });
    await person.submits({ password });
    expect(person.isAt()).toBe('Signed in');
    expect((await readLastLogin(world)).steps.map((step) => 'reused' in step)).toEqual([true, false]);
  });

  it('when it was shown before and failed: the session is no way out', async () => {
    const { person } = await signedIn(world);
    await wiki.publish({
      ...passwordOnly,
      script:
        "function onLoginRequest() { executeStep(1, { stepOptions: { forceAuth: 'true' } }, { onFail: () => executeStep(1) }); }",
    });
    await asksForSignIn(wiki, person);
    await typesPassword(person, 'nobody', 'wrong');
    expect(person.isAt()).toBe('Sign in');
    expect((await askApplication(wiki, person)).signedIn).toBe(false);
    expect(await world.happened()).toEqual({});
  });

  it('when somebody else has passed one before it', async () => {
    const { person } = await signedIn(world);
    const other = await world.addUser(`other-${++others}`);
    await wiki.publish({
      steps: [passwordOrGoogle, passwordOrGoogle],
      script:
        "function onLoginRequest() { executeStep(1, { stepOptions: { forceAuth: 'true' } }, {}); executeStep(2); }",
    });
    await asksForSignIn(wiki, person);
    await typesPassword(person, other.username);
    expect(person.isAt()).toBe('Sign in');
    expect(person.page().text).toContain(`Signing in as ${other.username}`);
    await person.submits({ password });
    expect((await askApplication(wiki, person)).claims).toMatchObject({ sub: other.id });
  });

  it('when its connection was switched off meanwhile', async () => {
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person, 'Alan Turing');
    await world.changeConnection((one) => ({ ...one, enabled: false }));
    expect(await asks(person)).toBe(true);
    await world.changeConnection((one) => ({ ...one, enabled: true }));
    expect(await asks(person)).toBe(false);
    expect(person.isAt()).toBe('Signed in');
  });

  it('when the session is over: fourteen days, however often it was used', async () => {
    const { person, user } = await signedIn(world);
    world.clock.skip(13 * day);
    expect(await asks(person)).toBe(false);
    world.clock.skip(day);
    expect(await asks(person)).toBe(true);
    await typesPassword(person, user.username);
    expect(person.isAt()).toBe('Signed in');
    expect((await sessionsOf(world, user)).map(({ loginTime }) => world.clock.now() - loginTime < minute)).toEqual([
      true,
    ]);
  });

  it('to somebody who is not the one: «Not you?» asks for the password, and the other’s session ends', async () => {
    const { person, user } = await signedIn(world);
    const other = await world.addUser(`other-${++others}`);
    await wiki.publish(bothSteps);
    await asksForSignIn(wiki, person);
    expect(person.page().text).toContain(`Signing in as ${user.username}`);
    await person.chooses('Not you?');
    expect(person.isAt()).toBe('Sign in');
    expect(person.page().text).not.toContain(user.username);
    expect(await sessionsOf(world, user)).toHaveLength(1);
    await typesPassword(person, other.username);
    await enrolsApp(world, person);
    expect((await askApplication(wiki, person)).claims).toMatchObject({ sub: other.id });
    expect([await sessionsOf(world, user), await sessionsOf(world, other)]).toMatchObject([
      [],
      [{ applications: [wiki.registered.id] }],
    ]);
    expect(await world.happened()).toEqual({
      'login.failed': 1,
      'factor.added': 1,
      'login.succeeded': 1,
      'session.ended': 1,
    });
    expect(await world.lastEvent('session.ended')).toMatchObject({
      target: user.id,
      details: { reason: 'another person' },
    });
  });
});
