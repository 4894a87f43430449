import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { associationId } from '../../src/admin/association-id.ts';
import type { Association, User } from '../../src/directory/user.ts';
import { makeConnection, makeUser, openServerData } from '../stories/seed.ts';
import type { FailPoint } from './fail-point.ts';
import { type CrashWorld, createCrashWorld } from './world.ts';

/*
 * An admin unlinks an account, or deletes a connection with its people, and the server is killed meanwhile. What is on disk
 * then is whole, and asking again finishes it.
 */

let world: CrashWorld | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

const token = 'an-admin-token-of-the-test-with-enough-letters';
/** Not those of the server's own, such as its readiness probe. */
const writes = '^(insert into|update|delete from) .(users|associations|sessions|logins|audit_events).|^commit';

/** @returns the status, or null where no answer came */
async function asks(url: string): Promise<number | null> {
  const answer = await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } }).catch(
    () => null,
  );
  return answer?.status ?? null;
}

/** Sends the request to a server that dies at this point, and starts it again if it did. */
async function asksWhileDying(url: string, { server }: CrashWorld, point: FailPoint, look: () => void) {
  server.arm(point);
  const status = await asks(url);
  if (status !== null) {
    // It must not die later of what it outlived now.
    await server.kill();
    expect(await server.start()).toBe('ready');
    return status;
  }
  await server.ended();
  look();
  expect(await server.start()).toBe('ready');
  return null;
}

/** Accounts, with one link each, of a connection of their own. */
async function seed({ directory, identityProviderUrl }: CrashWorld, name: string, people: number) {
  const { database, box } = await openServerData(directory);
  const provider = { issuer: identityProviderUrl, clientId: 'stepgate', clientSecret: 'secret' };
  const connection = makeConnection(box, { name, ...provider });
  const linked: { user: User; link: Association }[] = [];
  await database.unit(async ({ connections, users }) => {
    await connections.insert(connection);
    for (let n = 1; n <= people; n++) {
      const user = makeUser(`${name}-${n}`);
      const link = { connectionId: connection.id, subject: `${name}-${n}`, userId: user.id, createdAt: Date.now() };
      await users.insert(user);
      await users.insertAssociation(link);
      linked.push({ user, link });
    }
  });
  await database.close();
  return { connection, linked };
}

function readRows<T>(directory: string, sql: string, ...given: unknown[]): T[] {
  const database = new SQLite(join(directory, 'stepgate.db'), { readonly: true });
  try {
    return database.prepare(sql).all(...given) as T[];
  } finally {
    database.close();
  }
}

async function startWorld(): Promise<CrashWorld> {
  return createCrashWorld({ localPeople: 0, env: { STEPGATE_ADMIN_TOKEN: token } });
}

/** Of a server that runs: where it sends people to is where its API is. */
async function findApi({ application }: CrashWorld): Promise<string> {
  const { url } = await application.begin();
  return `${new URL(url).origin}/api/v1`;
}

test('killed between any two writes, an unlinking is done with its event or not at all', async () => {
  world = await startWorld();
  const around = world;
  const { linked } = await seed(around, 'unlink', 20);
  expect(await around.server.start()).toBe('ready');
  const api = await findApi(around);
  for (const [index, { user, link }] of linked.entries()) {
    const look = () => {
      const links = readRows(around.directory, 'SELECT 1 FROM associations WHERE user_id = ?', user.id).length;
      const told = readRows(
        around.directory,
        "SELECT 1 FROM audit_events WHERE target = ? AND type = 'association.removed'",
        user.id,
      ).length;
      return { links, told };
    };
    const url = `${api}/users/${user.id}/associations/${associationId(link)}`;
    const point = { when: 'before', statement: writes, nth: index + 1 } as const;
    const status = await asksWhileDying(url, around, point, () => expect(look()).toEqual({ links: 1, told: 0 }));
    if (status === null) expect(await asks(url)).toBe(204);
    expect(look()).toEqual({ links: 0, told: 1 });
    if (status === null) continue;
    expect(status).toBe(204);
    expect(index).toBeGreaterThanOrEqual(3);
    return;
  }
  throw new Error('The request wrote without end.');
}, 300_000);

test('killed at any commit, a deletion of a connection lets nobody in by it, and asking again finishes it', async () => {
  world = await startWorld();
  const around = world;
  const people = 101;
  const points = (['before', 'after'] as const).flatMap((when) => [1, 2, 3].map((nth) => ({ when, nth })));
  const seeded = [];
  for (const { when, nth } of points) seeded.push(await seed(around, `${when}-${nth}`, people));
  expect(await around.server.start()).toBe('ready');
  const api = await findApi(around);
  const died: number[] = [];
  for (const [index, { connection, linked }] of seeded.entries()) {
    const read = <T>(sql: string) => readRows<T>(around.directory, sql, connection.id);
    const look = () => {
      const left = read('SELECT 1 FROM associations WHERE connection_id = ?').length;
      const rows = read<{ enabled: number }>('SELECT enabled FROM connections WHERE id = ?');
      const accounts = linked.filter(
        ({ user }) => readRows(around.directory, 'SELECT 1 FROM users WHERE id = ?', user.id).length > 0,
      ).length;
      const told = read("SELECT 1 FROM audit_events WHERE target = ? AND type = 'connection.deleted'").length;
      return { left, accounts, told, rows: rows.length, enabled: rows[0]?.enabled === 1 };
    };
    const url = `${api}/connections/${connection.id}?people=delete`;
    const status = await asksWhileDying(url, around, { ...points[index]!, statement: '^commit' }, () => {
      const { left, accounts, told, rows, enabled } = look();
      died.push(left);
      expect([people, 1, 0]).toContain(left);
      expect(accounts).toBe(left);
      expect({ told, rows }).toEqual(left === 0 ? { told: 1, rows: 0 } : { told: 0, rows: 1 });
      if (left < people) expect(enabled).toBe(false);
    });
    expect([204, null]).toContain(status);
    if (status === null) expect([204, 404]).toContain(await asks(url));
    expect(look()).toEqual({ left: 0, accounts: 0, told: 1, rows: 0, enabled: false });
  }
  // It has died before the first batch, between the two, and after the last.
  expect(new Set(died)).toEqual(new Set([people, 1, 0]));
}, 300_000);
