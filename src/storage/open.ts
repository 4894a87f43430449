import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Clock, systemClock } from '../kernel/clock.ts';
import { syncDirectory } from '../kernel/durable-file.ts';
import { AppError } from '../kernel/errors.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { Stores } from '../stores.ts';
import { migrate } from './migrate.ts';
import { backUp } from './sqlite/backup.ts';
import { openPlain, openReader, openWriter, type SqliteConnection } from './sqlite/connection.ts';
import { sqlite, sqliteTypes } from './sqlite/dialect.ts';
import { storageFault } from './sqlite/faults.ts';
import { createGroupCommit } from './sqlite/group-commit.ts';
import { prepare, type Session } from './statement.ts';
import { defineStores } from './stores.ts';
import type { ProbeRow } from './tables.ts';

/** The server's database. */
export interface StepgateDatabase extends Database<Stores> {
  /**
   * Resolves when the database can be read and written; it writes a row to know. For a readiness probe.
   * @throws AppError STORAGE_UNAVAILABLE
   */
  check(): Promise<void>;
  /** Copies the committed state to a new file, while work goes on. @throws AppError SETTING_INVALID when the file exists. */
  backup(file: string): Promise<void>;
  /** Leaves nothing in the write-ahead log, where pages stay as they were before something was deleted from them. */
  emptyLog(): Promise<void>;
  /** Takes no more units, finishes those it has, and closes. */
  close(): Promise<void>;
}

export type DatabaseOptions = ({ directory: string } | { file: string }) & {
  clock?: Clock;
  /** Is told of every fault that lost units of work, for the log. Their users are told too. */
  onFault?(fault: AppError): void;
};

const createStores = defineStores(sqlite);

/**
 * Opens the database, makes it at the first start (readable by its owner only), looks at its health and brings its schema
 * up to date.
 *
 * @param options `directory`: where `stepgate.db` is; or `file`: the database itself.
 * @throws AppError STORAGE_UNAVAILABLE when it cannot be opened or is damaged; SETTING_INVALID when its schema is newer
 *   than this program.
 */
export async function openDatabase(options: DatabaseOptions): Promise<StepgateDatabase> {
  const file = resolve('file' in options ? options.file : join(options.directory, 'stepgate.db'));
  const clock = options.clock ?? systemClock;
  prepareFile(file);
  claim(file);
  const writer = openWriter(file);
  try {
    checkHealth(writer, file);
    writer.execute('BEGIN IMMEDIATE');
    await migrate({ db: sqlite, types: sqliteTypes, execute: writer.execute, database: file, now: clock.now() });
    writer.execute('COMMIT');
  } catch (error) {
    writer.close();
    throw error;
  }
  const reader = openReader(file);
  const { unit, emptyLog, end } = createGroupCommit({
    connection: writer,
    onFault: (fault) => options.onFault?.(fault),
  });

  return {
    read: createStores(committed(reader)),
    unit: Object.assign(<T>(work: (stores: Stores) => Promise<T>) => unit((session) => work(createStores(session))), {
      early: <T>(work: (stores: Stores) => Promise<T>) => unit.early((session) => work(createStores(session))),
    }),
    async check() {
      await unit((session) => probe.run(session, { id: 1, at: clock.now() }));
      await committed(reader).execute('SELECT at FROM probes', []);
    },
    backup: (target) => backUp(file, resolve(target)),
    emptyLog,
    async close() {
      await end();
      reader.close();
      writer.close();
    },
  };
}

const probe = prepare((row: ProbeRow) =>
  sqlite
    .insertInto('probes')
    .values(row)
    .onConflict((oc) => oc.column('id').doUpdateSet((eb) => ({ at: eb.ref('excluded.at') }))),
);

/** «STGT» in the header of our files (sqlite.org/fileformat2.html, application id). */
const applicationId = 0x53544754;

function prepareFile(file: string): void {
  try {
    const directory = dirname(file);
    // mkdir names the first directory that it made.
    const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
    // SQLite gives its log and index files the permissions of this one.
    closeSync(openSync(file, 'a', 0o600));
    if (made) syncDirectory(dirname(made));
  } catch (error) {
    throw storageFault(`The database ${file} cannot be made or written.`, error);
  }
}

/** Marks the file as ours, or refuses another program's before anything in it is changed. */
function claim(file: string): void {
  const connection = openPlain(file);
  try {
    if (readValue(connection, 'SELECT count(*) FROM sqlite_schema') === 0) {
      connection.execute(`PRAGMA application_id = ${applicationId}`);
    } else if (readValue(connection, 'PRAGMA application_id') !== applicationId) {
      throw new AppError('SETTING_INVALID', {
        detail: `The file ${file} is another program’s database. Name another file or directory.`,
      });
    }
  } finally {
    connection.close();
  }
}

function checkHealth(connection: SqliteConnection, file: string): void {
  const health = readValue(connection, 'PRAGMA quick_check(1)');
  if (health !== 'ok') {
    throw storageFault(`The database ${file} is damaged (${String(health)}). Restore a backup.`);
  }
}

function readValue(connection: SqliteConnection, sql: string): unknown {
  return Object.values(connection.execute(sql).rows[0] as object)[0];
}

/** Reads what is committed. Writing is a mistake of the caller, not a fault of the storage. */
function committed(connection: SqliteConnection): Session {
  return {
    async execute(sql, parameters) {
      if (!connection.isReadOnly(sql)) throw new Error('The stores of `read` cannot write; changes go through `unit`.');
      return connection.execute(sql, parameters);
    },
  };
}
