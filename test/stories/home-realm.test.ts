import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import { askApplication, beginsSignIn } from './moves.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.publish({
    steps: [
      { options: [{ authenticator: 'identifier-first' }] },
      { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
    ],
    script: 'function onLoginRequest() { executeStep(1); executeStep(2); }',
  });
});
afterAll(() => world?.close());
beforeEach(() =>
  world.changeConnection((one) => ({ ...one, enabled: true, domains: ['example.com'], leadsLinkedPeople: false })),
);

async function says(username: string) {
  const person = await beginsSignIn(world);
  await person.submits({ username });
  return person;
}

describe('Somebody who has said who they are', () => {
  it.each(['grace.hopper@example.com', ' Grace@EXAMPLE.com ', 'nobody-knows@example.com', '"a@b"@example.com'])(
    'as %j is led to the connection of the domain, account or not',
    async (username) => {
      expect((await says(username)).isAt()).toBe('Choose an account');
    },
  );

  it('comes in from there, and the provider is told the name', async () => {
    const person = await says(graceHopper.email);
    expect(person.hops().some(({ url }) => url.includes('login_hint'))).toBe(true);
    await person.chooses('Grace Hopper');
    expect((await askApplication(world, person)).claims).toMatchObject({ email: graceHopper.email });
  });

  it.each([
    'ann',
    'ann@other.example',
    'ann@sub.example.com',
    'ann@example.com.evil.example',
    'example.com',
    '@example.com',
    'ann@',
  ])('as %j chooses as ever', async (username) => {
    expect((await says(username)).canChoose('Google')).toBe(true);
  });

  it('chooses as ever where the connection is disabled, or after they came back without success', async () => {
    const person = await says(graceHopper.email);
    await person.chooses("Don't sign in");
    expect(person.canChoose('Google')).toBe(true);
    await world.changeConnection((one) => ({ ...one, enabled: false }));
    const other = await says(graceHopper.email);
    expect({ at: other.isAt(), alerts: other.page().alerts }).toEqual({ at: 'Sign in', alerts: [] });
  });

  it('is led by the account alone only where the connection wants it, and the account has no other way in', async () => {
    await world.changeConnection((one) => ({ ...one, domains: [] }));
    const [grace] = await world.users();
    expect(grace).toMatchObject({ username: graceHopper.email });
    expect((await says(graceHopper.email)).canChoose('Google')).toBe(true);
    await world.changeConnection((one) => ({ ...one, leadsLinkedPeople: true }));
    expect((await says(graceHopper.email)).isAt()).toBe('Choose an account');
    expect((await says('nobody@example.com')).canChoose('Google')).toBe(true);
    await world.app.database.unit(({ users }) => users.setPasswordHash(grace!.id, 'a hash'));
    expect((await says(graceHopper.email)).canChoose('Google')).toBe(true);
  });
});
