import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { MigrationTypes } from '../migrate.ts';
import type { Tables } from '../tables.ts';

/**
 * Kysely as a typed builder of SQLite's SQL. It holds no connection: what it builds is executed by a session, in the unit
 * of work that the session belongs to.
 */
export const sqlite = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

export const sqliteTypes: MigrationTypes = {
  counter: { type: 'integer', build: (column) => column.primaryKey().autoIncrement() },
};
