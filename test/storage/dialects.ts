import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { AppError } from '../../src/kernel/errors.ts';
import { openDatabase, type StepgateDatabase } from '../../src/storage/open.ts';

/** An empty database for one test. */
export interface TestDatabase {
  db: StepgateDatabase;
  /** The faults that it told of. */
  faults: AppError[];
  remove(): Promise<void>;
}

export interface TestDialect {
  name: string;
  make(): Promise<TestDatabase>;
}

/** The databases that every test of a store runs on. */
export const dialects: TestDialect[] = [{ name: 'SQLite', make: makeSqlite }];

/** Gives each test of the surrounding block a database of its own. */
export function useDatabase({ make }: TestDialect): { readonly db: StepgateDatabase; readonly faults: AppError[] } {
  let current: TestDatabase;
  beforeEach(async () => {
    current = await make();
  });
  afterEach(() => current.remove());
  return {
    get db() {
      return current.db;
    },
    get faults() {
      return current.faults;
    },
  };
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'stepgate-storage-'));
}

async function makeSqlite(): Promise<TestDatabase> {
  const directory = temporaryDirectory();
  const faults: AppError[] = [];
  const db = await openDatabase({ directory, onFault: (fault) => faults.push(fault) });
  return {
    db,
    faults,
    async remove() {
      await db.close();
      rmSync(directory, { recursive: true });
    },
  };
}
