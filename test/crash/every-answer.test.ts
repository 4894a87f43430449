import { afterEach, expect, test } from 'vitest';
import { findFaults } from './check.ts';
import { makeSigner, signIn } from './sign-in.ts';
import { type CrashWorld, createCrashWorld } from './world.ts';

let world: CrashWorld | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

/** Does something each time that all who take part have come to it, and lets them go on then. */
function createMeeting(taking: number, act: () => Promise<void>) {
  let round = Promise.withResolvers<void>();
  let here = 0;
  const meetWhenAllAreHere = () => {
    if (here === 0 || here < taking) return;
    const { resolve, reject } = round;
    round = Promise.withResolvers();
    here = 0;
    act().then(resolve, reject);
  };
  return {
    comes(): Promise<void> {
      const { promise } = round;
      here += 1;
      meetWhenAllAreHere();
      return promise;
    },
    leaves(): void {
      taking -= 1;
      meetWhenAllAreHere();
    },
  };
}

test('killed after every single answer that they get, somebody local and somebody new from a provider sign in in the same browser', async () => {
  world = await createCrashWorld({ localPeople: 1 });
  const around = world;
  const { server, evidence } = world;
  world.addPerson('grace');
  expect(await server.start()).toBe('ready');
  const signers = [makeSigner('totp', { who: 'app-0' }), makeSigner('new', { who: 'grace', connection: 'Google' })];
  // Both have an answer of their own before each kill.
  const meeting = createMeeting(signers.length, async () => {
    await server.kill();
    expect(await server.start()).toBe('ready');
  });
  const kills = await Promise.all(
    signers.map(async (signer) => {
      let answers = 0;
      const afterHop = () => {
        answers += 1;
        return meeting.comes();
      };
      await signIn({ ...around, afterHop }, signer).finally(() => meeting.leaves());
      return answers;
    }),
  );
  // Among what is compared: how many callbacks the script has counted in a closure.
  expect(findFaults(world, { final: true })).toEqual([]);
  expect(evidence.signIns.map(({ kind }) => kind).sort()).toEqual(['new', 'totp']);
  expect(evidence.begunAgain).toEqual(new Map());
  for (const each of kills) expect(each).toBeGreaterThan(7);
}, 180_000);
