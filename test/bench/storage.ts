import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/storage/open.ts';
import { openWriter, type SqliteConnection } from '../../src/storage/sqlite/connection.ts';
import { sqlite } from '../../src/storage/sqlite/dialect.ts';
import { createGroupCommit } from '../../src/storage/sqlite/group-commit.ts';
import type { Session } from '../../src/storage/statement.ts';
import { defineStores } from '../../src/storage/stores.ts';
import type { Stores } from '../../src/stores.ts';
import { temporaryDirectory } from '../storage/dialects.ts';
import { aLogin, anEntry, anEvent } from '../storage/samples.ts';

/** How fast one way of committing is with so many writers at once. */
export interface StorageRow {
  way: string;
  writers: number;
  unitsPerSecond: number;
  /** How many times as fast as FULL without group commit, with as many writers, in the same run. */
  timesFull: number;
}

const ways: { way: string; synchronous: 'NORMAL' | 'FULL'; group: boolean }[] = [
  { way: 'NORMAL, a commit each', synchronous: 'NORMAL', group: false },
  { way: 'FULL, a commit each', synchronous: 'FULL', group: false },
  { way: 'FULL, group commit', synchronous: 'FULL', group: true },
];

/**
 * Measures units of work as a step of a login writes them: the login moved on, an entry of its journal, an event.
 * The ways take turns, so that a busy machine is busy for all of them; of each, the median of the rounds counts.
 */
export async function run({ rounds = 5, roundMs = 200 } = {}): Promise<{ rows: StorageRow[] }> {
  const directory = temporaryDirectory();
  const createStores = defineStores(sqlite);
  const contestants = [];
  for (const { way, synchronous, group } of ways) {
    const file = join(directory, `${way}.db`);
    await (await openDatabase({ file })).close();
    const connection = openWriter(file, { synchronous });
    const units = group ? createGroupCommit({ connection, onFault: raise }).unit : commitEach(connection);
    const unit = <T>(work: (stores: Stores) => Promise<T>) => units((session) => work(createStores(session)));
    contestants.push({ way, connection, unit });
  }

  const rows: StorageRow[] = [];
  for (const writers of [1, 8, 32]) {
    const rates = new Map<string, number[]>(ways.map(({ way }) => [way, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const { way, unit } of contestants) {
        const rate = await unitsPerSecond(unit, writers, roundMs);
        // The first round warms up.
        if (round > 0) rates.get(way)?.push(rate);
      }
    }
    const full = median(rates.get('FULL, a commit each') ?? []);
    for (const { way } of ways) {
      const rate = median(rates.get(way) ?? []);
      rows.push({ way, writers, unitsPerSecond: Math.round(rate), timesFull: Math.round((rate / full) * 100) / 100 });
    }
  }

  for (const { connection } of contestants) connection.close();
  rmSync(directory, { recursive: true });
  return { rows };
}

async function unitsPerSecond(
  unit: <T>(work: (stores: Stores) => Promise<T>) => Promise<T>,
  writers: number,
  ms: number,
): Promise<number> {
  let done = 0;
  const begin = performance.now();
  const end = begin + ms;
  const write = async () => {
    const login = aLogin();
    await unit(({ logins }) => logins.insert(login));
    for (let seq = 0; performance.now() < end; seq++) {
      await unit(async ({ logins, audit }) => {
        await logins.update({ ...login, cursor: seq, waitingSealed: 'x'.repeat(400), revision: seq + 1 });
        await logins.appendEntry(login.id, anEntry(seq, { contentSealed: 'x'.repeat(300) }));
        await audit.append(anEvent({ loginId: login.id }));
      });
      done++;
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return (done * 1000) / (performance.now() - begin);
}

/** Units one after another, each with a commit of its own: what group commit is measured against. */
function commitEach(connection: SqliteConnection) {
  let last: Promise<unknown> = Promise.resolve();
  const session: Session = { execute: async (sql, parameters) => connection.execute(sql, parameters) };
  return <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const next = last.then(async () => {
      connection.execute('BEGIN IMMEDIATE');
      const value = await work(session);
      connection.execute('COMMIT');
      return value;
    });
    last = next;
    return next;
  };
}

function raise(fault: Error): never {
  throw fault;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

if (import.meta.main) console.table((await run()).rows);
