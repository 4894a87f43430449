import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AppError } from '../../src/kernel/errors.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { openDatabase, type StepgateDatabase } from '../../src/storage/open.ts';
import { openWriter } from '../../src/storage/sqlite/connection.ts';
import { sqlite, sqliteTypes } from '../../src/storage/sqlite/dialect.ts';
import { runNode } from '../kernel/run-node.ts';
import { temporaryDirectory } from './dialects.ts';
import { anEvent, aUser, now } from './samples.ts';

let directory: string;
let file: string;
let opened: StepgateDatabase[];
let faults: AppError[];

beforeEach(() => {
  directory = temporaryDirectory();
  file = join(directory, 'stepgate.db');
  opened = [];
  faults = [];
});

afterEach(async () => {
  for (const db of opened) await db.close();
  rmSync(directory, { recursive: true });
});

async function open(options: { directory: string } | { file: string } = { directory }): Promise<StepgateDatabase> {
  const db = await openDatabase({ ...options, clock: { now: () => now }, onFault: (fault) => faults.push(fault) });
  opened.push(db);
  return db;
}

const refusal = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('opening', () => {
  test('makes directory and files for their owner only', async () => {
    const place = join(directory, 'a', 'b');
    const db = await open({ directory: place });
    await db.unit(({ users }) => users.insert(aUser()));
    expect(statSync(join(directory, 'a')).mode & 0o777).toBe(0o700);
    expect(statSync(place).mode & 0o777).toBe(0o700);
    const files = readdirSync(place).sort();
    expect(files).toEqual(['stepgate.db', 'stepgate.db-shm', 'stepgate.db-wal']);
    for (const name of files) expect(statSync(join(place, name)).mode & 0o777).toBe(0o600);
  });

  test('finds what was there, and migrates once', async () => {
    const user = aUser();
    const first = await open();
    await first.unit(({ users }) => users.insert(user));
    await first.close();
    expect(readdirSync(directory)).toEqual(['stepgate.db']);
    const second = await open({ file });
    expect(await second.read.users.findById(user.id)).toEqual(user);
    await second.close();
    const raw = new SQLite(file);
    expect(raw.prepare('SELECT * FROM schema_versions').all()).toEqual([
      { version: 1, name: 'first schema', applied_at: now },
    ]);
    raw.close();
  });

  test('by several processes at once makes one database', async () => {
    const module = JSON.stringify(new URL('../../src/storage/open.ts', import.meta.url).href);
    const program = `import { openDatabase } from ${module};
      const db = await openDatabase({ file: ${JSON.stringify(file)} });
      console.log(await db.unit(({ throttle }) => throttle.add('a', 1, 1)));
      await db.close();`;
    const printed = await Promise.all(Array.from({ length: 3 }, () => runNode(program)));
    expect(printed.map(Number).sort()).toEqual([1, 2, 3]);
  });

  test.each<[string, string, string, () => void]>([
    [
      'of a newer Stepgate',
      'SETTING_INVALID',
      'schema version 99',
      () => change((raw) => raw.exec("INSERT INTO schema_versions VALUES (99, 'later', 1)")),
    ],
    [
      'of another program',
      'SETTING_INVALID',
      'another program',
      () => {
        rmSync(file);
        change((raw) => raw.exec('CREATE TABLE theirs (id)'));
      },
    ],
    ['that is none', 'STORAGE_UNAVAILABLE', 'not a database', () => writeFileSync(file, 'x'.repeat(8192))],
    ['whose pages are damaged', 'STORAGE_UNAVAILABLE', 'damaged', () => damage()],
  ])('a database %s is refused and left as it is', async (_, code, text, spoil) => {
    await (await open()).close();
    spoil();
    const before = readFileSync(file);
    await expect(open()).rejects.toThrow(refusal(code, text));
    await expect(open()).rejects.toThrow(file);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test.each([
    ['is below a file', 'file/data'],
    ['is a file', 'file'],
  ])('a directory that %s is named', async (_, place) => {
    writeFileSync(join(directory, 'file'), '');
    const target = join(directory, place);
    await expect(open({ directory: target })).rejects.toThrow(refusal('STORAGE_UNAVAILABLE', target));
  });

  test('a migration that fails leaves the schema as it was', async () => {
    await (await open()).close();
    const connection = openWriter(file);
    connection.execute('BEGIN IMMEDIATE');
    const broken = {
      version: 2,
      name: 'broken',
      up: ({ schema }: { schema: typeof sqlite.schema }) => [
        schema.createTable('half').addColumn('id', 'text'),
        schema.dropTable('unknown'),
      ],
    };
    const { execute } = connection;
    const migration = migrate({ db: sqlite, types: sqliteTypes, execute, database: file, now, migrations: [broken] });
    await expect(migration).rejects.toThrow('unknown');
    connection.close();
    const db = await open();
    await db.check();
    change((raw) => expect(raw.prepare("SELECT * FROM sqlite_schema WHERE name = 'half'").all()).toEqual([]));
  });
});

function change(work: (raw: SQLite.Database) => void): void {
  const raw = new SQLite(file);
  work(raw);
  raw.close();
}

/** Overwrites the inner pages; the first, with the header and the list of tables, stays. */
function damage(): void {
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 2 * 4096, 12 * 4096);
  writeFileSync(file, bytes);
}

describe('durability', () => {
  test('every commit is synced, and the log is the write-ahead one', () => {
    const connection = openWriter(file);
    const value = (name: string) => Object.values(connection.execute(`PRAGMA ${name}`).rows[0] as object)[0];
    expect([value('journal_mode'), value('synchronous'), value('foreign_keys')]).toEqual(['wal', 2, 1]);
    expect([value('fullfsync'), value('checkpoint_fullfsync')]).toEqual([1, 1]);
    connection.close();
  });
});

describe('a lock that another process holds', () => {
  test('costs those who write now; reading goes on, and writing when it is gone', async () => {
    const db = await open();
    const other = new SQLite(file);
    other.exec('BEGIN IMMEDIATE');
    const user = aUser();
    const units = [1, 2].map(() => db.unit.early(({ users }) => users.insert(user)));
    for (const { value, durable } of units) {
      await expect(value).rejects.toThrow(refusal('STORAGE_UNAVAILABLE', 'SQLITE_BUSY'));
      await expect(durable).rejects.toThrow(refusal('STORAGE_UNAVAILABLE', 'write lock'));
    }
    expect(faults.length).toBeGreaterThan(0);
    await expect(db.check()).rejects.toThrow(refusal('STORAGE_UNAVAILABLE', 'write lock'));
    expect(await db.read.users.list({ after: null, limit: 1 })).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    await db.check();
    await db.unit(({ users }) => users.insert(user));
    expect(await db.read.users.findById(user.id)).toEqual(user);
  });
});

describe('a backup', () => {
  test('has what was committed before it, while work goes on', async () => {
    const db = await open();
    const user = aUser();
    await db.unit(async ({ users, audit }) => {
      await users.insert(user);
      for (let n = 0; n < 200; n++) await audit.append(anEvent({ details: { text: 'x'.repeat(1000) } }));
    });
    let units = 0;
    const target = join(directory, 'backup.db');
    let done = false;
    const backup = db.backup(target).finally(() => {
      done = true;
    });
    while (!done) {
      await db.unit(({ audit }) => audit.append(anEvent()));
      units++;
    }
    await backup;
    expect(units).toBeGreaterThan(0);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).filter((name) => name.startsWith('backup'))).toEqual(['backup.db']);

    const copy = await open({ file: target });
    await copy.check();
    expect(await copy.read.users.findById(user.id)).toEqual(user);
    expect((await copy.read.audit.list({ after: null, limit: 1000 })).length).toBeGreaterThanOrEqual(200);
  });

  test.each<[string, string, string, (target: string) => void]>([
    ['over another file', 'SETTING_INVALID', 'already', (target) => writeFileSync(target, 'mine')],
    ['into a directory that is not there', 'STORAGE_UNAVAILABLE', 'could not be written', () => {}],
  ])('is not written %s', async (_, code, text, spoil) => {
    const db = await open();
    const target = join(directory, 'place', 'backup.db');
    if (code === 'SETTING_INVALID') mkdirSync(join(directory, 'place'));
    spoil(target);
    await expect(db.backup(target)).rejects.toThrow(refusal(code, text));
    if (code === 'SETTING_INVALID') {
      expect(readFileSync(target, 'utf8')).toBe('mine');
      expect(readdirSync(join(directory, 'place'))).toEqual(['backup.db']);
    }
  });
});
