import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alanTuring, graceHopper } from '../../src/cli/demo/people.ts';
import type { OidcConnection } from '../../src/connections/connection.ts';
import { claims } from '../../src/directory/claims.ts';
import type { User } from '../../src/directory/user.ts';
import { minute } from '../../src/kernel/clock.ts';
import { askApplication, beginsSignIn, loginIdOf, readRefusal } from './moves.ts';
import { makeConnection } from './seed.ts';
import { startWorld, type World } from './world.ts';

/*
 * What a provider may say of somebody and should not, through the whole server. What is refused changes nothing, and tells
 * the person a sentence and the admin a cause; what is taken has one documented meaning.
 */

let world: World;

beforeAll(async () => {
  world = await startWorld({ flow: { steps: [{ options: [{ idp: 'Google' }] }], scriptEnabled: false } });
});
afterAll(async () => {
  await world?.close();
});
beforeEach(async () => {
  world.identityProvider.misbehave({});
  for (const { id } of await world.users()) await world.app.database.unit(({ users }) => users.delete(id));
  await world.changeConnection((one) => ({ ...world.connection, revision: one.revision }));
  await world.happened();
});

const now = () => Math.floor(Date.now() / 1000);
const tenMinutes = (10 * minute) / 1000;

async function comes(name = 'Alan Turing') {
  const person = await beginsSignIn(world);
  await person.chooses(name);
  return person;
}

/** In the id_token and at userinfo. */
function bothSay(told: Record<string, unknown>) {
  return { idToken: told, userinfo: told };
}

describe('Refused, with nothing changed', () => {
  it.each<[string, Parameters<World['identityProvider']['misbehave']>[0], RegExp]>([
    ['1 MB of claims', { userinfo: { extra: 'x'.repeat(1_100_000) } }, /more than 1048576 bytes/],
    ['300 kB of claims', { userinfo: { extra: 'x'.repeat(300_000) } }, /at most 262144 are taken/],
    [
      '10,000 groups',
      bothSay({ groups: Array.from({ length: 10_000 }, (_, n) => `group-${n}`) }),
      /"groups" has 10000 items; at most 2000/,
    ],
    ['no sub', { idToken: { sub: null }, userinfo: { sub: null } }, /sub/],
    ['a sub of 300 characters', bothSay({ sub: 'x'.repeat(300) }), /"sub" has more than 255 characters/],
    ['a sub that is a list', bothSay({ sub: ['google-1912'] }), /sub/],
    ['a sub with a null byte', bothSay({ sub: 'google-1912\0' }), /"sub" has control characters/],
    ['a name with a null byte', bothSay({ given_name: 'A\0lan' }), /"given_name" has a null byte/],
    ['a null byte in a group', bothSay({ groups: ['research\0'] }), /"groups" has a null byte/],
    [
      'a source in place of more groups than fit (Entra)',
      { idToken: { groups: null, _claim_names: { groups: 'src1' } }, userinfo: { groups: null } },
      /left «groups» out/,
    ],
    ['half a character', { userinfo: { nickname: '\ud83d' } }, /"nickname" has half a character/],
    ['an id_token that ended ten minutes ago', { idToken: { exp: now() - tenMinutes } }, /"exp"/],
    ['an id_token that counts from ten minutes on', { idToken: { nbf: now() + tenMinutes } }, /"nbf"/],
  ])('%s', async (_name, how, cause) => {
    const person = await beginsSignIn(world);
    const [login] = await world.app.database.read.logins.list({ after: null, limit: 1 });
    world.identityProvider.misbehave(how);
    await person.chooses('Alan Turing');
    expect(person.isAt()).toBe('You are not signed in');
    const { status, code, text, reference, event } = await readRefusal(world, person);
    expect({ status, code }).toEqual({ status: 502, code: 'IDP_ANSWER_INVALID' });
    expect(text).toContain('could not be trusted, so we did not use it');
    expect(reference).not.toBeNull();
    expect(event).toMatchObject({ type: 'login.failed', code: 'IDP_ANSWER_INVALID', loginId: login!.id });
    expect(event!.details['detail']).toMatch(cause);
    expect(await world.users()).toEqual([]);
    expect(await world.app.database.read.users.findAssociation(world.connection.id, alanTuring.sub)).toBeNull();
    expect(await askApplication(world, person)).toMatchObject({ signedIn: false, failure: null });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  });
});

describe('Taken, with one meaning', () => {
  const textOf = (user: User, uri: string) => user.attributes.find((one) => one.uri === uri)?.value ?? null;

  it.each<[string, Record<string, unknown>, Partial<OidcConnection>, (user: User) => unknown, unknown]>([
    [
      'a list where text belongs is its items, joined with commas',
      { given_name: ['Alan', 'Mathison'] },
      {},
      (user) => textOf(user, claims.givenName),
      'Alan,Mathison',
    ],
    ['an empty list is nothing', { given_name: [] }, {}, (user) => textOf(user, claims.givenName), null],
    [
      'a list of addresses is no address that anybody has verified',
      { email: ['alan@example.com', 'grace@example.com'] },
      {},
      ({ verified, username }) => [verified, username.startsWith('person-')],
      [[], true],
    ],
    [
      'an address keeps its capitals and makes the user name without them',
      { email: 'Alan.TURING@Example.com' },
      {},
      (user) => [textOf(user, claims.email), user.usernameKey, user.verified],
      ['Alan.TURING@Example.com', 'alan.turing@example.com', [claims.email]],
    ],
    [
      'a name of two scripts that look alike is no user name: one is made from the subject',
      { preferred_username: 'аlan', email_verified: false },
      {},
      ({ username }) => username.startsWith('person-'),
      true,
    ],
    [
      'a mapping of a claim that does not come leaves the attribute out',
      {},
      { claimMapping: { badge_number: 'badge' } },
      (user) => textOf(user, 'http://wso2.org/claims/badge'),
      null,
    ],
    [
      'groups that nothing is mapped to do not pass',
      { groups: ['research', 'admin', 'owner'] },
      { groupMapping: { nowhere: 'x' }, roleMapping: { nobody: 'owner' } },
      ({ groups, roles }) => [groups, roles],
      [[], []],
    ],
    [
      'groups in a text instead of a list are one group',
      { groups: 'research' },
      {},
      ({ groups }) => groups.map(({ name }) => name),
      ['research'],
    ],
    ['2,000 groups', { groups: Array.from({ length: 2000 }, (_, n) => `g${n}`) }, {}, ({ groups }) => groups, []],
  ])('%s', async (_name, told, settings, read, expected) => {
    await world.changeConnection((one) => ({ ...one, ...settings }));
    world.identityProvider.misbehave(bothSay(told));
    const person = await comes();
    expect(person.isAt()).toBe('Signed in');
    const [user, ...others] = await world.users();
    expect(others).toEqual([]);
    expect(read(user!)).toEqual(expected);
    expect(await world.happened()).toEqual({ 'user.created': 1, 'association.created': 1, 'login.succeeded': 1 });
  });

  it.each(['iat', 'nbf', 'exp'])('a clock that is half a minute off (%s)', async (claim) => {
    const person = await beginsSignIn(world);
    const at = now() + (claim === 'exp' ? -30 : 30);
    world.identityProvider.misbehave({ idToken: { [claim]: at } });
    await person.chooses('Alan Turing');
    expect(person.isAt()).toBe('Signed in');
  });

  it('two providers with one sub are two people', async () => {
    const other = makeConnection(world.box, {
      name: 'Other',
      issuer: world.identityProvider.url,
      clientId: 'stepgate',
      clientSecret: 'a secret between the two of them',
      jit: { onConflict: 'SUFFIX_USERNAME' },
    });
    await world.app.database.unit(({ connections }) => connections.insert(other));
    await world.publish({ steps: [{ options: [{ idp: 'Google' }, { idp: 'Other' }] }], scriptEnabled: false });
    const subs: unknown[] = [];
    for (const name of ['Google', 'Other', 'Google', 'Other']) {
      const person = await beginsSignIn(world);
      expect(loginIdOf(person)).toMatch(/^login_/);
      await person.chooses(name);
      await person.chooses('Grace Hopper');
      expect(person.isAt()).toBe('Signed in');
      subs.push((await askApplication(world, person)).claims['sub']);
    }
    expect(subs.slice(2)).toEqual(subs.slice(0, 2));
    expect(new Set(subs).size).toBe(2);
    expect((await world.users()).map(({ username }) => username).toSorted()).toEqual([
      graceHopper.email,
      `${graceHopper.email}-2`,
    ]);
  });
});
