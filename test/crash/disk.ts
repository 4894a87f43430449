import { copyFileSync, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type StepgateDatabase } from '../../src/storage/open.ts';
import { watchStatements } from './watch-statements.ts';

/*
 * What a server leaves behind that is killed between two statements, without killing one: SIGKILL takes nothing back that
 * was handed to the system, so a copy of database and log at that moment is what the next start would find. One request
 * shows all its moments. Import this before a database is opened: statements that are prepared already are not seen.
 */

let look: (() => void) | null = null;

watchStatements({ before: () => look?.(), after: () => look?.() });

/**
 * @param act what writes; nothing else should meanwhile
 * @param read what a server that starts from such a copy would know
 * @returns that of each moment, without repetitions in a row, the oldest first; and how many moments there were
 */
export async function readEachMoment<T>(
  directory: string,
  act: () => Promise<unknown>,
  read: (stores: StepgateDatabase['read']) => Promise<T>,
): Promise<{ states: T[]; moments: number }> {
  const copies = await mkdtemp(join(tmpdir(), 'stepgate-moments-'));
  let moments = 0;
  look = () => {
    const to = join(copies, `${moments++}.db`);
    for (const suffix of ['', '-wal']) {
      const from = join(directory, `stepgate.db${suffix}`);
      if (existsSync(from)) copyFileSync(from, `${to}${suffix}`);
    }
  };
  try {
    await act();
    look = null;
    const states: T[] = [];
    for (let moment = 0; moment < moments; moment++) {
      const database = await openDatabase({ file: join(copies, `${moment}.db`) });
      const state = await read(database.read);
      await database.close();
      if (JSON.stringify(state) !== JSON.stringify(states.at(-1))) states.push(state);
    }
    return { states, moments };
  } finally {
    look = null;
    await rm(copies, { recursive: true, force: true });
  }
}
