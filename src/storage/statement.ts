import type { Compilable } from 'kysely';

/** What a statement did: the rows that it returned, and how many it inserted, changed or deleted. */
export interface Result {
  rows: unknown[];
  changes: number;
}

/** Where statements are executed: on committed state, or inside one unit of work. */
export interface Session {
  /** @throws AppError STORAGE_UNAVAILABLE, CONFLICT or NOT_FOUND: the dialect's mapping of the database's own errors. */
  execute(sql: string, parameters: readonly unknown[]): Promise<Result>;
}

/** A statement whose SQL is built once; afterwards only values are bound. */
export interface Statement<Params, Row> {
  all(session: Session, params: Params): Promise<Row[]>;
  first(session: Session, params: Params): Promise<Row | null>;
  /** Resolves with the number of rows inserted, changed or deleted. */
  run(session: Session, params: Params): Promise<number>;
}

/** Stands in the query for a value that is bound at each execution. */
interface Slot {
  slot: string;
}

/**
 * A statement from a query of Kysely's builder, which would otherwise be built and compiled anew each time and costs more
 * than SQLite needs to answer.
 *
 * The query is built at the first execution, and the names of that execution's parameters become its slots. So the names
 * must be the same each time, and what is built must not depend on the values.
 *
 * @example
 * const byId = prepare((p: { id: UserId }) => db.selectFrom('users').selectAll().where('id', '=', p.id));
 * const row = await byId.first(session, { id });
 */
export function prepare<Params extends object, Row>(build: (params: Params) => Compilable<Row>): Statement<Params, Row>;
/** The same, with each row read into what its users know. */
export function prepare<Params extends object, Row, Value>(
  build: (params: Params) => Compilable<Row>,
  read: (row: Row) => Value,
): Statement<Params, Value>;
export function prepare<Params extends object>(
  build: (params: Params) => Compilable,
  read: (row: never) => unknown = (row) => row,
): Statement<Params, unknown> {
  let compiled: { sql: string; bind(params: Params): unknown[] } | null = null;

  function execute(session: Session, params: Params): Promise<Result> {
    compiled ??= compile(build, Object.keys(params));
    return session.execute(compiled.sql, compiled.bind(params));
  }

  return {
    async all(session, params) {
      return (await execute(session, params)).rows.map((row) => read(row as never));
    },
    async first(session, params) {
      const { rows } = await execute(session, params);
      return rows.length > 0 ? read(rows[0] as never) : null;
    },
    async run(session, params) {
      return (await execute(session, params)).changes;
    },
  };
}

/** Executes a query whose shape depends on what is asked, such as a list with optional filters. */
export async function query<Row>(session: Session, compilable: Compilable<Row>): Promise<Row[]> {
  const { sql, parameters } = compilable.compile();
  return (await session.execute(sql, parameters)).rows as Row[];
}

function compile<Params extends object>(build: (params: Params) => Compilable, names: string[]) {
  const slots = Object.fromEntries(names.map((name): [string, Slot] => [name, { slot: name }]));
  const { sql, parameters } = build(slots as Params).compile();
  return {
    sql,
    bind: (params: Params) => parameters.map((value) => (isSlot(value) ? params[value.slot as keyof Params] : value)),
  };
}

function isSlot(value: unknown): value is Slot {
  return typeof value === 'object' && value !== null && 'slot' in value;
}
