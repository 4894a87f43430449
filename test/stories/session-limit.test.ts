import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import type { User } from '../../src/directory/user.ts';
import { hour } from '../../src/kernel/clock.ts';
import {
  askApplication,
  asksForSignIn,
  beginsSignIn,
  comesThroughGoogle,
  readScriptLog,
  typesPassword,
} from './moves.ts';
import { passwordOnly, passwordOrGoogle, readLastLogin, sessionsOf, signedIn } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** How many browsers somebody may be signed in with at once. */

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.publish(passwordOnly);
  await world.happened();
});

const limited = (max: string | number, more = '') => ({
  steps: [passwordOrGoogle, { options: [{ authenticator: 'SessionExecutor' }] }],
  script: `function onLoginRequest() {
    executeStep(1, { onSuccess: function () {
      executeStep(2, { authenticatorParams: { local: { SessionExecutor: { MaxSessionCount: ${JSON.stringify(max)} } } } }, {${more}});
    } });
  }`,
});

const comes = async ({ username }: User): Promise<Person> => {
  const person = await beginsSignIn(world);
  await typesPassword(person, username);
  return person;
};

it('below the limit nobody notices it', async () => {
  const { user } = await signedIn(world);
  await world.publish(limited('2'));
  const person = await comes(user);
  expect((await askApplication(world, person)).claims).toMatchObject({ sub: user.id, amr: ['pwd'] });
  expect((await readLastLogin(world)).steps).toMatchObject([
    { authenticator: 'BasicAuthenticator', proves: true },
    { authenticator: 'SessionExecutor', proves: false, amr: [], user: user.id },
  ]);
  expect(await sessionsOf(world, user)).toHaveLength(2);
});

it('at the limit the person sees where else they are signed in, and makes room', async () => {
  const { person: laptop, user } = await signedIn(world);
  world.clock.skip(2 * hour);
  const phone = await comes(user);
  await world.publish(limited(2));
  const tablet = await comes(user);
  expect(tablet.isAt()).toBe('Sign out somewhere else first');
  expect(tablet.page().text).toMatch(/Unknown browser Used 2 hours ago, from 127\.0\.0\.1/);
  expect(tablet.page().text).toContain(`Signing in as ${user.username}`);

  await tablet.submits({}, { button: { name: '', value: '' } });
  expect(tablet.page().status).toBe(422);
  expect(tablet.page().alerts.join()).toContain('Choose at least 1');
  expect(await sessionsOf(world, user)).toHaveLength(2);
  await world.restart();

  const [newest, oldest] = await sessionsOf(world, user);
  await tablet.submits({ [`end.${oldest!.id}`]: 'yes' });
  expect(tablet.isAt()).toBe('Signed in');
  expect((await sessionsOf(world, user)).map(({ id }) => id)).toEqual([expect.any(String), newest!.id]);
  expect(await world.happened()).toEqual({ 'login.succeeded': 2, 'session.ended': 1 });
  expect(await world.lastEvent('session.ended')).toMatchObject({
    actor: 'person',
    target: user.id,
    details: { session: oldest!.id, reason: 'sessions limit' },
  });

  await world.publish(passwordOnly);
  await asksForSignIn(world, laptop);
  expect(laptop.isAt()).toBe('Sign in');
  await asksForSignIn(world, phone);
  expect(phone.isAt()).toBe('Signed in');
});

it('all others at once', async () => {
  const { user } = await signedIn(world);
  for (let i = 0; i < 3; i++) await comes(user);
  await world.publish(limited('1'));
  const person = await comes(user);
  await person.chooses('Sign out everywhere else and continue');
  expect(person.isAt()).toBe('Signed in');
  expect(await sessionsOf(world, user)).toHaveLength(1);
});

it('a step that may show no page passes below the limit, and fails at it', async () => {
  const { user } = await signedIn(world);
  const silently = (max: number) => ({
    steps: limited(max).steps,
    script: `function onLoginRequest() {
      executeStep(1, { onSuccess: function () {
        executeStep(2, {
          stepOptions: { skipPrompt: true },
          authenticatorParams: { common: { MaxSessionCount: ${max} } }
        }, { onFail: function () { Log.info('no room'); fail({ errorCode: 'no_room' }); } });
      } });
    }`,
  });
  await world.publish(silently(2));
  expect((await comes(user)).isAt()).toBe('Signed in');
  const person = await comes(user);
  expect((await askApplication(world, person)).failure).toMatchObject({ error: 'no_room' });
  expect(await readScriptLog(world, (await readLastLogin(world)).login.id)).toEqual(['info 6: no room']);
  expect(await sessionsOf(world, user)).toHaveLength(2);
  expect(await world.happened()).toEqual({ 'login.succeeded': 1, 'login.failed': 1 });
});

it('cancelling leaves the other sessions, and the script gets to know of it', async () => {
  const { user } = await signedIn(world);
  await world.publish(
    limited('1', "onUserAbort: function () { Log.info('kept'); fail({ errorCode: 'too_many_sessions' }); }"),
  );
  const person = await comes(user);
  await person.chooses('cancel');
  expect((await askApplication(world, person)).failure).toMatchObject({ error: 'too_many_sessions' });
  expect(await readScriptLog(world, (await readLastLogin(world)).login.id)).toEqual(['info 3: kept']);
  expect(await sessionsOf(world, user)).toHaveLength(1);
  expect(await world.happened()).toEqual({ 'login.failed': 1 });
});

it('the browser that has a session already counts once', async () => {
  const { person, user } = await signedIn(world);
  await world.publish(limited('1'));
  await asksForSignIn(world, person);
  expect(person.isAt()).toBe('Signed in');
  await asksForSignIn(world, person, { prompt: 'none' });
  expect(person.isAt()).toBe('Signed in');
  expect(await sessionsOf(world, user)).toHaveLength(1);
});

it('without a page the limit is an answer of its own', async () => {
  const { person, user } = await signedIn(world);
  await comes(user);
  await world.publish(limited('1'));
  await asksForSignIn(world, person, { prompt: 'none' });
  expect((await askApplication(world, person)).failure).toMatchObject({ error: 'interaction_required' });
  expect(await sessionsOf(world, user)).toHaveLength(2);
});

it('somebody without an account has a limit, too', async () => {
  await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled: false } }));
  await world.publish(limited('1'));
  const first = await beginsSignIn(world);
  await comesThroughGoogle(first);
  expect(first.isAt()).toBe('Signed in');
  const second = await beginsSignIn(world);
  await comesThroughGoogle(second);
  expect(second.isAt()).toBe('Sign out somewhere else first');
  await second.chooses('Sign out everywhere else and continue');
  expect(second.isAt()).toBe('Signed in');
  expect(await sessionsOf(world, { subject: (await askApplication(world, second)).claims['sub'] })).toHaveLength(1);
});

it('it lets nobody in by itself', async () => {
  await world.publish({
    steps: [{ options: [{ authenticator: 'SessionExecutor' }] }],
    script: 'function onLoginRequest() { executeStep(1); }',
  });
  const person = await beginsSignIn(world);
  expect(person.page().status).toBe(403);
  expect((await askApplication(world, person)).signedIn).toBe(false);
});
