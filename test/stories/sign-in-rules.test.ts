import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SignInRule } from '../../src/applications/sign-in-rule.ts';
import { newId } from '../../src/kernel/ids.ts';
import { asksForSignIn, beginsSignIn, comesThroughGoogle, readRefusal, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** What holds at the end of every sign-in, whatever the script says. */

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.app.database.unit(({ groups }) =>
    groups.insert({ id: newId('group'), name: 'admins', createdAt: 0, updatedAt: 0, revision: 1 }),
  );
  await world.addUser('ann', { groups: [{ name: 'admins', origin: 'admin' }] });
  await world.addUser('bob');
  // A script that lets everybody in after the first step.
  await world.publish({ script: 'function onLoginRequest() { executeStep(1); }' });
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  await world.happened();
});
afterEach(() => demand([]));

/** The rules as they are from now on. */
async function demand(signInRules: SignInRule[]): Promise<void> {
  await world.app.database.unit(async ({ applications }) => {
    const application = (await applications.findById(world.registered.id))!;
    await applications.update({ ...application, signInRules });
  });
}

describe('a rule of the application', () => {
  it('refuses local people with one factor, and tells the admin which rule it was', async () => {
    await demand([{ kind: 'two-factors', people: 'local' }]);
    const person = await beginsSignIn(world);
    await typesPassword(person, 'bob');
    expect((await readRefusal(world, person)).event?.code).toBe('RULE_NOT_MET');
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
    const { details } = await world.lastEvent('login.failed');
    expect(details).toMatchObject({ detail: 'The rule: local people need two factors.' });
  });

  it('lets people from a connection in, and makes their account', async () => {
    await demand([{ kind: 'two-factors', people: 'local' }]);
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    expect(person.isAt()).toBe('Signed in');
  });

  it('asks members of a group alone for their factor', async () => {
    await demand([{ kind: 'group-factor', group: 'admins', authenticators: ['totp'] }]);
    const bob = await beginsSignIn(world);
    await typesPassword(bob, 'bob');
    expect(bob.isAt()).toBe('Signed in');
    const ann = await beginsSignIn(world);
    await typesPassword(ann, 'ann');
    expect((await readRefusal(world, ann)).event?.code).toBe('RULE_NOT_MET');
  });

  it('goes on asking those whom a provider puts into a group in its own words, whatever it is called here now', async () => {
    const { groupsClaim } = (await world.app.database.read.connections.findByName('Google'))!;
    await world.changeConnection((one) => ({ ...one, groupsClaim: 'family_name' }));
    const { id } = await world.admin.post('/groups', { name: 'Hopper' });
    await world.admin.patch(`/applications/${world.registered.id}`, {
      signInRules: [{ kind: 'group-factor', group: 'Hopper', authenticators: ['totp'] }],
    });
    for (const name of ['Hopper', 'Hoppers']) {
      await world.admin.patch(`/groups/${id}`, { name });
      const person = await beginsSignIn(world);
      await comesThroughGoogle(person);
      expect((await readRefusal(world, person)).event?.code).toBe('RULE_NOT_MET');
    }
    await world.changeConnection((one) => ({ ...one, groupsClaim }));
  });

  it('names the only ways in; whoever came in another way leaves no account behind', async () => {
    await demand([{ kind: 'connections', allowed: ['LOCAL'] }]);
    const before = (await world.users()).length;
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person, 'Alan Turing');
    expect((await readRefusal(world, person)).event?.code).toBe('RULE_NOT_MET');
    expect((await world.users()).length).toBe(before);
  });

  it('holds at once, for sign-ins that have begun as well', async () => {
    const person = await beginsSignIn(world);
    await demand([{ kind: 'connections', allowed: ['Google'] }]);
    await typesPassword(person, 'bob');
    expect((await readRefusal(world, person)).event?.code).toBe('RULE_NOT_MET');
  });

  it.each([
    ['by itself', {}],
    ['without a page', { prompt: 'none' }],
  ])('holds where a session answers %s: what it once took is not enough now', async (_, parameters) => {
    const person = await beginsSignIn(world);
    await typesPassword(person, 'bob');
    await asksForSignIn(world, person);
    expect(person.isAt()).toBe('Signed in');
    await demand([{ kind: 'two-factors', people: 'all' }]);
    await asksForSignIn(world, person, parameters);
    expect(person.isAt()).not.toBe('Signed in');
    expect(await world.lastEvent('login.failed')).toMatchObject({ code: 'RULE_NOT_MET' });
  });

  it('goes along with a connection that is renamed, for sign-ins that have begun as well', async () => {
    const asks = `prompt('genericForm', { inputs: [{ id: 'a', label: 'A' }] }, { onSuccess: function () {} });`;
    await world.publish({
      script: `function onLoginRequest() { executeStep(1, { onSuccess: function () { ${asks} } }); }`,
    });
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    await world.changeConnection((connection) => ({ ...connection, name: 'Gaggle' }));
    await demand([{ kind: 'connections', allowed: ['Gaggle'] }]);
    await person.submits({ a: 'b' });
    expect(person.isAt()).toBe('Signed in');
    await world.changeConnection((connection) => ({ ...connection, name: 'Google' }));
    await world.publish({ script: 'function onLoginRequest() { executeStep(1); }' });
  });

  it('of a kind that nobody knows is fulfilled by nobody', async () => {
    await demand([{ kind: 'full-moon' } as unknown as SignInRule]);
    const person = await beginsSignIn(world);
    await typesPassword(person, 'bob');
    expect(person.isAt()).not.toBe('Signed in');
  });
});
