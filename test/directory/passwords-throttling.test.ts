import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../src/directory/throttling.ts';
import { day, minute, second } from '../../src/kernel/clock.ts';
import { networkOf } from '../../src/kernel/network.ts';
import { openFixture } from '../authenticators/fixture.ts';

const ann: Attempt = { kind: 'password', subject: 'ann', ip: '203.0.113.7' };
const elsewhere: Attempt = { ...ann, ip: '198.51.100.9' };

async function openThrottle() {
  const { clock, database, throttling } = await openFixture();
  return {
    clock,
    wait: (attempt: Attempt) => throttling.findWait(database.read.throttle, attempt, clock.now()),
    count: (attempt: Attempt) => database.unit(({ throttle }) => throttling.count(throttle, attempt, clock.now())),
    clear: (attempt: Attempt) => database.unit(({ throttle }) => throttling.clear(throttle, attempt, clock.now())),
    forgive: () => database.unit(({ throttle }) => throttling.forgive(throttle, ann)),
  };
}

describe('the wait for a password', () => {
  test('is nothing for ten wrong ones, then doubles up to a quarter of an hour', async () => {
    const throttle = await openThrottle();
    const waits: number[] = [];
    for (let answer = 1; answer <= 22; answer++) {
      await throttle.count(ann);
      const wait = await throttle.wait(ann);
      waits.push(wait / second);
      throttle.clock.turn(wait);
    }
    expect(waits.slice(0, 10)).toEqual(Array(10).fill(0));
    expect(waits.slice(10)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  test('passes with the time, and is forgotten after a quiet day', async () => {
    const throttle = await openThrottle();
    for (let answer = 0; answer < 12; answer++) await throttle.count(ann);
    expect(await throttle.wait(ann)).toBe(4 * second);
    throttle.clock.turn(3 * second);
    expect(await throttle.wait(ann)).toBe(second);
    throttle.clock.turn(day);
    await throttle.count(ann);
    expect(await throttle.wait(ann)).toBe(0);
  });

  test('is for the name, wherever the answer comes from, and ends with a right answer or a pardon', async () => {
    const throttle = await openThrottle();
    for (let answer = 0; answer < 12; answer++) await throttle.count(elsewhere);
    expect(await throttle.wait(ann)).toBe(4 * second);
    expect(await throttle.wait({ ...ann, subject: 'bob' })).toBe(0);
    await throttle.clear(ann);
    expect(await throttle.wait(elsewhere)).toBe(0);

    for (let answer = 0; answer < 12; answer++) await throttle.count(elsewhere);
    await throttle.forgive();
    expect(await throttle.wait(elsewhere)).toBe(0);
  });

  test('is short where the right password came from before, so that strangers cannot lock the owner out', async () => {
    const throttle = await openThrottle();
    await throttle.clear(ann);
    for (let answer = 0; answer < 30; answer++) await throttle.count(elsewhere);
    expect(await throttle.wait(elsewhere)).toBe(15 * minute);
    expect(await throttle.wait(ann)).toBe(minute);
    throttle.clock.turn(minute);
    expect(await throttle.wait(ann)).toBe(0);
    expect(await throttle.wait(elsewhere)).toBe(14 * minute);
  });
});

test('one network that tries many names has to wait, and a right answer of its own does not help it', async () => {
  const throttle = await openThrottle();
  for (let name = 0; name < 104; name++) await throttle.count({ ...elsewhere, subject: `name${name}` });
  expect(await throttle.wait({ ...elsewhere, subject: 'fresh' })).toBe(8 * second);
  expect(await throttle.wait({ ...ann, subject: 'fresh' })).toBe(0);
  await throttle.clear({ ...elsewhere, subject: 'mallory' });
  expect(await throttle.wait({ ...elsewhere, subject: 'fresh' })).toBe(8 * second);
});

test('names and addresses are not in the database', async () => {
  const { database, throttling, clock } = await openFixture();
  const keys: string[] = [];
  await database.unit(async ({ throttle }) => {
    const spy = {
      ...throttle,
      add(key: string, now: number, window: number) {
        keys.push(key);
        return throttle.add(key, now, window);
      },
    };
    await throttling.count(spy, ann, clock.now());
  });
  expect(keys).toHaveLength(2);
  for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/);
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
  ['nonsense', 'unknown'],
])('%s belongs to the network %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});
