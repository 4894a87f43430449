import SQLite from 'better-sqlite3';
import type { Result } from '../statement.ts';
import { mapSqliteError } from './faults.ts';

/** A connection to one database file. Everything on it is synchronous. */
export interface SqliteConnection {
  /** @throws AppError as mapped by `mapSqliteError`. */
  execute(sql: string, parameters?: readonly unknown[]): Result;
  /** Whether the statement would change nothing. */
  isReadOnly(sql: string): boolean;
  /** SQLite ends a transaction by itself after some faults, and with it all that was done in it. */
  readonly inTransaction: boolean;
  close(): void;
}

/** How full the write-ahead log may stay on disk, in bytes, after a rush has filled it. */
const keptLogBytes = 64 * 1024 * 1024;

/** How long a statement waits for another process, in milliseconds. The whole server waits with it, so it is short. */
const busyTimeoutMs = 1000;

/**
 * Opens the one connection that writes.
 * @param synchronous only for measuring; anything but FULL loses acknowledged units when the power fails.
 */
export function openWriter(file: string, { synchronous = 'FULL' }: { synchronous?: 'FULL' | 'NORMAL' } = {}) {
  return connect(file, { readonly: false }, [
    // Readers see the last committed state and never wait for the writer. Stays with the file.
    'journal_mode = WAL',
    // In WAL mode, FULL is what syncs the log at every commit. NORMAL would keep the file whole too, but a power failure
    // would take back what people were told is done.
    `synchronous = ${synchronous}`,
    // On macOS a plain fsync leaves the data in the disk's cache; these flush that too. They do nothing elsewhere.
    'fullfsync = ON',
    'checkpoint_fullfsync = ON',
    // Off by default in SQLite, for each connection. Journals, factors and links go with what they belong to.
    'foreign_keys = ON',
    // Without it the log keeps the size of its longest rush.
    `journal_size_limit = ${keptLogBytes}`,
    // What is deleted does not linger in free parts of pages, or in pages that are free.
    'secure_delete = ON',
    // Damaged pages are noticed when they are read, not when they have spread.
    'cell_size_check = ON',
    ...everyConnection,
  ]);
}

/** Opens a connection for work beside the server's own: it leaves the file's settings as they are. */
export function openPlain(file: string): SqliteConnection {
  return connect(file, { readonly: false }, everyConnection);
}

/** Opens a connection that sees committed state only and cannot write. The file must exist. */
export function openReader(file: string): SqliteConnection {
  return connect(file, { readonly: true }, ['query_only = ON', ...everyConnection]);
}

const everyConnection = [
  // Sorting and temporary tables leave no files behind.
  'temp_store = MEMORY',
  // 16 MiB of pages each; SQLite's default of 2 MiB does not hold the indexes of a few ten thousand people.
  'cache_size = -16384',
  // What the schema says cannot run functions with side effects: a tampered file stays data.
  'trusted_schema = OFF',
];

function connect(file: string, { readonly }: { readonly: boolean }, pragmas: string[]): SqliteConnection {
  const run = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw mapSqliteError(error, file);
    }
  };
  const database = run(() => new SQLite(file, { readonly, timeout: busyTimeoutMs }));
  const statements = new Map<string, SQLite.Statement>();

  /** Statements by their text: preparing costs more than executing. There are as many as the program has, so none is dropped. */
  function prepared(sql: string): SQLite.Statement {
    let statement = statements.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  }

  try {
    for (const pragma of pragmas) run(() => database.pragma(pragma));
  } catch (error) {
    database.close();
    throw error;
  }

  return {
    execute(sql, parameters = []) {
      return run(() => {
        const statement = prepared(sql);
        if (!statement.reader) return { rows: [], changes: statement.run(parameters).changes };
        const rows = statement.all(parameters);
        return { rows, changes: statement.readonly ? 0 : rows.length };
      });
    },
    isReadOnly: (sql) => run(() => prepared(sql).readonly),
    get inTransaction() {
      return database.inTransaction;
    },
    close: () => void database.close(),
  };
}
