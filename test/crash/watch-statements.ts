import SQLite from 'better-sqlite3';

/** Calls back around every statement that may write, with its text; for databases that are opened from now on. */
export function watchStatements({
  before,
  after,
}: {
  before: (sql: string) => void;
  after: (sql: string) => void;
}): void {
  const prepare = SQLite.prototype.prepare;
  SQLite.prototype.prepare = function prepareWatched(this: SQLite.Database, sql: string) {
    const statement = prepare.call(this, sql);
    // BEGIN, SAVEPOINT and COMMIT pass for reading in SQLite's own view.
    if (/^select|^pragma/i.test(sql)) return statement;
    for (const method of ['run', 'all'] as const) {
      const run = statement[method].bind(statement) as (...given: unknown[]) => unknown;
      Object.defineProperty(statement, method, {
        value: (...given: unknown[]) => {
          before(sql);
          const result = run(...given);
          after(sql);
          return result;
        },
      });
    }
    return statement;
  } as typeof prepare;
}
