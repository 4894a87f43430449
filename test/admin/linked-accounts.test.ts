import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeConnectionKey } from '../../src/connections/connection-keys.ts';
import { newId, type UserId } from '../../src/kernel/ids.ts';
import { box } from '../provisioning/people.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let connection: string;

beforeEach(async () => {
  world = await createWorld();
  connection = await connect('Google');
  await world.happened();
});
afterEach(() => world.close());

async function connect(name: string): Promise<string> {
  const body = { name, type: 'oidc', preset: 'google', clientId: 'stepgate' };
  return (await world.call('POST', '/connections', body)).body.id;
}

async function addUser(username: string): Promise<string> {
  return (await world.call('POST', '/users', { username })).body.id;
}

const link = (user: string, subject: string, connectionId = connection) =>
  world.call('POST', `/users/${user}/associations`, { connectionId, subject });
const linksOf = async (user: string) => (await world.call('GET', `/users/${user}`)).body.associations;

async function lastEvent(type: string) {
  return (await world.events()).filter((event) => event.type === type).at(-1);
}

describe('an admin', () => {
  test('links an account, unlinks it, and links it again', async () => {
    const ann = await addUser('ann');
    await world.happened();
    const linked = await link(ann, 'g-1');
    expect(linked).toMatchObject({
      status: 201,
      body: { connectionId: connection, connection: 'Google', subject: 'g-1' },
    });
    expect(await linksOf(ann)).toEqual([linked.body]);
    const pair = { connectionId: connection, subject: 'g-1', userId: ann };
    expect(await lastEvent('association.created')).toMatchObject({
      actor: 'admin',
      target: ann,
      details: { before: null, after: pair },
    });

    const path = `/users/${ann}/associations/${linked.body.id}`;
    expect(await world.call('DELETE', path)).toMatchObject({ status: 204 });
    expect(await linksOf(ann)).toEqual([]);
    expect(world.ended).toEqual([{ userId: ann, code: 'ACCESS_DENIED' }]);
    expect(await lastEvent('association.removed')).toMatchObject({
      actor: 'admin',
      target: ann,
      details: { before: pair, after: null },
    });
    expect(await world.call('DELETE', path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });

    expect(await link(ann, 'g-1')).toMatchObject({ status: 201, body: { id: linked.body.id } });
    expect(await world.happened()).toEqual(['association.created', 'association.removed', 'association.created']);
  });

  test('never takes a person away from another account by linking', async () => {
    const [ann, bob] = [await addUser('ann'), await addUser('bob')];
    await link(ann, 'g-1');
    await world.happened();
    const refused = await link(bob, 'g-1');
    expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(refused.body.findings[0].message).toContain(ann);
    expect(await link(ann, 'g-1')).toMatchObject({ status: 409 });
    expect(await linksOf(bob)).toEqual([]);
    expect(await world.happened()).toEqual([]);
  });

  test('unlinks through the account that has the link, and through no other', async () => {
    const [ann, bob] = [await addUser('ann'), await addUser('bob')];
    const { id } = (await link(ann, 'g-1')).body;
    expect(await world.call('DELETE', `/users/${bob}/associations/${id}`)).toMatchObject({ status: 404 });
    expect(await linksOf(ann)).toHaveLength(1);
  });

  test.each<[string, object, number]>([
    ['no such connection', { connectionId: 'conn_none', subject: 'g-1' }, 422],
    ['no subject', { connectionId: 'CONN', subject: '' }, 422],
    ['a subject of 300 characters', { connectionId: 'CONN', subject: 'x'.repeat(300) }, 422],
    ['a subject with a null byte', { connectionId: 'CONN', subject: 'g\0' }, 422],
    ['a list where text belongs', { connectionId: 'CONN', subject: ['g-1'] }, 422],
  ])('%s is refused', async (_name, body, status) => {
    const ann = await addUser('ann');
    await world.happened();
    const whole = JSON.parse(JSON.stringify(body).replace('CONN', connection));
    expect(await world.call('POST', `/users/${ann}/associations`, whole)).toMatchObject({ status });
    expect(await linksOf(ann)).toEqual([]);
    expect(await world.happened()).toEqual([]);
  });
});

describe('a connection that has people', () => {
  let people: string[];
  beforeEach(async () => {
    people = [await addUser('ann'), await addUser('bob')];
    for (const [n, user] of people.entries()) await link(user, `g-${n}`);
    await world.happened();
  });
  const idp = 'https://idp.example.com';
  const remove = (query = '') => world.call('DELETE', `/connections/${connection}${query}`);

  test('keeps its provider: the same subject at another one is somebody else', async () => {
    const change = () => world.call('PATCH', `/connections/${connection}`, { issuer: idp });
    expect(await change()).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', findings: [{ code: 'PEOPLE_LINKED', path: '/issuer' }] },
    });
    expect((await world.call('GET', `/connections/${connection}`)).body.issuer).toBe('https://accounts.google.com');
    expect(await world.happened()).toEqual([]);
    for (const user of people) await world.call('DELETE', `/users/${user}`);
    expect(await change()).toMatchObject({ status: 200, body: { issuer: idp } });
  });

  test.each([
    [
      'oauth2',
      { authorizationEndpoint: `${idp}/a`, tokenEndpoint: `${idp}/t`, userinfoEndpoint: `${idp}/u`, clientId: 'c' },
      ['userinfoEndpoint', 'subjectClaim'],
    ],
    ['saml', { issuer: 'a', ssoUrl: `${idp}/sso` }, ['issuer', 'subjectAttribute']],
  ])('keeps what they are known by (%s)', async (type, given, fields) => {
    const { certificate } = await makeConnectionKey(box, newId('conn'), { state: 'active', now: 0 });
    const more = type === 'saml' ? { certificates: [certificate] } : {};
    const { id } = (await world.call('POST', '/connections', { name: 'Other', type, ...given, ...more })).body;
    await link(people[0]!, 'o-1', id);
    for (const field of fields) {
      expect(await world.call('PATCH', `/connections/${id}`, { [field]: `${idp}/other` })).toMatchObject({
        status: 409,
        body: { findings: [{ code: 'PEOPLE_LINKED', path: `/${field}` }] },
      });
    }
    expect(await world.call('PATCH', `/connections/${id}`, { trustsVerifiedEmail: true })).toMatchObject({
      status: 200,
    });
  });

  test('is not deleted before it is said what becomes of them', async () => {
    const refused = await remove();
    expect(refused).toMatchObject({ status: 422, body: { code: 'VALIDATION_FAILED' } });
    expect(refused.body.findings).toMatchObject([{ code: 'REQUIRED', path: '/people' }]);
    expect(refused.body.findings[0].message).toContain('(2)');
    expect(await remove('?people=forget')).toMatchObject({ status: 422 });
    expect((await world.call('GET', `/connections/${connection}`)).body.enabled).toBe(true);
    expect(await world.happened()).toEqual([]);
  });

  test('keep: their accounts stay as they are', async () => {
    expect(await remove('?people=keep')).toMatchObject({ status: 204 });
    for (const user of people) {
      expect((await world.call('GET', `/users/${user}`)).body).toMatchObject({ locked: false, associations: [] });
    }
    expect(world.ended).toEqual([]);
    expect(await world.happened()).toEqual(['association.removed', 'association.removed', 'connection.deleted']);
  });

  test('lock: their accounts are locked, and what they have here ends', async () => {
    expect(await remove('?people=lock')).toMatchObject({ status: 204 });
    for (const user of people) {
      expect((await world.call('GET', `/users/${user}`)).body).toMatchObject({ locked: true, associations: [] });
    }
    expect(world.ended.map(({ code }) => code)).toEqual(['ACCOUNT_LOCKED', 'ACCOUNT_LOCKED']);
    expect((await lastEvent('user.updated'))?.details).toMatchObject({
      before: { locked: false },
      after: { locked: true },
    });
  });

  test('delete: their accounts go, and nobody else’s', async () => {
    const cem = await addUser('cem');
    expect(await remove('?people=delete')).toMatchObject({ status: 204 });
    for (const user of people) expect(await world.call('GET', `/users/${user}`)).toMatchObject({ status: 404 });
    expect(await world.call('GET', `/users/${cem}`)).toMatchObject({ status: 200 });
    expect(world.ended.map(({ userId }) => userId).toSorted()).toEqual(people.toSorted());
  });

  test('delete: an account with two links to it goes once', async () => {
    await link(people[0]!, 'g-2');
    expect(await remove('?people=delete')).toMatchObject({ status: 204 });
    expect((await world.happened()).filter((type) => type === 'user.deleted')).toHaveLength(2);
    // Neither a name nor what the provider calls somebody is left of them on record.
    expect(JSON.stringify(await world.events())).not.toMatch(/g-[12]"|"username":"(?!\(deleted person\))/);
  });

  test('and more of them than one unit takes', async () => {
    await world.db.unit(async ({ users }) => {
      for (let n = 0; n < 250; n++) {
        await users.insertAssociation({
          connectionId: connection as never,
          subject: `many-${n}`,
          userId: people[0] as UserId,
          createdAt: 1,
        });
      }
    });
    expect(await remove('?people=keep')).toMatchObject({ status: 204 });
    expect(await linksOf(people[0]!)).toEqual([]);
    const happened = await world.happened();
    expect(happened.filter((type) => type === 'association.removed')).toHaveLength(252);
    expect(happened.filter((type) => type === 'connection.deleted')).toHaveLength(1);
  });
});

test('a connection without people needs no word about them', async () => {
  expect(await world.call('DELETE', `/connections/${connection}`)).toMatchObject({ status: 204 });
  expect(await world.happened()).toEqual(['connection.deleted']);
});

test('a connection to which the first person is linked while it goes stays, and it is asked what becomes of them', async () => {
  const ann = await addUser('ann');
  const { unit } = world.db;
  const once = async (...given: Parameters<typeof unit>) => {
    Object.assign(world.db, { unit });
    const done = await unit(...given);
    await link(ann, 'g-1');
    return done;
  };
  Object.assign(world.db, { unit: once });
  expect(await world.call('DELETE', `/connections/${connection}`)).toMatchObject({
    status: 422,
    body: { findings: [{ code: 'REQUIRED', path: '/people' }] },
  });
  expect((await world.call('GET', `/connections/${connection}`)).body.enabled).toBe(true);
  expect(await linksOf(ann)).toHaveLength(1);
  expect((await world.happened()).toSorted()).toEqual(['association.created', 'user.created']);
});
