import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { beginsSignIn, loginIdOf, readRefusal, readScriptLog, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/**
 * Other servers that hang, with the real limits: 5 s for one request, 10 s for all calls of a sign-in. Both people wait at the
 * same time. How long it took is what the server says, since a busy machine has no share in that.
 */

let world: World;
let endpoint: Endpoint;

beforeAll(async () => {
  endpoint = await createEndpoint();
  endpoint.answers(() => {});
  const { hostname } = new URL(endpoint.url);
  world = await startWorld({ env: { STEPGATE_EGRESS_HOSTS: `127.0.0.1,${hostname}` } });
  await world.addUser('ann');
});
afterAll(async () => {
  await world?.close();
  await endpoint?.close();
});

async function signsIn(body: string) {
  await world.publish({
    script: `var url = '${endpoint.url}';
function onLoginRequest(context) {
  executeStep(1, { onSuccess: function (context) {
    ${body}
  } });
}`,
  });
  const person = await beginsSignIn(world);
  const login = loginIdOf(person);
  return { person, login, ends: typesPassword(person, 'ann') };
}

it('a request is given 5 s and not sent again, and the calls of a sign-in 10 s in all: the next is not made', async () => {
  const one = await signsIn("httpGet(url + '/alone', { onFail: function () {} });");
  const many = await signsIn(`['/1', '/2'].forEach(function (path) {
      httpGet(url + path, { onTimeout: function (context, data) { Log.info(path, data); } });
    });
    httpGet(url + '/3', { onSuccess: function () {} });`);
  await Promise.all([one.ends, many.ends]);

  // Without onTimeout it is onFail that takes it.
  expect(one.person.isAt()).toBe('Signed in');
  expect(await readScriptLog(world, many.login)).toEqual(['info 5: /1 {}', 'info 5: /2 {}']);
  const { code, event } = await readRefusal(world, many.person);
  expect(code).toBe('CALL_TIMEOUT');
  expect(event?.details['detail']).toContain('Earlier calls took all of the 10000 ms.');
  expect(endpoint.asked.map(({ path }) => path).sort()).toEqual(['/1', '/2', '/alone']);
}, 30_000);

it('the admin reads how long a server was waited for', async () => {
  const { person, ends } = await signsIn('httpGet(url, { onSuccess: function () {} });');
  await ends;
  const { code, event } = await readRefusal(world, person);
  expect(code).toBe('EGRESS_TIMEOUT');
  expect(event?.details['detail']).toContain('took longer than 5000 ms');
}, 30_000);
