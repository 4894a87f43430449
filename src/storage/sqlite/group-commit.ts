import { AsyncResource } from 'node:async_hooks';
import { setImmediate } from 'node:timers';
import { AppError } from '../../kernel/errors.ts';
import type { UnitOfWork } from '../../kernel/unit-of-work.ts';
import type { Session } from '../statement.ts';
import type { SqliteConnection } from './connection.ts';
import { storageFault } from './faults.ts';

/*
 * Units of work on SQLite's one writing connection, with group commit.
 *
 * A commit that survives a power failure waits for the disk, so all units of one turn of the event loop share one: the
 * turn's first unit begins a transaction, each unit runs in a savepoint of its own, and the transaction is committed when
 * the turn's callbacks have run.
 *
 * 1. Units run one after another, in the order in which they were handed in.
 * 2. A unit that fails goes back to its savepoint; its neighbours are untouched.
 * 3. Nobody is told anything before the commit: not even a failure, which may come of something a neighbour did.
 * 4. If the commit fails, none of the batch's units happened, and all are told so. The next batch begins on what is on disk.
 * 5. A unit in which a statement failed does not happen, even if its work caught the error: PostgreSQL would not let it
 *    go on either, and what it did until then is half of something.
 * 6. Within a turn all of a unit's awaits come to an end, because stores answer at once. A unit that is still running when
 *    the turn is over waits for something else. It fails; else it would hold up everybody's commit.
 */

/** A rush is cut into batches of this size, so that other work of the process gets its turn. */
const mostUnitsInBatch = 128;

interface Unit {
  work(session: Session): Promise<unknown>;
  value: PromiseWithResolvers<unknown>;
  durable: PromiseWithResolvers<void>;
  /** Why it does not happen: what its work threw, else the first statement that failed. */
  failure: { error: unknown } | null;
}

interface Batch {
  units: Unit[];
  /** Why nothing of it can be committed any more. */
  fault: AppError | null;
}

export interface GroupCommit {
  /** Hands the unit's session to its work. */
  unit: UnitOfWork<Session>;
  /** Moves all that is committed from the log into the database, and empties the log: no old page is left in it. */
  emptyLog(): Promise<void>;
  /** Takes no more units, and resolves when those it has are settled. */
  end(): Promise<void>;
}

/**
 * @param connection the one that writes; nobody else may use it from now on.
 * @param onFault is told of every batch that was lost, for the log.
 */
export function createGroupCommit({
  connection,
  onFault,
}: {
  connection: SqliteConnection;
  onFault(fault: AppError): void;
}): GroupCommit {
  const queue: Unit[] = [];
  let batch: Batch | null = null;
  let running: Unit | null = null;
  let ended: PromiseWithResolvers<void> | null = null;
  let emptied: PromiseWithResolvers<void> | null = null;

  function add<T>(work: (session: Session) => Promise<T>): { value: Promise<T>; durable: Promise<void> } {
    const unit: Unit = {
      // A unit may be started by its predecessor's end; it keeps the context of whoever handed it in.
      work: AsyncResource.bind(work),
      value: Promise.withResolvers<unknown>(),
      durable: Promise.withResolvers<void>(),
      failure: null,
    };
    // Whoever needs only one of the two need not handle the other.
    unit.value.promise.catch(() => {});
    unit.durable.promise.catch(() => {});
    if (ended) {
      refuse(unit, storageFault('The database is closed.'));
    } else {
      queue.push(unit);
      startNext();
    }
    return { value: unit.value.promise as Promise<T>, durable: unit.durable.promise };
  }

  function startNext(): void {
    if (running || queue.length === 0) return;
    batch ??= begin();
    if (!batch || batch.fault || batch.units.length === mostUnitsInBatch) return;
    const unit = queue.shift() as Unit;
    batch.units.push(unit);
    running = unit;
    void run(unit);
  }

  /** Opens a transaction that is committed at the end of this turn. When it cannot, what waits for it fails. */
  function begin(): Batch | null {
    try {
      rollback();
      connection.execute('BEGIN IMMEDIATE');
    } catch (error) {
      const fault = asFault(error);
      for (const unit of queue.splice(0)) refuse(unit, fault);
      onFault(fault);
      return null;
    }
    setImmediate(commit);
    return { units: [], fault: null };
  }

  async function run(unit: Unit): Promise<void> {
    try {
      connection.execute('SAVEPOINT unit');
      const value = await unit.work(sessionOf(unit));
      finish(unit, null, value);
    } catch (error) {
      finish(unit, { error }, undefined);
    }
    startNext();
  }

  function sessionOf(unit: Unit): Session {
    return {
      async execute(sql, parameters) {
        if (unit !== running) throw new Error('A store was used after its unit of work had ended.');
        try {
          return connection.execute(sql, parameters);
        } catch (error) {
          unit.failure ??= { error };
          throw error;
        }
      },
    };
  }

  function finish(unit: Unit, failure: { error: unknown } | null, value: unknown): void {
    if (unit !== running || !batch) return;
    running = null;
    unit.failure = failure ?? unit.failure;
    try {
      if (!connection.inTransaction) throw unit.failure?.error ?? storageFault('The transaction was lost.');
      if (unit.failure) connection.execute('ROLLBACK TO unit');
      connection.execute('RELEASE unit');
    } catch (error) {
      batch.fault = asFault(error);
      unit.failure = { error: batch.fault };
    }
    if (unit.failure) unit.value.reject(unit.failure.error);
    else unit.value.resolve(value);
  }

  function commit(): void {
    if (!batch) return;
    if (running) finish(running, { error: waitsForSomethingElse() }, undefined);
    const { units } = batch;
    let { fault } = batch;
    if (!fault) {
      try {
        connection.execute('COMMIT');
      } catch (error) {
        fault = asFault(error);
      }
    }
    if (fault) {
      onFault(fault);
      try {
        rollback();
      } catch {
        // The next batch tries again before it begins, and fails if it cannot.
      }
    }
    batch = null;
    if (emptied && !fault) emptyNow(emptied);
    for (const { durable, failure } of units) {
      if (fault) durable.reject(fault);
      else if (failure) durable.reject(failure.error);
      else durable.resolve();
    }
    startNext();
    if (!batch) ended?.resolve();
  }

  /** Between two transactions: within one it would wait for itself. */
  function emptyNow({ resolve, reject }: PromiseWithResolvers<void>): void {
    emptied = null;
    try {
      connection.execute('PRAGMA wal_checkpoint(TRUNCATE)');
      resolve();
    } catch (error) {
      reject(error);
    }
  }

  function rollback(): void {
    if (connection.inTransaction) connection.execute('ROLLBACK');
  }

  const unit = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const { value, durable } = add(work);
    await durable;
    return value;
  };

  return {
    unit: Object.assign(unit, { early: add }),
    async emptyLog() {
      emptied ??= Promise.withResolvers<void>();
      const { promise } = emptied;
      await Promise.all([unit(async () => {}), promise]);
    },
    end() {
      ended ??= Promise.withResolvers<void>();
      if (!batch) ended.resolve();
      return ended.promise;
    },
  };
}

function refuse(unit: Unit, fault: AppError): void {
  unit.value.reject(fault);
  unit.durable.reject(fault);
}

/** Whatever loses a transaction is a fault of the storage to those whose units were in it. */
function asFault(error: unknown): AppError {
  if (error instanceof AppError && error.code === 'STORAGE_UNAVAILABLE') return error;
  return storageFault('The transaction could not be completed.', error);
}

function waitsForSomethingElse(): AppError {
  return new AppError('INTERNAL', {
    detail:
      'A unit of work waited for something other than its stores. ' +
      'It may await nothing but the stores it is handed: no network, no timers, no other unit.',
  });
}
