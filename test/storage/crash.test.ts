import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LoginId } from '../../src/kernel/ids.ts';
import { openDatabase, type StepgateDatabase } from '../../src/storage/open.ts';
import { temporaryDirectory } from './dialects.ts';
import { now } from './samples.ts';

const program = fileURLToPath(new URL('./write-until-killed.ts', import.meta.url));

let directory: string;
let file: string;
let child: ChildProcess | null = null;

beforeEach(() => {
  directory = temporaryDirectory();
  file = join(directory, 'stepgate.db');
});

afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

interface Told {
  kept: LoginId[];
  lost: { id: LoginId; code: string }[];
}

/** Lets the child write until `enough`, kills it, and gives all that it had said. */
async function writeUntil(
  command: string,
  args: string[],
  enough: (told: Told, pid: number) => boolean,
): Promise<Told> {
  const running = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child = running;
  const told: Told = { kept: [], lost: [] };
  const lines = createInterface({ input: running.stdout });
  lines.on('line', (line) => {
    const [outcome, id, code = ''] = line.split(' ');
    if (outcome === 'kept') told.kept.push(id as LoginId);
    else told.lost.push({ id: id as LoginId, code });
    if (enough(told, running.pid ?? 0)) running.kill('SIGKILL');
  });
  const [[exitCode, signal]] = await Promise.all([once(running, 'exit'), once(lines, 'close')]);
  expect([exitCode, signal]).toEqual([null, 'SIGKILL']);
  return told;
}

/** All that was kept is there and whole, nothing that was lost is, and nothing is half there. */
async function expectTold(db: StepgateDatabase, { kept, lost }: Told): Promise<void> {
  const stored = await db.read.logins.list({ after: null, limit: 100_000 });
  const ids = new Set(stored.map(({ id }) => id));
  expect(kept.filter((id) => !ids.has(id))).toEqual([]);
  expect(lost.filter(({ id }) => ids.has(id))).toEqual([]);
  for (const { id } of stored) {
    expect((await db.read.logins.listEntries(id)).map(({ seq }) => seq)).toEqual([0, 1]);
    expect((await db.read.audit.list({ after: null, limit: 10, loginId: id })).length).toBe(1);
  }
  expect((await db.read.audit.list({ after: null, limit: 100_000 })).length).toBe(stored.length);
  expect((await db.read.throttle.find('units', now)).count).toBe(stored.length);
}

test('killed at any moment, it has kept all that it said it had', async () => {
  const all: Told = { kept: [], lost: [] };
  for (const lines of [1, 7, 40, 111, 200]) {
    const told = await writeUntil(process.execPath, [program, file], ({ kept }) => kept.length >= lines);
    all.kept.push(...told.kept);
    expect(told.lost).toEqual([]);
    const db = await openDatabase({ file });
    await db.check();
    await expectTold(db, all);
    await db.close();
  }
});

test('when the disk takes no more, it says so, and goes on by itself when there is room', async () => {
  // The limit on a file's size makes writing fail as a full disk does, at the commit. Node ignores the signal for it.
  const limited = ['-c', 'ulimit -S -f 3000; exec "$0" "$@"', process.execPath, program, file];
  let keptBefore = 0;
  const told = await writeUntil('/bin/sh', limited, ({ kept, lost }, pid) => {
    if (lost.length === 12) {
      keptBefore = kept.length;
      execFileSync('prlimit', ['--pid', String(pid), '--fsize=unlimited']);
    }
    return lost.length >= 12 && kept.length > keptBefore + 50;
  });
  expect(keptBefore).toBeGreaterThan(0);
  expect(new Set(told.lost.map(({ code }) => code))).toEqual(new Set(['STORAGE_UNAVAILABLE']));
  const db = await openDatabase({ file });
  await expectTold(db, told);
  await db.close();
});
