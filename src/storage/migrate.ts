import type { ColumnBuilderCallback, Compilable, Kysely, SchemaModule } from 'kysely';
import { AppError } from '../kernel/errors.ts';
import { firstSchema } from './migrations/0001-first-schema.ts';
import type { Result } from './statement.ts';
import type { Tables } from './tables.ts';

/** One step of the schema. It is never changed once released: what came out wrong is put right by the next one. */
export interface Migration {
  version: number;
  name: string;
  up(context: { schema: SchemaModule; types: MigrationTypes }): Compilable[];
}

/** Column types that each database spells in its own way. */
export interface MigrationTypes {
  /** A primary key that the database counts up itself. */
  counter: { type: 'integer' | 'bigint'; build: ColumnBuilderCallback };
}

/** In order; the last one's version is the schema that this program works with. */
const ours: readonly Migration[] = [firstSchema];

/**
 * Brings the schema up to date. The caller holds a write transaction around it, so that it happens whole or not at all
 * and two processes that start at once do not meet.
 *
 * @param database what the admin knows it by.
 * @param now milliseconds since the epoch, for the record.
 * @param migrations others than ours only in tests.
 * @throws AppError SETTING_INVALID when the schema is newer than this program.
 */
export async function migrate({
  db,
  types,
  execute,
  database,
  now,
  migrations = ours,
}: {
  db: Kysely<Tables>;
  types: MigrationTypes;
  execute(sql: string, parameters: readonly unknown[]): Result | Promise<Result>;
  database: string;
  now: number;
  migrations?: readonly Migration[];
}): Promise<void> {
  const run = async (statement: Compilable) => {
    const { sql, parameters } = statement.compile();
    return (await execute(sql, parameters)).rows;
  };

  await run(
    db.schema
      .createTable('schema_versions')
      .ifNotExists()
      .addColumn('version', 'integer', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('applied_at', 'bigint', (c) => c.notNull()),
  );
  const [row] = await run(db.selectFrom('schema_versions').select((eb) => eb.fn.max('version').as('version')));
  const current = (row as { version: number | null } | undefined)?.version ?? 0;
  const newest = migrations.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new AppError('SETTING_INVALID', {
      detail:
        `The database ${database} has schema version ${current}, and this Stepgate knows no newer one than ${newest}. ` +
        'Start the Stepgate that wrote it, or restore the backup from before the upgrade.',
    });
  }

  for (const { version, name, up } of migrations.filter((migration) => migration.version > current)) {
    for (const statement of up({ schema: db.schema, types })) await run(statement);
    await run(db.insertInto('schema_versions').values({ version, name, applied_at: now }));
  }
}
