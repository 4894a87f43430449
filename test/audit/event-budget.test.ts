import { expect, test } from 'vitest';
import { createEventBudget } from '../../src/audit/event-budget.ts';
import { minute } from '../../src/kernel/clock.ts';

const clock = { time: 0, now: () => clock.time };
const count = (ips: string[], takes: (ip: string) => boolean) => ips.filter((ip) => takes(ip)).length;
const addresses = (number: number) => Array.from({ length: number }, (_, i) => `198.51.100.${i}`);

test('one network gets its number a minute, however its addresses are written, and others are not held up', () => {
  const takes = createEventBudget({ clock, ofOneNetwork: 3, inAll: 100 });
  const one = ['2001:db8:0:7::1', '2001:db8::7:0:0:0:2', '2001:db8:0:7:ffff::3', '2001:DB8:0:7::4', '2001:db8:0:7::5'];
  expect(count(one, takes)).toBe(3);
  expect(count(['203.0.113.7', '::ffff:203.0.113.7', '203.0.113.7', '203.0.113.7'], takes)).toBe(3);
  expect(takes('2001:db8:0:8::1')).toBe(true);
  clock.time += minute;
  expect(count(one, takes)).toBe(3);
});

test('all networks together get theirs', () => {
  const takes = createEventBudget({ clock, ofOneNetwork: 3, inAll: 10 });
  expect(count([...addresses(50), ...addresses(50)], takes)).toBe(10);
  clock.time += minute;
  expect(count(addresses(50), takes)).toBe(10);
});
