import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askApplication, beginsSignIn, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** Whatever a live script does, the owner reaches the admin API meanwhile, and one call brings a version back. */

let world: World;

beforeAll(async () => {
  world = await startWorld({
    flow: { script: 'function onLoginRequest(context) { executeStep(1); }' },
  });
  await world.addUser('ann');
});
afterAll(async () => {
  await world?.close();
});

const signsIn = async () => {
  const person = await beginsSignIn(world);
  await typesPassword(person, 'ann');
  return askApplication(world, person);
};

describe.each([
  ['turns everybody away', 'fail();'],
  ['throws', "throw new Error('no');"],
  ['never ends', 'for (;;) {}'],
  ['takes all memory', "var all = []; for (;;) all.push(new Array(1e5).fill('x'));"],
  ['asks for the same step for ever', 'function again() { executeStep(1, { onFail: again }); } again();'],
  ['logs without end', "for (;;) Log.info(new Array(1e4).join('x'));"],
])('a script that %s', (_what, body) => {
  it('is taken back in one call, while people come', async () => {
    const { admin } = world;
    const at = `/applications/${world.registered.id}`;
    const flow = await admin.get(`${at}/sign-in-flow`);
    const { steps } = flow['live'] as { steps: object[] };
    await admin.put(`${at}/sign-in-flow`, { steps, script: `function onLoginRequest(context) { ${body} }` });
    // No scenario stands in the way back, whatever it expects.
    await admin.put(`${at}/scenarios`, {
      items: [{ name: 'nobody comes in', scenario: {}, expect: { outcome: { result: 'failure' } } }],
    });
    await admin.post(`${at}/sign-in-flow/publish`, { force: { reason: 'to see what happens' } });

    const people = Promise.allSettled(Array.from({ length: 5 }, () => beginsSignIn(world)));
    const restored = await admin.post(`${at}/sign-in-flow/versions/1/restore`, {});
    expect(restored).toMatchObject({ version: expect.any(Number) });
    await people;
    expect((await signsIn()).claims).toMatchObject({ preferred_username: 'ann' });
    await admin.put(`${at}/scenarios`, { items: [] });
  });
});
