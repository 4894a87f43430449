import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { beginsSignIn, comesThroughGoogle, readRefusal } from './moves.ts';
import { missionSteps, startWorld, type World } from './world.ts';

/** A connection without linked people is led to another provider: those who came before are nobody's there. */

let world: World;
let google: string;
beforeAll(async () => {
  world = await startWorld({ jit: { enabled: false } });
  google = world.identityProvider.url;
});
afterAll(() => world?.close());
beforeEach(async () => {
  await leadTo(google);
  await world.happened();
});

const leadTo = (issuer: string) => world.changeConnection((now) => ({ ...now, issuer }));
const elsewhere = 'https://other.example.com';

it('a session of before spares nobody a sign-in, and does again when the connection is back', async () => {
  await world.publish({ steps: [missionSteps[0]!], scriptEnabled: false });
  const person = await beginsSignIn(world);
  await comesThroughGoogle(person);
  expect(person.isAt()).toBe('Signed in');
  await leadTo(elsewhere);
  await person.opens(`${world.application.url}/sign-in`);
  expect(person.isAt()).toBe('Sign in');
  await leadTo(google);
  await person.opens(`${world.application.url}/sign-in`);
  expect(person.isAt()).toBe('Signed in');
  expect(await world.users()).toEqual([]);
});

it('a sign-in on its way ends with the reason, and makes no account though provisioning is on by then', async () => {
  await world.publish({ steps: [missionSteps[0]!, missionSteps[0]!], scriptEnabled: false });
  const person = await beginsSignIn(world);
  await comesThroughGoogle(person);
  expect(person.isAt()).toBe('Sign in');
  await world.changeConnection((now) => ({ ...now, issuer: elsewhere, jit: { ...now.jit, enabled: true } }));
  await person.opens(person.page().url);
  const { code, event } = await readRefusal(world, person);
  expect(code).toBe('CONNECTION_DISABLED');
  expect(JSON.stringify(event)).toContain('leads to another provider');
  expect(await world.users()).toEqual([]);
});
