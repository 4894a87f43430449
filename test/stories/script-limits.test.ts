import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultLimits } from '../../sandbox/protocol.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import { askApplication, beginsSignIn, listSteps, loginIdOf, readRefusal } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** What a whole sign-in may use, over all of its turns: each turn is small enough by itself. */

let world: World;

beforeAll(async () => {
  world = await startWorld({
    env: {
      STEPGATE_SCRIPT_TURN_CPU_MS: '5000',
      STEPGATE_SCRIPT_TURN_WALL_MS: '10000',
      STEPGATE_SCRIPT_LOGIN_CPU_MS: '60',
      STEPGATE_SCRIPT_ENTRIES: '30',
      STEPGATE_LOGIN_MINUTES: '20',
    },
  });
});
afterAll(async () => {
  await world?.close();
});

/** Each cancelling is a turn of its own, in which the script does `work` and asks for the step again. */
const again = (work: string) => `function onLoginRequest(context) { ask(); }
function ask() { executeStep(1, { onUserAbort: function () { ${work} ask(); } }); }`;

async function cancelsUntilTheEnd(): Promise<{ person: Person; id: ReturnType<typeof loginIdOf> }> {
  const person = await beginsSignIn(world);
  const id = loginIdOf(person);
  for (let turn = 0; turn < 100 && person.canChoose('cancel'); turn++) await person.chooses('cancel');
  return { person, id };
}

it('each limit is told with what a sign-in used of it', async () => {
  await world.publish({ script: "function onLoginRequest() { Log.info('hello'); ask(); }\n" + again('') });
  const person = await beginsSignIn(world);
  await person.chooses('cancel');
  world.clock.skip(1234);
  const { usage } = (await world.admin.get(`/logins/${loginIdOf(person)}`)) as unknown as {
    usage: Record<string, { used: number | null; limit: number }>;
  };
  expect(usage).toMatchObject({
    turnCpuMs: { used: expect.any(Number), limit: 5000 },
    cpuMs: { used: expect.any(Number), limit: 60 },
    turnWallMs: { used: null, limit: 10_000 },
    callMs: { used: 0, limit: defaultLimits.callWallMs },
    heapBytes: { used: null, limit: defaultLimits.memoryMiB * 2 ** 20 },
    scriptBytes: { used: expect.any(Number), limit: defaultLimits.scriptBytes },
    journalEntries: { used: 2, limit: 30 },
    queue: { used: null, limit: defaultLimits.queue },
    argumentBytes: { used: null, limit: defaultLimits.argumentBytes },
    logLines: { used: 0, limit: defaultLimits.logLines },
    logLineBytes: { used: 0, limit: defaultLimits.logLineBytes },
    loginMs: { used: expect.any(Number), limit: 1_200_000 },
  });
  // What a turn took stands in the entry that opened it: later turns are charged with what came before.
  const entries = await world.app.database.read.logins.listEntries(loginIdOf(person));
  expect(entries.map(({ cpuUs }) => cpuUs)).toEqual([expect.any(Number), expect.any(Number)]);
  expect(usage['loginMs']?.used).toBeGreaterThanOrEqual(1234);
  expect(usage['cpuMs']?.used).toBeGreaterThanOrEqual(usage['turnCpuMs']?.used ?? 0);
});

it.each([
  [
    'CPU time',
    again('Array.from({ length: 20000 }, function (_, i) { return (i * 7919) % 20011; }).sort();'),
    'SCRIPT_LOGIN_TIMEOUT',
    /60 ms/,
    'loginCpuMs',
    60,
  ],
  ['entries of its journal', again(''), 'SCRIPT_LIMIT', /more than 30 calls/, 'entries', 30],
] as const)(
  'a sign-in that used up its %s ends with a page and a reference, after turns that were fine',
  async (_what, script, code, detail, name, allowed) => {
    await world.publish({ script });
    await world.happened();
    const { person, id } = await cancelsUntilTheEnd();
    const refusal = await readRefusal(world, person);
    expect(refusal).toMatchObject({ status: 500, code, event: { type: 'login.failed', loginId: id } });
    expect(refusal.event!.details['detail']).toMatch(detail);
    expect(refusal.event!.details['limit']).toEqual({ name, used: expect.any(Number), allowed });
    expect(refusal.text).toContain('a fault in the sign-in of this application');
    expect((await listSteps(world, id)).length).toBeGreaterThan(1);
    await person.follows('Back to Payroll');
    expect((await askApplication(world, person)).failure).toMatchObject({ error: 'server_error' });
    expect(await world.happened()).toEqual({ 'login.failed': 1 });
  },
);
