import { describe, expect, it } from 'vitest';
import { alanTuring } from '../../src/cli/demo/people.ts';
import type { User } from '../../src/directory/user.ts';
import { endSession } from '../../src/sessions/end.ts';
import {
  askApplication,
  asksForSignIn,
  beginsSignIn,
  comesThroughGoogle,
  enrolsApp,
  loginIdOf,
  readRefusal,
  typesPassword,
} from './moves.ts';
import type { SecondApplication } from './second-application.ts';
import { bothSteps, pagesSeen, sessionsOf, signedIn, startTwoApplications } from './session-moves.ts';
import type { World } from './world.ts';

/** How sessions end, and what ends with them. */

let world: World;
let wiki: SecondApplication;
startTwoApplications((first, second) => {
  world = first;
  wiki = second;
});

describe('Two browsers of one person', () => {
  it('have two sessions: what one has shown, the other is asked for, and signing out ends one', async () => {
    const { person: laptop, user } = await signedIn(world);
    const phone = await beginsSignIn(world);
    expect(phone.isAt()).toBe('Sign in');
    await typesPassword(phone, user.username);
    expect(await sessionsOf(world, user)).toHaveLength(2);

    await laptop.opens(`${world.application.url}/sign-out`);
    await laptop.chooses('Sign out');
    expect(laptop.isAt()).toBe('Signed out');
    expect(await sessionsOf(world, user)).toHaveLength(1);
    await asksForSignIn(wiki, laptop);
    expect(laptop.isAt()).toBe('Sign in');
    await asksForSignIn(wiki, phone);
    expect(phone.isAt()).toBe('Signed in');
    expect(await world.happened()).toEqual({ 'login.succeeded': 2, 'session.ended': 1 });
    expect(await world.lastEvent('session.ended')).toMatchObject({
      actor: 'person',
      target: user.id,
      details: { reason: 'signed out' },
    });
  });
});

describe('A session that is ended', () => {
  const end = async (user: User) => {
    const [session] = await sessionsOf(world, user);
    await world.app.database.unit((stores) =>
      endSession(stores, session!, { actor: 'admin', reason: 'terminated', at: world.clock.now() }),
    );
  };

  it('by an admin spares nothing any more', async () => {
    const { person, user } = await signedIn(world);
    await end(user);
    expect(await world.happened()).toEqual({ 'session.ended': 1 });
    await asksForSignIn(wiki, person);
    expect(person.isAt()).toBe('Sign in');
    await typesPassword(person, user.username);
    expect(await sessionsOf(world, user)).toHaveLength(1);
  });

  it.each(['answered', 'looked at'])(
    'between two requests ends the sign-in that relied on it, when it is %s',
    async (how) => {
      const { person, user } = await signedIn(world);
      await wiki.publish(bothSteps);
      await asksForSignIn(wiki, person);
      const id = loginIdOf(person);
      await end(user);
      if (how === 'answered') await enrolsApp(world, person);
      else await person.opens(person.page().url);
      expect(person.isAt()).toBe('You are not signed in');
      expect(await readRefusal(world, person)).toMatchObject({
        status: 403,
        code: 'SESSION_ENDED',
        event: { type: 'login.failed', loginId: id },
      });
      expect(await world.app.database.read.users.listFactors(user.id)).toEqual([]);
      await person.follows('Back to Wiki');
      expect((await askApplication(wiki, person)).failure).toMatchObject({ error: 'access_denied' });
      expect(await sessionsOf(world, user)).toEqual([]);
      expect(await world.happened()).toEqual({ 'session.ended': 1, 'login.failed': 1 });
    },
  );

  it('does not end a sign-in that asked for everything itself', async () => {
    const { person, user } = await signedIn(world);
    await wiki.publish(bothSteps);
    await asksForSignIn(wiki, person, { prompt: 'login' });
    await typesPassword(person, user.username);
    await end(user);
    await enrolsApp(world, person);
    expect(person.isAt()).toBe('Signed in');
    expect(await sessionsOf(world, user)).toHaveLength(1);
  });

  it('with the account: locked between two requests, nobody comes in', async () => {
    const { person, user } = await signedIn(world);
    await world.app.database.unit(({ users }) => users.update({ ...user, locked: true }));
    await asksForSignIn(wiki, person);
    expect(person.isAt()).toBe('Sign in');
    expect((await askApplication(wiki, person)).signedIn).toBe(false);
  });
});

it('a restart of the server ends no session, nor a sign-in that relies on one', async () => {
  const { person, user } = await signedIn(world);
  await wiki.publish(bothSteps);
  await world.restart();
  await asksForSignIn(wiki, person);
  expect(person.isAt()).toBe('Set up an authenticator app');
  await world.restart();
  await enrolsApp(world, person);
  expect((await askApplication(wiki, person)).claims).toMatchObject({ sub: user.id, amr: ['pwd', 'otp'] });
  expect(await sessionsOf(world, user)).toHaveLength(1);
});

describe('Somebody without an account', () => {
  it('is known as long as the session lasts, and nothing of them stays behind', async () => {
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled: false } }));
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person, 'Alan Turing');
    const first = await askApplication(world, person);
    expect(await pagesSeen(person, () => asksForSignIn(wiki, person))).toBe(0);
    const told = await askApplication(wiki, person);
    expect(told.claims).toMatchObject({ sub: first.claims['sub'], email: alanTuring.email });
    expect(told.userinfo).toMatchObject({ given_name: 'Alan' });
    const subject = String(told.claims['sub']);
    expect(await sessionsOf(world, { subject })).toMatchObject([
      { userId: null, applications: [world.registered.id, wiki.registered.id] },
    ]);
    expect(JSON.stringify(await sessionsOf(world, { subject }))).not.toContain('turing');

    await person.opens(`${world.application.url}/sign-out`);
    await person.chooses('Sign out');
    expect(await sessionsOf(world, { subject })).toEqual([]);
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled: true } }));
  });
});
