import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { associationId } from '../../src/admin/people/association-id.ts';
import type { Association, User } from '../../src/directory/user.ts';
import { makeConnection, makeUser, openServerData } from '../stories/seed.ts';
import type { FailPoint } from './fail-point.ts';
import { type CrashWorld, createCrashWorld } from './world.ts';

/*
 * An admin unlinks an account, or deletes a connection with its people, and the server is killed meanwhile. What is on disk
 * then is whole, and asking again finishes it. Kills between commits find the same on disk (moments.test.ts looks there at
 * each write).
 */

const token = 'an-admin-token-of-the-test-with-enough-letters';
/** More than are dealt with in one commit. */
const people = 101;
const points = [
  { when: 'before', nth: 1 },
  { when: 'before', nth: 2 },
  { when: 'before', nth: 3 },
  { when: 'after', nth: 3 },
] as const;

type Seeded = Awaited<ReturnType<typeof seed>>;
let world: CrashWorld;
let api: string;
/** Each has a connection and accounts of its own: one server can die for all. */
const unlinked = new Map<string, Seeded>();
const deleted = new Map<string, Seeded>();

beforeAll(async () => {
  world = await createCrashWorld({ localPeople: 0, env: { STEPGATE_ADMIN_TOKEN: token } });
  for (const when of ['before', 'after']) unlinked.set(when, await seed(world, `unlink-${when}`, 1));
  for (const { when, nth } of points) deleted.set(`${when} ${nth}`, await seed(world, `${when}-${nth}`, people));
  expect(await world.server.start()).toBe('ready');
  const { url } = await world.application.begin();
  api = `${new URL(url).origin}/api/v1`;
}, 60_000);
afterAll(() => world?.close());

/** @returns the status, or null where no answer came */
async function asks(url: string): Promise<number | null> {
  const answer = await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } }).catch(
    () => null,
  );
  return answer?.status ?? null;
}

/**
 * Sends the request to a server that dies at this commit, and starts it again.
 * @param look what is on disk, meanwhile
 */
async function asksInVain(url: string, { server }: CrashWorld, point: Omit<FailPoint, 'statement'>, look: () => void) {
  server.arm({ ...point, statement: '^commit' });
  expect(await asks(url)).toBe(null);
  await server.ended();
  look();
  expect(await server.start()).toBe('ready');
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

test.each([
  { when: 'before', links: 1, told: 0, again: 204 },
  { when: 'after', links: 0, told: 1, again: 404 },
] as const)(
  'killed $when its commit, an unlinking is done with its event or not at all',
  async ({ when, links, told, again }) => {
    const { directory } = world;
    const { user, link } = unlinked.get(when)!.linked[0]!;
    const url = `${api}/users/${user.id}/associations/${associationId(link)}`;
    const look = () => ({
      links: readRows(directory, 'SELECT 1 FROM associations WHERE user_id = ?', user.id).length,
      told: readRows(directory, "SELECT 1 FROM audit_events WHERE target = ? AND type = 'association.removed'", user.id)
        .length,
    });
    await asksInVain(url, world, { when, nth: 1 }, () => expect(look()).toEqual({ links, told }));
    expect(await asks(url)).toBe(again);
    expect(look()).toEqual({ links: 0, told: 1 });
  },
  300_000,
);

test('killed at any commit, a deletion of a connection lets nobody in by it, and asking again finishes it', async () => {
  const died: number[] = [];
  for (const point of points) {
    const { connection, linked } = deleted.get(`${point.when} ${point.nth}`)!;
    const read = <T>(sql: string) => readRows<T>(world.directory, sql, connection.id);
    const look = () => {
      const left = read('SELECT 1 FROM associations WHERE connection_id = ?').length;
      const rows = read<{ enabled: number }>('SELECT enabled FROM connections WHERE id = ?');
      const accounts = linked.filter(
        ({ user }) => readRows(world.directory, 'SELECT 1 FROM users WHERE id = ?', user.id).length > 0,
      ).length;
      const told = read("SELECT 1 FROM audit_events WHERE target = ? AND type = 'connection.deleted'").length;
      return { left, accounts, told, rows: rows.length, enabled: rows[0]?.enabled === 1 };
    };
    const url = `${api}/connections/${connection.id}?people=delete`;
    await asksInVain(url, world, point, () => {
      const { left, accounts, told, rows, enabled } = look();
      died.push(left);
      expect([people, 1, 0]).toContain(left);
      expect(accounts).toBe(left);
      expect({ told, rows }).toEqual(left === 0 ? { told: 1, rows: 0 } : { told: 0, rows: 1 });
      if (left < people) expect(enabled).toBe(false);
    });
    expect([204, 404]).toContain(await asks(url));
    expect(look()).toEqual({ left: 0, accounts: 0, told: 1, rows: 0, enabled: false });
  }
  // It has died before the first batch, between the two, and after the last.
  expect(new Set(died)).toEqual(new Set([people, 1, 0]));
}, 300_000);
