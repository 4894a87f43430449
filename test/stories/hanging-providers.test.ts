import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeConnection } from './seed.ts';
import { readLastLogin } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** A page waits for identity providers once, however many of them hang: 8.8 s in all, and a little for the page itself. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
  const other = makeConnection(world.box, {
    name: 'Other',
    issuer: world.identityProvider.url,
    clientId: 'stepgate',
    clientSecret: 'a secret between the two of them',
  });
  await world.app.database.unit(({ connections }) => connections.insert(other));
  await world.publish({
    steps: [{ options: [{ idp: 'Google' }] }, { options: [{ idp: 'Other' }] }],
    script: `function onLoginRequest(context) {
      executeStep(1, { onFail: function () { executeStep(2, { onFail: function () { fail(); } }); } });
    }`,
  });
});
afterAll(() => world?.close());

it('does not wait the whole time again where onFail leads from one provider that hangs to another', async () => {
  world.identityProvider.misbehave({ endpoints: { discovery: 'hangs' } });
  const person = world.somebody();
  const began = performance.now();
  await person.opens(`${world.application.url}/sign-in`);
  expect(performance.now() - began).toBeLessThan(12_000);
  expect(world.identityProvider.requests().discovery).toBe(2);
  const { login, steps } = await readLastLogin(world);
  expect(login.status).toBe('failed');
  expect(steps).toMatchObject([
    { step: 1, outcome: 'fail', idp: 'Google', failure: { code: 'IDP_UNREACHABLE' } },
    { step: 2, outcome: 'fail', idp: 'Other', failure: { code: 'IDP_UNREACHABLE' } },
  ]);
});
