import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { createPerson } from '../../src/cli/demo/person.ts';
import { createEndpoint, type Endpoint } from '../stories/endpoint.ts';
import { createCrashWorld, password } from './world.ts';

/** Somebody is at the first page; the endpoint takes calls and leaves them open, the oldest first. */
async function begin(world: Awaited<ReturnType<typeof createCrashWorld>>, endpoint: Endpoint) {
  const open: ServerResponse[] = [];
  endpoint.answers((_asked, response) => open.push(response));
  expect(await world.server.start()).toBe('ready');
  const person = createPerson({ onNoAnswer: world.server.untilReady });
  const { url, pending } = await world.application.begin();
  await person.opens(url);
  return { open, person, pending };
}

test('killed while it tells, the server tells it again after its start, with the same key, and nobody waits for it', async () => {
  const endpoint = await createEndpoint();
  const world = await createCrashWorld({
    localPeople: 1,
    env: {
      STEPGATE_EGRESS_HOSTS: `127.0.0.1,${new URL(endpoint.url).hostname}`,
      STEPGATE_ANALYTICS_URL: endpoint.url,
    },
    script: `var onLoginRequest = function () {
  executeStep(1, { onSuccess: function (context) {
    publishToAnalytics({ ReceiverUrl: '/events' }, { username: context.currentKnownSubject.username }, context);
  } });
};`,
  });
  try {
    const { open, person, pending } = await begin(world, endpoint);
    await person.submits({ username: 'app-0', password });
    expect(await world.application.redeem(person.page().url, pending)).toMatchObject({
      claims: { sub: expect.any(String) },
    });
    await endpoint.untilAsked(1);

    await world.server.kill();
    // It arrives this time, and the server dies before it has noted that.
    const noting = { when: 'after', statement: '^delete from "tellings" where "login_id"', nth: 1 } as const;
    expect(await world.server.start(noting)).toBe('ready');
    await endpoint.untilAsked(2);
    open[1]?.end();
    await world.server.ended();
    expect(await world.server.start()).toBe('ready');
    await endpoint.untilAsked(3);
    open[2]?.end();
    const keys = endpoint.asked.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^login_[\w-]+:\d+$/);
    expect(new Set(keys).size).toBe(1);
    expect(endpoint.asked.map(({ body }) => body)).toEqual(Array(3).fill('{"event":{"username":"app-0"}}'));
  } finally {
    await world.close();
    await endpoint.close();
  }
}, 60_000);

test('killed in the middle of a call, the server makes it again at once and once, with the same key, and the sign-in goes on', async () => {
  const endpoint = await createEndpoint();
  const world = await createCrashWorld({
    localPeople: 1,
    env: { STEPGATE_EGRESS_HOSTS: `127.0.0.1,${new URL(endpoint.url).hostname}` },
    script: `var onLoginRequest = function () {
  var tries = 0;
  executeStep(1, { onSuccess: function (context) {
    tries += 1;
    httpPost('${endpoint.url}', { tries: tries }, {
      onSuccess: function (context, data) { context.currentKnownSubject.claims.risk = data.risk + tries; }
    });
  } });
};`,
  });
  try {
    const { open, person, pending } = await begin(world, endpoint);
    const page = person.page().url;
    const answered = person.submits({ username: 'app-0', password });
    await endpoint.untilAsked(1);

    await world.server.kill();
    expect(await world.server.start()).toBe('ready');
    // The claim of the dead process keeps nobody waiting; of all who look now, one makes the call, and the others see that.
    const tabs = Array.from({ length: 5 }, () => person.opensTab());
    let seen = 0;
    const looks = [answered, ...tabs.map((tab) => tab.opens(page))].map((look) => look.then(() => seen++));
    await endpoint.untilAsked(2);
    await expect.poll(() => seen).toBe(tabs.length);
    expect([person, ...tabs].filter((tab) => tab.hops().length > 0 && tab.isAt() === 'One moment')).toHaveLength(seen);
    open[1]?.setHeader('content-type', 'application/json').end('{"risk":41}');
    await Promise.all(looks);
    const back = [person, ...tabs].filter((tab) => tab.isAt() === 'Back at the application');
    expect(back).toHaveLength(1);
    const tokens = await world.application.redeem(back[0]!.page().url, pending);
    expect(tokens).toMatchObject({ claims: { risk: 42 } });
    expect(endpoint.asked.map(({ body }) => body)).toEqual(['{"tries":1}', '{"tries":1}']);
    const keys = endpoint.asked.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^login_[\w-]+:2$/);
    expect(keys[1]).toBe(keys[0]);
  } finally {
    await world.close();
    await endpoint.close();
  }
}, 60_000);
