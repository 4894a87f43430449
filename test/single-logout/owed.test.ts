import { expect, onTestFinished, test } from 'vitest';
import type { FederationProtocol } from '../../src/authenticators/federated/protocol.ts';
import { createSamlProtocol } from '../../src/authenticators/federated-saml/index.ts';
import { createGuardedFetch } from '../../src/egress/guarded-fetch.ts';
import { hour } from '../../src/kernel/clock.ts';
import { createOwedSignOuts } from '../../src/single-logout/owed.ts';
import { monday, openFixture } from '../authenticators/fixture.ts';
import { createSamlProvider } from '../federation/saml-provider.ts';
import { connectBySoap, listOwed, namesTold, owe } from './owe.ts';

/** A real database, and SAML providers that are told by SOAP through the way out. Time stands still until it is turned. */
async function openOwed() {
  const fixture = await openFixture();
  const { box, clock, database } = fixture;
  const egress = createGuardedFetch({ allowedHosts: [], withoutList: 'anybody', allowLoopbackForDevelopment: true });
  onTestFinished(() => egress.close());
  const protocol = createSamlProtocol({ publicUrl: 'http://localhost:1', fetch: egress.fetch, box });

  async function connect(host: string) {
    const provider = await createSamlProvider(host);
    onTestFinished(() => provider.close());
    const connection = await connectBySoap(fixture, provider);
    return {
      ...provider,
      told: () => namesTold(provider),
      isOwed: (name: string, nextAttemptAt = clock.now()) => owe(fixture, connection, name, nextAttemptAt),
    };
  }

  function start() {
    const delivery = createOwedSignOuts({
      ...fixture,
      protocolOf: () => protocol as FederationProtocol,
      log: { warn: (details, message) => expect.fail(`${message} ${JSON.stringify(details)}`) },
    });
    delivery.start();
    onTestFinished(() => delivery.stop());
    return delivery;
  }

  return {
    ...fixture,
    connect,
    start,
    left: () => listOwed(fixture),
    count: async (type: string) => (await database.read.audit.list({ after: null, limit: 100, type })).length,
  };
}

test('a provider that hangs has few of ours at once, and another is told meanwhile', async () => {
  const { connect, start, left, count } = await openOwed();
  const [hanging, other] = [await connect('127.0.0.3'), await connect('127.0.0.4')];
  hanging.misbehave({ soap: { fault: 'hangs' } });
  // More than are looked at at once, all due before the other's.
  for (let n = 0; n < 60; n++) await hanging.isOwed(`ann-${n}`, monday - 1);
  await other.isOwed('bob');
  const delivery = start();
  await expect.poll(() => count('upstream.sign-out-told')).toBe(1);
  expect(other.told()).toEqual(['bob']);
  await expect.poll(hanging.told).toHaveLength(4);
  expect(await count('upstream.sign-out-failed')).toBe(0);

  const stopped = delivery.stop();
  await hanging.close();
  await stopped;
  expect(hanging.told()).toHaveLength(4);
  expect(await count('upstream.sign-out-failed')).toBe(4);
  expect((await left()).map(({ attempts }) => attempts)).toEqual([...Array(56).fill(0), ...Array(4).fill(1)]);
});

test('what a server ended over is told by another when it is due again, and not before', async () => {
  const { clock, database, connect, start, left } = await openOwed();
  const provider = await connect('127.0.0.3');
  const owed = await provider.isOwed('ann');
  const next = { attempts: 1, nextAttemptAt: monday + 10_000 };
  await database.unit(({ upstreamSessions }) => upstreamSessions.claimOwed(owed, next));
  await provider.isOwed('bob');
  start();
  await expect.poll(left).toMatchObject([next]);
  expect(provider.told()).toEqual(['bob']);
  clock.turn(10_000);
  await expect.poll(left, { timeout: 5000 }).toEqual([]);
  expect(provider.told()).toEqual(['bob', 'ann']);
});

test('one who cannot be told until the session there is over is tried once more, and then given up', async () => {
  const { clock, connect, start, left, database } = await openOwed();
  const provider = await connect('127.0.0.3');
  provider.misbehave({ soap: { http: 503 } });
  await provider.isOwed('ann');
  start();
  await expect.poll(left).toMatchObject([{ attempts: 1, nextAttemptAt: monday + 10_000 }]);
  clock.turn(hour - 1);
  await expect.poll(left, { timeout: 5000 }).toEqual([]);
  const events = await database.read.audit.list({ after: null, limit: 10, type: 'upstream.sign-out-failed' });
  expect(events.map(({ details }) => [details['attempts'], details['triesAgain']])).toEqual([
    [2, false],
    [1, true],
  ]);
  expect(provider.told()).toEqual(['ann', 'ann']);
});
