import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { graceHopper } from '../../src/cli/demo/people.ts';
import type { JitSettings, LinkingSettings } from '../../src/connections/connection.ts';
import { defaultJit } from '../../src/connections/default-jit.ts';
import { addApp, arrives, findLinkedAccount, setLinking } from './linking-moves.ts';
import { askApplication, beginsSignIn, readRefusal, takeAnswer } from './moves.ts';
import { makeConnection } from './seed.ts';
import { password, startWorld, type World } from './world.ts';

/* The same new person, several times at the same moment, through the whole server: one account, whoever is first. */

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world?.close();
});

const plain = 'function onLoginRequest() { executeStep(1); }';

describe('A provider’s answer that is brought a hundred times at once', () => {
  it('makes one account and one sign-in, and is exchanged once', async () => {
    const person = await beginsSignIn(world);
    await person.chooses('Google');
    const answer = await takeAnswer(world, person);
    const asked = world.identityProvider.requests()['token'] ?? 0;
    const tabs = Array.from({ length: 100 }, () => person.opensTab());
    await Promise.all(tabs.map((tab) => tab.opens(answer)));

    expect(tabs.filter((tab) => tab.page().status >= 500)).toEqual([]);
    expect(world.identityProvider.requests()['token']).toBe(asked + 1);
    expect(await world.users()).toMatchObject([{ username: graceHopper.email }]);
    const [user] = await world.users();
    expect(await world.app.database.read.users.listAssociations(user!.id)).toHaveLength(1);
    expect((await askApplication(world, person)).claims).toMatchObject({ sub: user!.subject });
    const { 'login.request-refused': _late, 'oidc.error': _again, ...rest } = await world.happened();
    expect(rest).toEqual({ 'user.created': 1, 'association.created': 1, 'login.succeeded': 1 });
  });
});

describe('Twenty sign-ins of one new person, in browsers of their own, that come back at once', () => {
  it('end well, with one account', async () => {
    await world.publish({ script: plain });
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const person = await beginsSignIn(world);
        await person.chooses('Google');
        return { person, answer: await takeAnswer(world, person) };
      }),
    );
    await Promise.all(answers.map(({ person, answer }) => person.opens(answer)));
    expect(answers.map(({ person }) => person.isAt())).toEqual(Array(20).fill('Signed in'));
    expect(await world.users()).toHaveLength(1);
    expect(await world.happened()).toEqual({ 'user.created': 1, 'association.created': 1, 'login.succeeded': 20 });
  });
});

describe('One new person through two connections at once', () => {
  const both = async (jit: Partial<JitSettings>, linking: Partial<LinkingSettings> = {}) => {
    const settings = { ...defaultJit, ...jit, linking: { ...defaultJit.linking, ...linking } };
    const other = makeConnection(world.box, {
      name: 'Other',
      issuer: world.identityProvider.url,
      clientId: 'stepgate',
      clientSecret: 'a secret between the two of them',
      jit: settings,
    });
    await world.app.database.unit(({ connections }) => connections.insert(other));
    await world.changeConnection((one) => ({ ...one, jit: settings }));
    await world.publish({ steps: [{ options: [{ idp: 'Google' }, { idp: 'Other' }] }], script: plain });
    const going = await Promise.all(
      ['Google', 'Other'].map(async (name) => {
        const person = await beginsSignIn(world);
        await person.chooses(name);
        return { person, answer: await takeAnswer(world, person) };
      }),
    );
    await Promise.all(going.map(({ person, answer }) => person.opens(answer)));
    const found = [world.connection, other].map(({ id }) =>
      world.app.database.read.users.findAssociation(id, graceHopper.sub),
    );
    const accounts = (await Promise.all(found)).map((association) => association?.userId ?? null);
    return { people: going.map(({ person }) => person), accounts };
  };

  it('where linking is on: one account with both, by the address that both have verified', async () => {
    const { people, accounts } = await both({}, { enabled: true });
    expect(people.map((person) => person.isAt())).toEqual(['Signed in', 'Signed in']);
    const [user, ...others] = await world.users();
    expect(others).toEqual([]);
    expect(accounts).toEqual([user!.id, user!.id]);
    expect(await world.happened()).toMatchObject({
      'user.created': 1,
      'association.created': 2,
      'login.succeeded': 2,
    });
  });

  it('where it is off: an account for the first; the second is refused, and never signs in as the first', async () => {
    const { people, accounts } = await both({});
    const ends = people.map((person) => person.isAt()).toSorted();
    expect(ends).toEqual(['Signed in', 'You are not signed in']);
    const refused = people.find((person) => person.isAt() !== 'Signed in')!;
    // That a name is taken is told to the admin alone.
    expect(await readRefusal(world, refused)).toMatchObject({ code: 'PROVISIONING_FAILED' });
    expect(await world.lastEvent('provisioning.failed')).toMatchObject({ code: 'USERNAME_TAKEN' });
    expect(accounts.filter((id) => id !== null)).toHaveLength(1);
    expect(await world.users()).toHaveLength(1);
    expect(await world.happened()).toMatchObject({ 'user.created': 1, 'association.created': 1, 'login.failed': 1 });
  });

  it('where names get a suffix: an account each', async () => {
    const { people, accounts } = await both({ onConflict: 'SUFFIX_USERNAME' });
    expect(people.map((person) => person.isAt())).toEqual(['Signed in', 'Signed in']);
    expect(new Set(accounts).size).toBe(2);
    expect(accounts).not.toContain(null);
    expect(await world.users()).toHaveLength(2);
  });
});

describe('The password of an account that is to be linked, sent a hundred times at once', () => {
  it('links it once', async () => {
    await setLinking(world, { proof: 'CONFIRM_WITH_PASSWORD' });
    const account = await world.addUser('grace', { email: graceHopper.email, verified: [] });
    const person = await arrives(world);
    const page = person.page();
    expect(person.isAt()).toBe('Is this your account?');
    const tabs = Array.from({ length: 100 }, () => person.opensTab());
    await Promise.all(
      tabs.map((tab) => {
        tab.returnsTo(page);
        return tab.submits({ password });
      }),
    );
    expect(tabs.filter((tab) => tab.page().status >= 500)).toEqual([]);
    expect(await findLinkedAccount(world)).toBe(account.id);
    expect(await world.app.database.read.users.listAssociations(account.id)).toHaveLength(1);
    expect(await world.users()).toHaveLength(1);
    expect(await world.happened()).toMatchObject({ 'association.created': 1, 'user.updated': 1, 'login.succeeded': 1 });
  });

  it('and the code of its app is taken once', async () => {
    await setLinking(world, { proof: 'CONFIRM_WITH_PASSWORD' });
    const account = await world.addUser('grace', { email: graceHopper.email });
    const app = await addApp(world, account);
    const code = app.nextCode();
    const browsers = await Promise.all([arrives(world), arrives(world)]);
    for (const person of browsers) await person.submits({ password });
    await Promise.all(browsers.map((person) => person.submits({ code })));
    expect(browsers.map((person) => person.isAt()).toSorted()).toEqual(['Is this your account?', 'Signed in']);
    expect(await world.happened()).toEqual({ 'association.created': 1, 'user.updated': 1, 'login.succeeded': 1 });
  });
});
