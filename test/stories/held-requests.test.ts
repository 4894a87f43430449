import type { ServerResponse } from 'node:http';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '../../src/cli/demo/person.ts';
import { callLimits } from '../../src/script-api/http/limits.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { beginsSignIn, loginIdOf, readRefusal, readScriptLog, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** A call takes its time, and the person with it: what they see meanwhile, and what becomes of a call that nobody finishes. */

let world: World;
let endpoint: Endpoint;
/** What the endpoint has not answered yet. */
let open: ServerResponse[];

beforeAll(async () => {
  endpoint = await createEndpoint();
  const { hostname } = new URL(endpoint.url);
  world = await startWorld({ env: { STEPGATE_EGRESS_HOSTS: `127.0.0.1,${hostname}` } });
  await world.addUser('ann');
  await world.publish({
    script: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function () {
    httpPost('${endpoint.url}', {}, { onSuccess: function (context, data) { Log.info(data); } });
  } });
};`,
  });
});
afterAll(async () => {
  for (const response of open) response.end();
  await world?.close();
  await endpoint?.close();
});
beforeEach(async () => {
  open = [];
  endpoint.forget();
  endpoint.answers((_asked, response) => open.push(response));
  await world.happened();
});

/** Ann has sent her password, and her browser waits for an answer. */
async function waits(): Promise<{ person: Person; tab: Person; url: string; answered: Promise<unknown> }> {
  const person = await beginsSignIn(world);
  const { url } = person.page();
  const tab = person.opensTab();
  const answered = typesPassword(person, 'ann');
  await endpoint.untilAsked(1);
  return { person, tab, url, answered };
}

it('another tab sees a page that looks again by itself, and asks for nothing a second time', async () => {
  const { person, tab, url, answered } = await waits();
  for (let i = 0; i < 3; i++) {
    await tab.opens(url);
    expect(tab.isAt()).toBe('One moment');
  }
  const { headers, body } = await request(url, { headers: { cookie: await tab.cookiesFor(url) } });
  await body.dump();
  expect(headers['refresh']).toBe(`2; url=${new URL(url).pathname}`);
  expect(endpoint.asked).toHaveLength(1);

  open[0]?.end('{"risk":1}');
  await answered;
  expect(person.isAt()).toBe('Signed in');
  await tab.follows('Look now');
  expect(tab.isAt()).toBe('This sign-in is done');
  expect(endpoint.asked).toHaveLength(1);
  expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
});

it('the page of the password, sent once more, changes nothing', async () => {
  const { person, tab, answered } = await waits();
  tab.returnsTo(person.page());
  await typesPassword(tab, 'ann');
  expect(tab.page().status).toBe(409);
  open[0]?.end('{}');
  await answered;
  expect(endpoint.asked).toHaveLength(1);
  expect(await world.happened()).toMatchObject({ 'login.succeeded': 1 });
});

it('somebody else’s browser sees nothing of it', async () => {
  const { url, answered } = await waits();
  const stranger = await world.somebody().opens(url);
  expect(stranger.status).toBe(403);
  open[0]?.end('{}');
  await answered;
});

it('a call that was left open is made again with the same key, and a late first answer counts for nothing', async () => {
  const { person, tab, url, answered } = await waits();
  const login = loginIdOf(person);
  world.clock.skip(60_000);
  const looked = tab.opens(url);
  await endpoint.untilAsked(2);
  expect(new Set(endpoint.asked.map(({ headers }) => headers['idempotency-key']))).toEqual(new Set([`${login}:2`]));
  open[0]?.end('{"from":"the first"}');
  await answered;
  expect(person.isAt()).toBe('One moment');
  open[1]?.end('{"from":"the second"}');
  await looked;
  expect(tab.isAt()).toBe('Signed in');
  expect(await readScriptLog(world, login)).toEqual(['info 3: {"from":"the second"}']);
  expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
});

it('nobody tries for ever: after some breakdowns the call has failed', async () => {
  const { tab, url, answered } = await waits();
  const looks: Promise<unknown>[] = [];
  for (let times = 2; times <= callLimits.begins.value; times++) {
    world.clock.skip(60_000);
    looks.push(tab.opensTab().opens(url));
    await endpoint.untilAsked(times);
  }
  world.clock.skip(60_000);
  await tab.opens(url);
  expect(await readRefusal(world, tab)).toMatchObject({ code: 'CALL_UNKNOWN', status: 502 });
  expect(endpoint.asked).toHaveLength(callLimits.begins.value);
  for (const response of open) response.end('{}');
  await Promise.all([answered, ...looks]);
  expect(await world.happened()).toEqual({ 'login.failed': 1 });
});
