import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askApplication, beginsSignIn } from './moves.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.changeConnection((one) => ({ ...one, responseMode: 'form_post' }));
});
afterAll(() => world?.close());

/** At the provider's page that posts the answer from its own site, as Apple's does. */
async function standsAtThePost() {
  const person = await beginsSignIn(world);
  await person.chooses('Google');
  await person.chooses('Grace Hopper');
  expect(person.page().forms[0]).toMatchObject({ method: 'post', action: `${world.url}/login/callback` });
  return person;
}

describe('An answer that the browser posts from the provider’s site', () => {
  it('is kept, and read where the login’s cookie comes along', async () => {
    const person = await standsAtThePost();
    await person.submits({});
    expect(person.isAt()).toBe('Signed in');
    expect((await askApplication(world, person)).claims).toMatchObject({ given_name: 'Grace' });
    // The code came in a form, and never stood in an address of ours.
    const ours = person.hops().filter(({ url }) => url.startsWith(new URL(world.url).host));
    expect(ours.filter(({ sent }) => sent.includes('code'))).toMatchObject([{ method: 'POST' }]);
    expect(ours.filter(({ url }) => /[?&]code\b/.test(url))).toEqual([]);
  });

  it('posted a second time finds no state, and changes nothing', async () => {
    const person = await standsAtThePost();
    const page = person.page();
    await person.submits({});
    expect(person.isAt()).toBe('Signed in');
    await world.happened();
    person.returnsTo(page);
    await person.submits({});
    expect(await world.happened()).toEqual({ 'login.request-refused': 1 });
    expect(await world.lastEvent('login.request-refused')).toMatchObject({ code: 'STATE_INVALID' });
  });

  it('posted into another browser lets nobody in, and the right one still comes in', async () => {
    const person = await standsAtThePost();
    const other = world.somebody();
    other.returnsTo(person.page());
    await other.submits({});
    expect(await world.lastEvent('login.request-refused')).toMatchObject({ code: 'WRONG_BROWSER' });
    expect((await askApplication(world, other)).signedIn).toBe(false);
    await person.submits({});
    expect(person.isAt()).toBe('Signed in');
  });
});
