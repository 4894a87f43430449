import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { bareLocal, type Contestant, openArena, stepgateLocal } from './arena.ts';
import { signIn } from './load.ts';
import { type Row, readMemoryMb, round, type Table } from './measure.ts';

/** What is left when nobody does anything, and what each login holds while it waits for its person. */
export async function run({ logins = 1500 } = {}): Promise<Table[]> {
  const arena = await openArena({ people: 1 });
  try {
    const find = (name: string) => arena.contestants.find((one) => one.name === name)!;
    const stepgate = find(stepgateLocal);
    const bare = find(bareLocal);
    await wait(2000); // they came up a moment ago
    const idle = toIdle(readMemoryMb(stepgate.server.pid), readMemoryMb(bare.server.pid).own);
    const waiting = [
      await measureWaiting(bare, arena.data.bare, logins),
      await measureWaiting(stepgate, arena.data.stepgate, logins),
    ];
    return [idle, toWaiting(waiting, logins)];
  } finally {
    await arena.close();
  }
}

function toIdle(stepgate: ReturnType<typeof readMemoryMb>, bare: number): Table {
  const [child = Number.NaN, spare = Number.NaN] = stepgate.children;
  const row = (what: string, megabytes: number): Row => ({
    what,
    MB: Math.round(megabytes),
    '× oidc-provider alone': round(megabytes / bare),
  });
  return {
    title: 'Memory, nobody signing in',
    rows: [
      row('oidc-provider alone', bare),
      row('server', stepgate.own),
      row('a sandbox process', child),
      row('another', spare),
      row('server and both', stepgate.own + child + spare),
    ],
    note: 'PSS: what several processes share is counted in parts, so that other programs on Node make it less.',
  };
}

interface Waiting {
  name: string;
  memoryBytes: number;
  diskBytes: number;
}

/** Begins sign-ins, after as many that make the process as large as its work makes it. */
async function measureWaiting({ name, server, target }: Contestant, data: string, logins: number): Promise<Waiting> {
  let begun = 0;
  const begin = async (count: number) => {
    const end = begun + count;
    const walk = async () => {
      while (begun < end) {
        const n = begun++;
        await signIn(target, 'leaves', `10.1.${n >> 8}.${n & 255}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, walk));
  };
  await begin(logins);
  const before = { memory: sumMemory(server.pid), disk: sizeOf(data) };
  await begin(logins);
  return {
    name,
    memoryBytes: ((sumMemory(server.pid) - before.memory) * 1e6) / logins,
    diskBytes: (sizeOf(data) - before.disk) / logins,
  };
}

function sumMemory(pid: number): number {
  const { own, children } = readMemoryMb(pid);
  return children.reduce((sum, each) => sum + each, own);
}

/** Bytes of the pages that hold something; the file grows in its own time. */
function sizeOf(directory: string): number {
  const database = new Database(join(directory, 'stepgate.db'), { readonly: true });
  const read = (name: string) => database.pragma(name, { simple: true }) as number;
  try {
    return (read('page_count') - read('freelist_count')) * read('page_size');
  } finally {
    database.close();
  }
}

function toWaiting(measured: readonly Waiting[], logins: number): Table {
  const [bare] = measured;
  return {
    title: 'A login that waits for its person',
    rows: measured.map(({ name, memoryBytes, diskBytes }) => ({
      way: name,
      'kB of memory': round(memoryBytes / 1000),
      'kB of database': round(diskBytes / 1000),
      '× oidc-provider alone, database': round(diskBytes / bare!.diskBytes),
    })),
    note:
      `${logins} sign-ins were begun, and stand at their first page. Memory is what the processes grew by meanwhile, with ` +
      'garbage that is not collected yet.',
  };
}
