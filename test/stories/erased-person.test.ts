import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTeller } from '../../src/login/tell.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { beginsSignIn, comesThroughGoogle, loginIdOf, typesPassword } from './moves.ts';
import { readTables } from './read-tables.ts';
import { password, startWorld, type World } from './world.ts';

/*
 * Whatever names a person is a canary. When they are deleted, and the hourly sweep has run, no byte of the database's files
 * has one, nor has any answer of the admin API; and nobody else is missing anything.
 */

const claim = (name: string) => `http://wso2.org/claims/${name}`;
const canaries = {
  username: 'canary.ann',
  'earlier user name': 'canary.bea',
  mail: 'canary.a@example.com',
  'earlier mail': 'canary.b@example.com',
  telephone: '+49 170 5550123',
  'earlier telephone': '+49 170 5559876',
  'full name': 'Canaria Archer',
  subject: 'google-1906',
  'mail at the provider': 'grace.hopper@example.com',
  'last name at the provider': 'Hopper',
};

const script = `var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var user = context.currentKnownSubject;
      Log.info('in comes ' + user.username + ' of ' + user.localClaims['${claim('mobile')}']);
      user.localClaims['${claim('nickname')}'] = user.localClaims['${claim('fullname')}'] + ' II';
    },
    onFail: function (context) { fail({ errorCode: 'no', errorMessage: 'No entry for ' + context.request.params.username }); }
  });
};`;

const scenarioOf = (username: string, email: string, mobile: string) => ({
  name: `${email} comes in`,
  scenario: {
    steps: {
      '1': [
        {
          outcome: 'success',
          idp: 'LOCAL',
          user: { username, roles: ['admin'], claims: { [claim('givenname')]: username, [claim('mobile')]: mobile } },
        },
      ],
    },
    prompts: [{ action: 'success', params: { text: `write to ${email}` } }],
  },
  expect: { outcome: { result: 'success' } },
});
const bobsScenario = scenarioOf('bob', 'bob@example.com', '+49 170 5550000');

let world: World;
let bobsEvents: unknown[];
let analytics: Endpoint;

beforeAll(async () => {
  analytics = await createEndpoint();
  world = await startWorld({
    env: {
      STEPGATE_EGRESS_HOSTS: `127.0.0.1,${new URL(analytics.url).hostname}`,
      STEPGATE_ANALYTICS_URL: analytics.url,
    },
    flow: { script },
  });
  const bob = (await world.admin.post('/users', { username: 'bob', claims: { [claim('mobile')]: '+49 170 5550000' } }))
    .id;
  const gone = [await localPerson(), await federatedPerson()];
  await world.admin.put(`/applications/${world.registered.id}/scenarios`, {
    items: [scenarioOf('Canary.Ann', 'Canary.A@example.com', '+49 170 5550123'), bobsScenario],
  });
  bobsEvents = await world.admin.list(`/audit-events?target=${bob}`);
  expect(findIn(JSON.stringify(readTables(world.directory)))).toEqual(Object.keys(canaries));

  for (const id of gone) await world.admin.delete(`/users/${id}`);
  await world.sweep();
});
afterAll(async () => {
  await world.close();
  await analytics.close();
});

/** Is made, changed, refused, and signs in. */
async function localPerson(): Promise<string> {
  const [email, mobile, fullName] = [claim('emailaddress'), claim('mobile'), claim('fullname')];
  const { id } = await world.admin.post('/users', {
    username: canaries['earlier user name'],
    password,
    claims: {
      [email]: canaries['earlier mail'],
      [mobile]: canaries['earlier telephone'],
      [fullName]: canaries['full name'],
      // In everybody's address: what they stand in is not this person's.
      [claim('locality')]: '@',
    },
    verified: [email],
  });
  await world.admin.patch(`/users/${id}`, {
    username: canaries.username,
    claims: { [email]: canaries.mail, [mobile]: canaries.telephone },
  });
  await typesPassword(await beginsSignIn(world), canaries.username, 'not the password');
  const person = await beginsSignIn(world);
  await typesPassword(person, canaries.username);
  expect(person.isAt()).toBe('Signed in');
  return id;
}

/** Comes while nobody gets an account, and then again. */
async function federatedPerson(): Promise<string> {
  for (const enabled of [false, true]) {
    await world.changeConnection((one) => ({ ...one, jit: { ...one.jit, enabled } }));
    const person = await beginsSignIn(world);
    await comesThroughGoogle(person);
    expect(person.isAt()).toBe('Signed in');
  }
  return (await world.app.database.read.users.findAssociation(world.connection.id, canaries.subject))!.userId;
}

const findIn = (text: string): string[] =>
  Object.entries(canaries)
    .filter(([, canary]) => text.toLowerCase().includes(canary.toLowerCase()))
    .map(([what]) => what);

describe('after people were deleted', () => {
  test('no row, no free page and no log of the database has their names, addresses and numbers', () => {
    const files = readdirSync(world.directory).filter((name) => name.startsWith('stepgate.db'));
    expect(files).toContain('stepgate.db-wal');
    for (const file of files) {
      expect([file, findIn(readFileSync(join(world.directory, file), 'latin1'))]).toEqual([file, []]);
    }
  });

  test('no answer of the admin API has them', async () => {
    const logins = await world.admin.list('/logins');
    const paths = ['/users', '/sessions', '/logins', '/audit-events', `/applications/${world.registered.id}/scenarios`];
    const answers = await Promise.all([...paths, ...logins.map(({ id }) => `/logins/${id}`)].map(world.admin.getText));
    expect(findIn(answers.join('\n'))).toEqual([]);
  });

  test('what happened to whom, when, and by which connection is still on record', async () => {
    const events = await world.admin.list('/audit-events');
    expect(events.filter(({ type }) => type === 'user.deleted')).toHaveLength(2);
    const made = events.filter(({ type, actor }) => type === 'user.created' && actor === 'system');
    expect(made).toMatchObject([{ details: { connection: 'Google', subject: '(deleted person)' } }]);
    expect(events.filter(({ type }) => type === 'user.updated')).toContainEqual(
      expect.objectContaining({
        actor: 'script',
        details: { changes: [{ what: claim('nickname'), before: null, after: '(deleted person)' }] },
      }),
    );
  });

  test('their scenarios still play, and those of others are as they were', async () => {
    const scenarios = await world.admin.get(`/applications/${world.registered.id}/scenarios`);
    const anybody = '(deleted person)';
    const left = scenarioOf(anybody, anybody, anybody);
    expect(scenarios['items']).toEqual([left, bobsScenario]);
  });

  test('nobody else’s events have changed', async () => {
    const events = await world.admin.list('/audit-events');
    expect(bobsEvents).toHaveLength(1);
    expect(events).toEqual(expect.arrayContaining(bobsEvents));
  });
});

test('what a script told of somebody who has been deleted since is not sent any more; that of others is', async () => {
  const people = ['canary.cleo', 'dora'];
  // As a run of the server leaves it that ends before it is sent.
  const { database } = world.app;
  const openOutside = () => expect.fail('Nothing is sent here.');
  const teller = createTeller({ ...world, database, openOutside, log: { warn: () => {} } });
  for (const username of people) {
    await world.addUser(username);
    const person = await beginsSignIn(world);
    const loginId = loginIdOf(person);
    await typesPassword(person, username);
    const args = JSON.stringify([{ ReceiverUrl: '/events' }, { username }]);
    const told = { op: 'publishToAnalytics', args, loginId, seq: 99, beganAt: world.clock.now() };
    await database.unit((stores) => teller.keep(stores, told));
  }
  const [cleo] = (await world.users()).filter(({ username }) => username === 'canary.cleo');
  await world.admin.delete(`/users/${cleo!.id}`);
  await world.restart();
  await expect.poll(() => world.app.database.read.tellings.list(0, 10)).toEqual([]);
  expect(analytics.asked.map(({ path, body }) => [path, body])).toEqual([['/events', '{"event":{"username":"dora"}}']]);
});
