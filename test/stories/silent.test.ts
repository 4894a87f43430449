import { describe, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import { hour, minute } from '../../src/kernel/clock.ts';
import { askApplication, asksForSignIn, beginsSignIn, comesThroughGoogle, enrolsApp, typesPassword } from './moves.ts';
import type { SecondApplication } from './second-application.ts';
import {
  bothSteps,
  passwordOnly,
  passwordOrGoogle,
  readLastLogin,
  sessionsOf,
  signedIn,
  startTwoApplications,
} from './session-moves.ts';
import type { World } from './world.ts';

/** An application that asks without a page (`prompt=none`): its person is signed in already, or it is told that they are not. */

let world: World;
let wiki: SecondApplication;
startTwoApplications((first, second) => {
  world = first;
  wiki = second;
});

/** What the application was told, and how many requests to the server it took: one. */
async function asksSilently(person: Person, parameters: Record<string, string> = {}) {
  const before = person.hops().length;
  await asksForSignIn(wiki, person, { prompt: 'none', ...parameters });
  const asked = person
    .hops()
    .slice(before)
    .filter(({ url }) => url.startsWith(new URL(world.url).host));
  expect(asked.map(({ status }) => status)).toEqual([303]);
  return askApplication(wiki, person);
}

const countLogins = async () => (await world.app.database.read.logins.list({ after: null, limit: 200 })).length;

describe('Somebody with a session', () => {
  it('is signed in by one redirect; the script has run, and the session knows of it', async () => {
    const { person, user } = await signedIn(world);
    const first = (await askApplication(world, person)).claims;
    world.clock.skip(hour);
    await wiki.publish({
      ...passwordOnly,
      script: `function onLoginRequest(context) {
        executeStep(1, { onSuccess: function (context) {
          context.selectedAcr = 'seen:' + context.steps[1].authenticator;
          context.currentKnownSubject.claims.costCentre = '4711';
        } });
      }`,
    });
    const { claims, userinfo } = await asksSilently(person);
    const told = { sub: user.id, amr: ['pwd'], acr: 'seen:BasicAuthenticator', auth_time: first['auth_time'] };
    expect(claims).toMatchObject(told);
    expect(userinfo).toMatchObject({ sub: user.id, costCentre: '4711' });
    expect(await sessionsOf(world, user)).toMatchObject([{ applications: [world.registered.id, wiki.registered.id] }]);
    expect((await readLastLogin(world)).login).toMatchObject({ status: 'succeeded', userId: user.id });
    expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
  });

  it('stays who they are through many, and can go on with a page in between', async () => {
    const { person, user } = await signedIn(world);
    for (let i = 0; i < 3; i++) expect((await asksSilently(person)).claims).toMatchObject({ sub: user.id });
    await asksForSignIn(world, person);
    expect(person.isAt()).toBe('Signed in');
    expect((await asksSilently(person)).claims).toMatchObject({ sub: user.id });
    expect(await sessionsOf(world, user)).toHaveLength(1);
    expect(await world.happened()).toEqual({ 'login.succeeded': 5 });
  });

  it('from a connection, without an account, with all that the provider said; nobody asks there', async () => {
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled: false } }));
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    const asked = { ...world.identityProvider.requests() };
    expect((await asksSilently(person)).claims).toMatchObject({
      email: 'grace.hopper@example.com',
      given_name: 'Grace',
    });
    expect(world.identityProvider.requests()).toEqual(asked);
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled: true } }));
  });

  it('is refused where the script refuses, in its own words and without an event of a fault', async () => {
    const { person } = await signedIn(world);
    await wiki.publish({
      ...passwordOnly,
      script: `function onLoginRequest(context) {
        executeStep(1, { onSuccess: function () { fail({ errorCode: 'wiki_closed', errorMessage: 'Come back tomorrow.' }); } });
      }`,
    });
    expect((await asksSilently(person)).failure).toEqual(
      expect.objectContaining({ error: 'wiki_closed', error_description: 'Come back tomorrow.' }),
    );
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });
});

describe('The answer is login_required', () => {
  const refused = { error: 'login_required' };

  it('without a session, and no login is begun for it', async () => {
    const before = await countLogins();
    expect((await asksSilently(world.somebody())).failure).toMatchObject(refused);
    expect(await countLogins()).toBe(before);
    expect(await world.happened()).toEqual({});
  });

  it('after signing out', async () => {
    const { person } = await signedIn(world);
    await person.opens(`${world.application.url}/sign-out`);
    await person.chooses('Sign out');
    const before = await countLogins();
    expect((await asksSilently(person)).failure).toMatchObject(refused);
    expect(await countLogins()).toBe(before);
  });

  it.each([
    ['a second factor is missing', bothSteps, {}],
    [
      'the script wants the person',
      {
        ...passwordOnly,
        script: "function onLoginRequest() { executeStep(1, { stepOptions: { forceAuth: 'true' } }, {}); }",
      },
      {},
    ],
    ['the sign-in is too old', passwordOnly, { max_age: '60' }],
    ['it may be of any age but none', passwordOnly, { max_age: '0' }],
    [
      'another way is wanted',
      { steps: [{ options: [{ idp: 'Google' }] }], script: 'function onLoginRequest() { executeStep(1); }' },
      {},
    ],
  ])('when %s: nothing is begun, and the session stays', async (_why, flow, parameters) => {
    const { person, user } = await signedIn(world);
    const asked = { ...world.identityProvider.requests() };
    world.clock.skip(10 * minute);
    await wiki.publish(flow);
    expect((await asksSilently(person, parameters)).failure).toMatchObject(refused);
    expect((await readLastLogin(world)).login).toMatchObject({ status: 'failed', failureCode: 'INTERACTION_REQUIRED' });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    expect(world.identityProvider.requests()).toEqual(asked);
    expect(await sessionsOf(world, user)).toHaveLength(1);
    await asksForSignIn(world, person);
    expect(person.isAt()).toBe('Signed in');
  });

  it('when a mail would be sent: it is not', async () => {
    const user = await world.addUser('mia', { email: 'mia@example.com' });
    const person = await beginsSignIn(world);
    await typesPassword(person, user.username);
    await wiki.publish({
      ...bothSteps,
      steps: [passwordOrGoogle, { options: [{ authenticator: 'email-otp-authenticator' }] }],
    });
    expect((await asksSilently(person)).failure).toMatchObject(refused);
    expect(world.mails.mails()).toEqual([]);
  });

  it('when the account was locked a moment ago', async () => {
    const { person, user } = await signedIn(world);
    await world.app.database.unit(({ users }) => users.update({ ...user, locked: true }));
    expect((await asksSilently(person)).failure).toMatchObject(refused);
  });
});

it('whoever has stepped up with a page need not do it again', async () => {
  const { person, user } = await signedIn(world);
  await wiki.publish(bothSteps);
  await asksForSignIn(wiki, person);
  await enrolsApp(world, person);
  expect((await asksSilently(person)).claims).toMatchObject({ sub: user.id, amr: ['pwd', 'otp'] });
});

it('consent that is missing is asked for with a page only', async () => {
  const { person } = await signedIn(world);
  const { applications } = world.app.database.read;
  const change = async (consent: 'ask' | 'skip') => {
    const current = (await applications.findById(wiki.registered.id))!;
    await world.app.database.unit((stores) => stores.applications.update({ ...current, consent }));
  };
  await change('ask');
  expect((await asksSilently(person)).failure).toMatchObject({ error: 'consent_required' });
  await asksForSignIn(wiki, person);
  expect(person.isAt()).toContain('asks for your permission');
  await person.chooses('Allow');
  expect(person.isAt()).toBe('Signed in');
  expect((await asksSilently(person)).signedIn).toBe(true);
  await change('skip');
});
