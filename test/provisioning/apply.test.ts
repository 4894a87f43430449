import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/connections/connection.ts';
import { claims as ours } from '../../src/directory/claims.ts';
import { applyProvisioning, type ProvisioningRequest } from '../../src/provisioning/apply.ts';
import { subjectWithoutAccount } from '../../src/provisioning/subject.ts';
import { openDatabase, type StepgateDatabase } from '../../src/storage/open.ts';
import { aConnection, aPerson, aUser, box, graceClaims } from './people.ts';

let directory: string;
let database: StepgateDatabase;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'provisioning-'));
  database = await openDatabase({ directory });
});
afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

async function connect(changes: Parameters<typeof aConnection>[0] = {}): Promise<Connection> {
  const connection = aConnection(changes);
  await database.unit((stores) => stores.connections.insert(connection));
  return connection;
}

const provision = async (request: Pick<ProvisioningRequest, 'person'> & Partial<ProvisioningRequest>) => {
  const done = await database.unit((stores) =>
    applyProvisioning(stores, { now: 1000, loginId: null, box, ...request }),
  );
  if (done.result === 'asks') throw new Error(`it asks: ${JSON.stringify(done.questions)}`);
  return done;
};

const listUsers = () => database.read.users.list({ after: null, limit: 1000 });
const listEvents = async () => (await database.read.audit.list({ after: null, limit: 1000 })).reverse();

async function happened(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { type } of await listEvents()) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

test('the first time makes the account, the second finds it, a change is brought over', async () => {
  const connection = await connect();
  const person = aPerson(connection);

  const first = await provision({ person });
  expect(first).toMatchObject({ result: 'created', userId: expect.stringMatching(/^user_/) });
  const [user, ...others] = await listUsers();
  expect(others).toEqual([]);
  expect(user).toMatchObject({
    id: first.userId,
    subject: subjectWithoutAccount(box, aPerson(connection)),
    username: 'grace@example.com',
    usernameKey: 'grace@example.com',
    userStore: 'PRIMARY',
    verified: [ours.email],
    createdAt: 1000,
  });
  expect(await database.read.users.listAssociations(user!.id)).toEqual([
    { connectionId: connection.id, subject: 'g-1', userId: user!.id, createdAt: 1000 },
  ]);

  expect(await provision({ person, now: 2000 })).toEqual({ result: 'unchanged', userId: first.userId, changes: [] });
  const renamed = aPerson(connection, { claims: { ...graceClaims, given_name: 'Amazing' } });
  expect(await provision({ person: renamed, now: 3000 })).toEqual({
    result: 'updated',
    userId: first.userId,
    changes: [{ what: ours.givenName, before: 'Grace', after: 'Amazing' }],
  });
  expect((await listUsers()).map(({ revision, updatedAt }) => ({ revision, updatedAt }))).toEqual([
    { revision: 2, updatedAt: 3000 },
  ]);
  expect(await happened()).toEqual({ 'user.created': 1, 'association.created': 1, 'user.updated': 1 });
  const [created, , updated] = await listEvents();
  expect(created?.details['changes']).toEqual(first.changes);
  expect(updated).toMatchObject({
    target: first.userId,
    actor: 'system',
    details: { connection: 'Google', changes: [{}] },
  });
});

test('of 100 callers for one person at once, one makes the account and all get it', async () => {
  const connection = await connect();
  const person = aPerson(connection);
  const results = await Promise.all(Array.from({ length: 100 }, () => provision({ person })));
  const users = await listUsers();
  expect(users).toHaveLength(1);
  expect(new Set(results.map(({ userId }) => userId))).toEqual(new Set([users[0]!.id]));
  expect(results.filter(({ result }) => result === 'created')).toHaveLength(1);
  expect(results.filter(({ result }) => result === 'unchanged')).toHaveLength(99);
  expect(await happened()).toEqual({ 'user.created': 1, 'association.created': 1 });
});

test('100 people who wish for one user name get 100 names', async () => {
  const connection = await connect({ jit: { onConflict: 'SUFFIX_USERNAME' } });
  const claims = { preferred_username: 'Sam' };
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, n) => provision({ person: aPerson(connection, { subject: `s-${n}`, claims }) })),
  );
  expect(results.every(({ result }) => result === 'created')).toBe(true);
  const names = (await listUsers()).map(({ username }) => username);
  expect(new Set(names).size).toBe(100);
  expect(names).toEqual(expect.arrayContaining(['Sam', 'Sam-2', 'Sam-20']));
});

describe('a user name that belongs to somebody else', () => {
  const claims = { preferred_username: 'ANN' };

  test('FAIL: no account is made, and nobody is signed in as the other', async () => {
    const connection = await connect({ jit: { onConflict: 'FAIL' } });
    const ann = aUser({ username: 'ann' });
    await database.unit((stores) => stores.users.insert(ann));
    const result = await provision({ person: aPerson(connection, { claims }) });
    expect(result).toEqual({
      result: 'failed',
      userId: null,
      changes: [],
      problem: { code: 'USERNAME_TAKEN', detail: expect.stringContaining('«ANN» (from preferred_username)') },
    });
    expect(await listUsers()).toEqual([ann]);
    expect(await database.read.users.listAssociations(ann.id)).toEqual([]);
    expect(await happened()).toEqual({ 'provisioning.failed': 1 });
  });

  test('SUFFIX_USERNAME: the account gets a name of its own', async () => {
    const connection = await connect({ jit: { onConflict: 'SUFFIX_USERNAME' } });
    const ann = aUser({ username: 'ann' });
    await database.unit((stores) => stores.users.insert(ann));
    const result = await provision({ person: aPerson(connection, { claims }) });
    expect(result).toMatchObject({
      result: 'created',
      changes: [{ what: 'username', before: null, after: 'ANN-2' }, {}],
    });
    expect(result.userId).not.toBe(ann.id);
    expect(await database.read.users.findByUsernameKey('ann')).toEqual(ann);
  });

  test('somebody’s proven mail address is taken too', async () => {
    const connection = await connect();
    const holder = (verified: string[]) =>
      aUser({ attributes: [{ uri: ours.email, value: 'grace@example.com', origin: 'admin' }], verified });
    await database.unit((stores) => stores.users.insert(holder([ours.email])));
    expect(await provision({ person: aPerson(connection) })).toMatchObject({ problem: { code: 'USERNAME_TAKEN' } });
  });

  test('an address that somebody only claims is not', async () => {
    const connection = await connect();
    const claimed = aUser({ attributes: [{ uri: ours.email, value: 'grace@example.com', origin: 'person' }] });
    await database.unit((stores) => stores.users.insert(claimed));
    const result = await provision({ person: aPerson(connection) });
    expect(result).toMatchObject({ result: 'created' });
    expect(result.userId).not.toBe(claimed.id);
  });
});

describe('nobody comes in', () => {
  test.each([
    [{ locked: true }, 'ACCOUNT_LOCKED'],
    [{ disabled: true }, 'ACCOUNT_DISABLED'],
  ])('with an account that is %j', async (state, code) => {
    const connection = await connect();
    const { userId } = await provision({ person: aPerson(connection) });
    const user = (await database.read.users.findById(userId!))!;
    await database.unit((stores) => stores.users.update({ ...user, ...state }));
    const changed = aPerson(connection, { claims: { ...graceClaims, given_name: 'Other' } });
    expect(await provision({ person: changed })).toMatchObject({ result: 'refused', userId, problem: { code } });
    expect((await database.read.users.findById(userId!))?.attributes).toEqual(user.attributes);
  });

  test.each([true, false])('through a connection that was switched off or removed meanwhile', async (removed) => {
    const connection = await connect();
    await database.unit(async ({ connections }) => {
      if (removed) await connections.delete(connection.id);
      else await connections.update({ ...connection, enabled: false });
    });
    expect(await provision({ person: aPerson(connection) })).toMatchObject({
      result: 'refused',
      userId: null,
      problem: { code: 'CONNECTION_DISABLED' },
    });
    expect(await listUsers()).toEqual([]);
    expect(await happened()).toEqual({ 'provisioning.refused': 1 });
  });
});

describe('without provisioning', () => {
  test('JIT off: nothing is written', async () => {
    const connection = await connect({ jit: { enabled: false } });
    expect(await provision({ person: aPerson(connection) })).toEqual({ result: 'disabled', userId: null, changes: [] });
    expect([await listUsers(), await happened()]).toEqual([[], {}]);
  });

  test('the script skips it for this login', async () => {
    const connection = await connect();
    expect(await provision({ person: aPerson(connection), skip: true })).toMatchObject({
      result: 'skipped',
      userId: null,
    });
    expect([await listUsers(), await happened()]).toEqual([[], {}]);
  });

  test('switched off later: the account is found and left alone', async () => {
    const connection = await connect();
    const { userId } = await provision({ person: aPerson(connection) });
    await database.unit(({ connections }) =>
      connections.update({ ...connection, jit: { ...connection.jit, enabled: false } }),
    );
    const changed = aPerson(connection, { claims: {} });
    expect(await provision({ person: changed })).toEqual({ result: 'known', userId, changes: [] });
  });
});

test('an account made after the link was taken away begins with a subject of its own', async () => {
  const connection = await connect({ jit: { onConflict: 'SUFFIX_USERNAME' } });
  const first = await provision({ person: aPerson(connection) });
  await database.unit(({ users }) => users.deleteAssociation(connection.id, 'g-1'));
  const second = await provision({ person: aPerson(connection) });
  expect(second.result).toBe('created');
  const [old, fresh] = await Promise.all([first, second].map(({ userId }) => database.read.users.findById(userId!)));
  expect(old?.subject).toBe(subjectWithoutAccount(box, aPerson(connection)));
  expect(fresh?.subject).toBe(second.userId);
});

test('a unit that fails afterwards leaves nothing behind', async () => {
  const connection = await connect();
  const failing = database.unit(async (stores) => {
    await applyProvisioning(stores, { person: aPerson(connection), now: 1000, loginId: null, box });
    throw new Error('the rest of the unit failed');
  });
  await expect(failing).rejects.toThrow('the rest of the unit failed');
  expect([await listUsers(), await happened()]).toEqual([[], {}]);
  expect(await database.read.users.findAssociation(connection.id, 'g-1')).toBeNull();
});
