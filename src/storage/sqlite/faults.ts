import SQLite from 'better-sqlite3';
import { AppError } from '../../kernel/errors.ts';

/** What an admin is told of each kind of fault, by the first part of SQLite's result code (sqlite.org/rescode.html). */
const faults: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'Another process holds the database’s write lock; end it, or wait until it is done.',
  SQLITE_LOCKED: 'Another process holds the database’s write lock; end it, or wait until it is done.',
  SQLITE_PROTOCOL: 'Too many processes use the database at once; end all but one.',
  SQLITE_FULL: 'The disk is full; make room, nothing else is needed.',
  SQLITE_IOERR: 'The disk answered with an error; look at the system’s log.',
  SQLITE_READONLY: 'The database’s file or directory may not be written; look at its owner and permissions.',
  SQLITE_PERM: 'The database’s file or directory may not be used; look at its owner and permissions.',
  SQLITE_CANTOPEN: 'A file of the database cannot be opened; look at the directory, its owner and permissions.',
  SQLITE_CORRUPT: 'The database’s file is damaged; restore a backup.',
  SQLITE_NOTADB: 'The file is not a database; restore a backup, or name another file.',
  SQLITE_NOMEM: 'The machine is out of memory.',
};

/**
 * The one place where SQLite's errors become ours: faults of the storage, and broken constraints. Everything else is a
 * mistake in a statement and stays what it is.
 */
export function mapSqliteError(error: unknown, file: string): unknown {
  if (!(error instanceof SQLite.SqliteError)) return error;
  if (error.code === 'SQLITE_CONSTRAINT_UNIQUE' || error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
    return new AppError('CONFLICT', { detail: error.message, cause: error });
  }
  if (error.code === 'SQLITE_CONSTRAINT_FOREIGNKEY') {
    return new AppError('NOT_FOUND', { detail: 'What it belongs to does not exist, or no longer.', cause: error });
  }
  const kind = Object.entries(faults).find(([code]) => error.code.startsWith(code));
  return kind ? storageFault(`${kind[1]} (${error.code}, ${file})`, error) : error;
}

/** A fault of the storage, as the users of a unit of work get it. */
export function storageFault(detail: string, cause?: unknown): AppError {
  return new AppError('STORAGE_UNAVAILABLE', { detail, cause });
}
