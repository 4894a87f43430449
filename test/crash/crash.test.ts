import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../src/cli/demo/ports.ts';
import type { FailPoint } from './fail-point.ts';
import { createKillableServer } from './killable-server.ts';
import { play } from './play.ts';
import { race } from './race.ts';
import { type CrashWorld, createCrashWorld } from './world.ts';

// The long form: npm run soak -- --kills 100
test('killed at random moments of running sign-ins, the server loses nothing and doubles nothing', async () => {
  const { faults, evidence } = await play({ kills: 8, seed: 2 });
  expect(faults).toEqual([]);
  expect(new Set(evidence.signIns.map(({ kind }) => kind)).size).toBe(5);
}, 120_000);

const points: FailPoint[] = [
  { when: 'before', statement: '^commit', nth: 1 },
  { when: 'after', statement: '^commit', nth: 1 },
  { when: 'after', statement: '^commit', nth: 2 },
  { when: 'before', statement: '^insert into .journal_entries', nth: 1 },
];

describe('one code, given twice at once', () => {
  let world: CrashWorld;
  beforeAll(async () => {
    world = await createCrashWorld({ localPeople: points.length + 2 });
    expect(await world.server.start()).toBe('ready');
  });
  afterAll(() => world?.close());

  test.each(points.map((point, index) => ({ point, who: `app-${index}` })))(
    'in one login: one answer goes on, though the server dies $point.when «$point.statement» number $point.nth',
    async ({ point, who }) => {
      const { died, ends, passed, faults } = await race(world, { who, browsers: 1, point });
      expect({ died, passed, faults }).toEqual({ died: true, passed: ['1,2'], faults: [] });
      expect(ends.filter((end) => end === 'tokens')).toEqual(['tokens']);
    },
    60_000,
  );

  test.each(points.slice(0, 2).map((point, index) => ({ point, who: `app-${points.length + index}` })))(
    'in two logins: one of them goes on, though the server dies $point.when «$point.statement» number $point.nth',
    async ({ point, who }) => {
      const { died, ends, passed, faults } = await race(world, { who, browsers: 2, point });
      expect({ died, passed, faults }).toEqual({ died: true, passed: ['1', '1,2'], faults: [] });
      expect(ends.filter((end) => end === 'tokens')).toEqual(['tokens']);
    },
    60_000,
  );
});

test.each([1, 30])('killed at statement %i of its very first start, the server starts', async (nth) => {
  const directory = await mkdtemp(join(tmpdir(), 'stepgate-first-start-'));
  const port = await findFreePort({ host: 'localhost' });
  const url = `http://localhost:${port}`;
  const server = createKillableServer(
    { HOST: 'localhost', PORT: String(port), PUBLIC_URL: url, STEPGATE_DATA: join(directory, 'data') },
    join(directory, 'server.log'),
  );
  expect(await server.start({ when: 'before', statement: '.', nth })).toBe('ended');
  expect(await server.start()).toBe('ready');
  await server.kill();
  await rm(directory, { recursive: true });
});
