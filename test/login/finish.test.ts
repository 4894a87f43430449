import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FinishDeps, finishLogin } from '../../src/login/finish.ts';
import { createJournals, type JournalEntry } from '../../src/login/journal.ts';
import { beginsSignIn, loginIdOf } from '../stories/moves.ts';
import { startWorld, type World } from '../stories/world.ts';

/** A sandbox that says «success» is not believed: the journal must hold a step that proves somebody. */

let world: World;

beforeAll(async () => {
  world = await startWorld({ flow: { script: 'function onLoginRequest(context) { executeStep(1); }' } });
});
afterAll(async () => {
  await world?.close();
});

const step =
  (answer: Record<string, unknown>) =>
  (seq: number): JournalEntry =>
    ({
      seq,
      op: 'step',
      args: '[1]',
      answer: JSON.stringify({ at: 1, step: 1, ...answer }),
    }) as unknown as JournalEntry;
const person = { userId: 'user_nobody' };

it.each<[string, ((seq: number) => JournalEntry)[]]>([
  ['no step at all', []],
  ['a step that failed', [step({ outcome: 'fail', idp: 'LOCAL', failure: { code: 'PASSWORD_WRONG' } })]],
  [
    'a step that names somebody and proves nothing',
    [step({ outcome: 'success', proves: false, idp: 'LOCAL', authenticator: 'IdentifierExecutor', person, amr: [] })],
  ],
])('with %s in the journal the sign-in fails', async (_what, more) => {
  const id = loginIdOf(await beginsSignIn(world));
  const { database } = world.app;
  const journals = createJournals({ box: world.box });
  const login = await database.read.logins.findById(id);
  const application = await database.read.applications.findById(world.registered.id);
  if (!login || !application) throw new Error('The sign-in is not there.');
  const begun = await journals.read(database.read.logins, id);
  const handedOver: unknown[] = [];
  const ended: unknown[] = [];
  const deps = {
    database,
    journals,
    box: world.box,
    clock: world.clock,
    finisher: {
      finish: async (...result: unknown[]) => {
        handedOver.push(result);
        return {};
      },
    },
    metrics: { loginEnded: (...how: unknown[]) => ended.push(how) },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  } as unknown as FinishDeps;
  await world.happened();

  await finishLogin(deps, {
    login,
    application,
    journal: [...begun, ...more.map((make, index) => make(begun.length + index))],
    end: { kind: 'ends', verdict: { result: 'success' } } as never,
    state: { selectedAcr: null, claims: {} } as never,
  });

  expect(ended).toEqual([['failed', 'NO_STEP_PASSED']]);
  expect(await database.read.logins.findById(id)).toMatchObject({ status: 'failed', failureCode: 'NO_STEP_PASSED' });
  expect(await world.happened()).toEqual({ 'login.failed': 1 });
  expect(handedOver.flatMap((result) => (JSON.stringify(result).includes('"ok":true') ? [result] : []))).toEqual([]);
});
