import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { day, hour } from '../src/kernel/clock.ts';
import { newId } from '../src/kernel/ids.ts';
import { openDatabase, type StepgateDatabase } from '../src/storage/open.ts';
import { createSweeper } from '../src/sweeper.ts';
import { temporaryDirectory } from './storage/dialects.ts';
import { aLogin, anEvent } from './storage/samples.ts';

let directory: string;
let database: StepgateDatabase;
const now = 2_000_000_000_000;

beforeEach(async () => {
  directory = temporaryDirectory();
  database = await openDatabase({ directory });
});
afterEach(async () => {
  await database.close();
  rmSync(directory, { recursive: true });
});

const sweep = (of: { historyDays?: number; auditDays?: number } = {}) =>
  createSweeper({
    database,
    clock: { now: () => now },
    historyDays: 30,
    auditDays: 365,
    rotateKeys: async () => {},
    log: { warn: () => {} },
    ...of,
  }).sweep();

test('events go after their time, however many there are, and no younger one with them', async () => {
  await database.unit(async ({ audit }) => {
    for (let i = 0; i < 1234; i++) await audit.append(anEvent({ at: now - 366 * day }));
    await audit.append(anEvent({ type: 'kept', at: now - 364 * day }));
    await audit.append(anEvent({ type: 'kept', at: now }));
  });
  await sweep();
  const types = async () => (await database.read.audit.list({ after: null, limit: 2000 })).map(({ type }) => type);
  expect(await types()).toEqual(['kept', 'kept']);
  await sweep({ auditDays: 30 });
  expect(await types()).toEqual(['kept']);
});

test('what a script told goes when nobody wants to know any more, and nothing that somebody does', async () => {
  const loginId = newId('login');
  await database.unit(async ({ tellings }) => {
    for (const [seq, expiresAt] of [now - day, now, now + 1].entries()) {
      await tellings.insert({ loginId, seq, contentSealed: 'sealed', expiresAt });
    }
  });
  await sweep();
  expect((await database.read.tellings.list(0, 10)).map(({ seq }) => seq)).toEqual([2]);
});

test('sign-ins that nobody went on with go after a day, those of an account and those that ended after theirs', async () => {
  const ended = { status: 'failed', endedAt: now - 2 * day, expiresAt: now - 2 * day } as const;
  const logins = {
    'abandoned long ago': aLogin({ expiresAt: now - day - 1 }),
    'abandoned a moment ago': aLogin({ expiresAt: now - hour, cursor: 1 }),
    'abandoned after a step, a moment ago': aLogin({ expiresAt: now - hour, cursor: 2 }),
    'open after a step': aLogin({ expiresAt: now + 1, cursor: 2 }),
    open: aLogin({ expiresAt: now + 1 }),
    'abandoned by somebody with an account': aLogin({ expiresAt: now - 2 * day, userId: newId('user') }),
    ended: aLogin(ended),
    'ended long ago': aLogin({ ...ended, endedAt: now - 31 * day }),
  };
  await database.unit(async (stores) => {
    for (const login of Object.values(logins)) await stores.logins.insert(login);
  });
  await sweep();
  const left = (await database.read.logins.list({ after: null, limit: 10 })).map(({ id }) => id);
  expect(Object.entries(logins).flatMap(([what, { id }]) => (left.includes(id) ? what : []))).toEqual([
    'abandoned a moment ago',
    'open after a step',
    'open',
    'abandoned by somebody with an account',
    'ended',
  ]);
});
