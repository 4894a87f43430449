import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AppError } from '../../src/kernel/errors.ts';
import { openReader, openWriter, type SqliteConnection } from '../../src/storage/sqlite/connection.ts';
import { createGroupCommit, type GroupCommit } from '../../src/storage/sqlite/group-commit.ts';
import type { Session } from '../../src/storage/statement.ts';
import { temporaryDirectory } from './dialects.ts';

let directory: string;
let writer: SqliteConnection;
let reader: SqliteConnection;
let units: GroupCommit;
let faults: AppError[];

beforeAll(() => {
  directory = temporaryDirectory();
  const file = join(directory, 'test.db');
  writer = openWriter(file, { synchronous: 'NORMAL' });
  writer.execute('CREATE TABLE counts (key TEXT PRIMARY KEY, count INTEGER NOT NULL)');
  // A row without its parent passes every statement and is found at the commit only.
  writer.execute('CREATE TABLE late (parent TEXT REFERENCES counts (key) DEFERRABLE INITIALLY DEFERRED)');
  writer.execute('CREATE TABLE strict (parent TEXT REFERENCES counts (key))');
  writer.execute('CREATE TABLE blobs (id INTEGER PRIMARY KEY, content BLOB)');
  reader = openReader(file);
});

beforeEach(() => {
  reset();
});

afterAll(() => {
  reader.close();
  writer.close();
  rmSync(directory, { recursive: true });
});

function reset() {
  for (const table of ['late', 'strict', 'blobs', 'counts']) writer.execute(`DELETE FROM ${table}`);
  faults = [];
  units = createGroupCommit({ connection: writer, onFault: (fault) => faults.push(fault) });
}

const countOf = ({ rows }: { rows: unknown[] }) => (rows[0] as { count: number } | undefined)?.count ?? 0;
const read = async (session: Session, key: string) =>
  countOf(await session.execute('SELECT count FROM counts WHERE key = ?', [key]));
const committed = (key: string) => countOf(reader.execute('SELECT count FROM counts WHERE key = ?', [key]));
const add = async (session: Session, key: string, amount: number) =>
  countOf(
    await session.execute(
      'INSERT INTO counts VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count RETURNING count',
      [key, amount],
    ),
  );

const endings = ['succeeds', 'succeeds', 'throws', 'breaks a statement', 'spoils the commit', 'never ends'] as const;

/** What one unit does. */
const plans = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b'),
    amount: fc.integer({ min: 1, max: 5 }),
    ending: fc.constantFrom(...endings),
    /** Microtasks that it spends between reading and writing. */
    pauses: fc.integer({ min: 0, max: 3 }),
    /** When it is handed in, after the one before. */
    handedIn: fc.constantFrom('at once', 'in a microtask', 'in another turn'),
  }),
  { minLength: 1, maxLength: 25 },
);

type Plan = typeof plans extends fc.Arbitrary<(infer P)[]> ? P : never;

/** What its caller was told, and what was committed at that moment. */
interface Told {
  plan: Plan;
  seen: number;
  value: number | null;
  error: unknown;
  committed: number;
}

async function play(all: Plan[]): Promise<Told[]> {
  const told: Promise<Told>[] = [];
  for (const plan of all) {
    if (plan.handedIn === 'in a microtask') await Promise.resolve();
    if (plan.handedIn === 'in another turn') await nextTurn();
    let seen = 0;
    const { value, durable } = units.unit.early(async (session) => {
      seen = await read(session, plan.key);
      for (let pause = 0; pause < plan.pauses; pause++) await Promise.resolve();
      const count = await add(session, plan.key, plan.amount);
      if (plan.ending === 'throws') throw new Error('throws');
      if (plan.ending === 'breaks a statement') {
        await session.execute("INSERT INTO strict VALUES ('nobody')", []).catch(() => {});
      }
      if (plan.ending === 'spoils the commit') await session.execute("INSERT INTO late VALUES ('nobody')", []);
      if (plan.ending === 'never ends') await new Promise(() => {});
      return count;
    });
    told.push(
      durable.then(
        async () => ({ plan, seen, value: await value, error: null, committed: committed(plan.key) }),
        (error: unknown) => ({ plan, seen, value: null, error, committed: committed(plan.key) }),
      ),
    );
  }
  return Promise.all(told);
}

const codeOf = (error: unknown) => (error as { code?: string }).code ?? (error as Error).message;

/** How a unit fails by its own doing, if its batch is not lost. */
const ownFailure: Partial<Record<Plan['ending'], string>> = {
  throws: 'throws',
  'breaks a statement': 'NOT_FOUND',
  'never ends': 'INTERNAL',
};

describe('group commit', () => {
  test('is as if the units that happened had run alone, one after another', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (all) => {
        reset();
        const told = await play(all);
        const model = new Map<string, number>();
        for (const { plan, seen, value, error, committed } of told) {
          const before = model.get(plan.key) ?? 0;
          const lost = error !== null && codeOf(error) === 'STORAGE_UNAVAILABLE';
          if (lost) {
            expect(faults).toContain(error);
            continue;
          }
          // It read from what happened, and from nothing that was undone; and all that it knows was on disk when it was told.
          expect(seen).toBe(before);
          expect(committed).toBeGreaterThanOrEqual(value ?? seen);
          if (error !== null) {
            expect(codeOf(error)).toBe(ownFailure[plan.ending]);
            continue;
          }
          expect(plan.ending).toBe('succeeds');
          expect(value).toBe(before + plan.amount);
          model.set(plan.key, before + plan.amount);
        }
        for (const key of ['a', 'b']) expect(committed(key)).toBe(model.get(key) ?? 0);
        // Only a unit that spoils its commit may have cost its neighbours anything.
        if (!all.some(({ ending }) => ending === 'spoils the commit')) expect(faults).toEqual([]);
        expect(writer.inTransaction).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('when the commit fails, all of its units are told so, and the next ones happen', async () => {
    const outcomes = await Promise.allSettled([
      units.unit((session) => add(session, 'a', 1)),
      units.unit(async () => {
        throw new Error('a mistake');
      }),
      units.unit((session) => session.execute("INSERT INTO late VALUES ('nobody')", [])),
      units.unit((session) => read(session, 'a')),
    ]);
    const lost = expect.objectContaining({ code: 'STORAGE_UNAVAILABLE' });
    // Also who failed by himself, and who only read: both may have seen what is not there.
    expect(outcomes).toEqual(outcomes.map(() => ({ status: 'rejected', reason: lost })));
    expect(faults).toEqual([lost]);
    expect(committed('a')).toBe(0);
    expect(await units.unit((session) => add(session, 'a', 1))).toBe(1);
    expect(committed('a')).toBe(1);
  });

  test('units of one turn share a commit, those of two turns do not', async () => {
    const version = () => Object.values(reader.execute('PRAGMA data_version').rows[0] as object)[0];
    const commits = async (...batches: number[]) => {
      let seen = 0;
      for (const size of batches) {
        const before = version();
        await Promise.all(Array.from({ length: size }, () => units.unit((session) => add(session, 'a', 1))));
        if (version() !== before) seen++;
      }
      return seen;
    };
    expect(await commits(50)).toBe(1);
    expect(await commits(1, 1, 1)).toBe(3);
  });

  test('a full disk costs who needs room, and nothing is half done', async () => {
    const pages = () => Object.values(writer.execute('PRAGMA page_count').rows[0] as object)[0] as number;
    const limitTo = (count: number) => writer.execute(`PRAGMA max_page_count = ${count}`);
    const write = (id: number, kilobytes: number) =>
      units.unit(async (session) => {
        await add(session, `blob ${id}`, 1);
        await session.execute('INSERT INTO blobs VALUES (?, ?)', [id, Buffer.alloc(kilobytes * 1024)]);
        return id;
      });
    const stored = () =>
      reader.execute('SELECT id FROM blobs ORDER BY id').rows.map((row) => (row as { id: number }).id);

    await write(0, 1);
    limitTo(pages() + 8);
    const outcomes = await Promise.allSettled([write(1, 1), write(2, 500), write(3, 1)]);
    const kept = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(outcomes[1]).toEqual({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'STORAGE_UNAVAILABLE', detail: expect.stringContaining('SQLITE_FULL') }),
    });
    expect(stored()).toEqual([0, ...kept]);
    for (const id of [1, 2, 3]) expect(committed(`blob ${id}`)).toBe(kept.includes(id) ? 1 : 0);

    limitTo(1_000_000);
    expect(await write(2, 500)).toBe(2);
    expect(stored()).toContain(2);
  });
});
