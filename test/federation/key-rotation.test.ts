import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createKeyRefreshes } from '../../src/authenticators/federated-oidc/key-refreshes.ts';
import { type ConformanceClient, createConformanceClient } from './conformance-client.ts';
import type { Module } from './conformance-provider.ts';

/** A provider changes its keys: no sign-in fails by it, and nobody can make us ask for them again and again. */

let client: ConformanceClient;
beforeEach(async () => {
  await client?.close();
  client = await createConformanceClient();
});
afterAll(() => client?.close());

const rotated: Module = { signature: 'by a key published since' };
/** It names a key that the provider does not publish. */
const unknown: Module = { signature: 'by a key that it brings along' };

test('right after its keys were fetched: the very next sign-in goes well, and so does the one after', async () => {
  await client.signsIn({});
  expect(await client.signsIn(rotated, true)).toMatchObject({ subject: 'person-1' });
  expect(await client.signsIn(rotated, true)).toMatchObject({ subject: 'person-1' });
  expect(client.provider.keysAsked()).toBe(2);
  expect(await client.signsIn({}, true)).toMatchObject({ subject: 'person-1' });
  expect(client.provider.keysAsked()).toBe(3);
});

test('keys are fetched once for many sign-ins', async () => {
  await client.signsIn({});
  for (let n = 0; n < 5; n += 1) await client.signsIn({}, true);
  expect(client.provider.keysAsked()).toBe(1);
});

test('keys that nobody publishes lead to few requests, however often they are named; honest people still come in', async () => {
  await client.signsIn({});
  const fail = async (times: number) => {
    for (let n = 0; n < times; n += 1) {
      await expect(client.signsIn(unknown, true)).rejects.toMatchObject({ code: 'IDP_ANSWER_INVALID' });
    }
    return client.provider.keysAsked();
  };
  const asked = await fail(10);
  expect(asked).toBeLessThanOrEqual(1 + 5 + 1);
  expect(await fail(20)).toBe(asked);
  expect(await client.signsIn({}, true)).toMatchObject({ subject: 'person-1' });
});

describe('Refreshes out of turn', () => {
  test('are five at once, and one more each minute, and never more than five', () => {
    let now = 0;
    const refreshes = createKeyRefreshes({ clock: { now: () => now } });
    const takeAll = () => {
      let taken = 0;
      while (refreshes.take()) taken += 1;
      return taken;
    };
    expect(takeAll()).toBe(5);
    expect(refreshes.isLeft()).toBe(false);
    now = 59_999;
    expect(takeAll()).toBe(0);
    now = 60_000;
    expect(refreshes.isLeft()).toBe(true);
    expect(takeAll()).toBe(1);
    now = 150_000;
    expect(takeAll()).toBe(1);
    now = 180_000;
    expect(takeAll()).toBe(1);
    now = 100_000_000;
    expect(takeAll()).toBe(5);
  });
});
