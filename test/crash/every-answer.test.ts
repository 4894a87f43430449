import { afterEach, expect, test } from 'vitest';
import { findFaults } from './check.ts';
import { makeSigner, signIn } from './sign-in.ts';
import { type CrashWorld, createCrashWorld } from './world.ts';

let world: CrashWorld | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

test.each([
  ['somebody local', 'totp', { who: 'app-0' }],
  ['somebody new from a provider', 'new', { who: 'grace', connection: 'Google' }],
] as const)(
  'killed after every single answer, %s signs in in the same browser',
  async (_who, kind, of) => {
    world = await createCrashWorld({ localPeople: 1 });
    const { server, evidence } = world;
    world.addPerson('grace');
    expect(await server.start()).toBe('ready');
    let kills = 0;
    const afterHop = async () => {
      await server.kill();
      expect(await server.start()).toBe('ready');
      kills += 1;
    };
    await signIn({ ...world, afterHop }, makeSigner(kind, of));
    // Among what is compared: how many callbacks the script has counted in a closure.
    expect(findFaults(world, { final: true })).toEqual([]);
    expect(evidence.signIns.map((signIn) => signIn.kind)).toEqual([kind]);
    expect(evidence.begunAgain).toEqual(new Map());
    expect(kills).toBeGreaterThan(7);
  },
  180_000,
);
