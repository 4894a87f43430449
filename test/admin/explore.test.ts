import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExplore } from '../../src/lab/explore/explore.ts';
import { authenticators, createLab, limits } from '../lab/explore/world.ts';
import { aConnection, anApplication, createWorld, type World } from './world.ts';

const { pool } = createLab();
const explore = createExplore({ pool, limits, authenticators });
afterAll(() => pool.close());

const folder = new URL('../../scripts/mfa-for-local-users/', import.meta.url);
const script = readFileSync(new URL('script.js', folder), 'utf8');
const { steps } = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8'));

let world: World;
let at: string;
beforeEach(async () => {
  world = await createWorld({ deps: { explore } });
  await world.call('POST', '/connections', aConnection);
  at = `/applications/${(await world.call('POST', '/applications', anApplication)).body.id}`;
  await world.call('PUT', `${at}/sign-in-flow`, { steps, script });
  await world.happened();
});
afterEach(() => world.close());

describe('exploring over the API', () => {
  test('takes the draft, and changes nothing', async () => {
    const { status, body } = await world.call('POST', `${at}/explore`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ complete: true, pathCount: 7, open: [], cut: [], unreachableSteps: [], failing: [] });
    expect(body.properties.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['holds', 'holds', 'holds']);
    expect(await world.happened()).toEqual([]);
  });

  test('knows which connections make no accounts', async () => {
    const [connection] = (await world.call('GET', '/connections')).body.items;
    await world.call('PATCH', `/connections/${connection.id}`, { jit: { enabled: false } });
    const careless = script.replace("'LOCAL'", "'Google'");
    const { body } = await world.call('POST', `${at}/explore`, { script: careless });
    const broken = body.properties.find(({ holds }: { holds: boolean }) => holds === false);
    expect(broken.counterexample.scenario).toEqual({
      steps: { 1: [expect.objectContaining({ outcome: 'success', user: { username: 'somebody', claims: {} } })] },
    });
    expect(body.properties.at(-1)).toMatchObject({
      name: 'no path reaches a factor that needs an account with JIT off',
      verdict: 'broken',
      counterexample: { scenario: { steps: { 1: [{ idp: 'Google', subject: 'a stranger' }] } } },
    });
  });

  test('shows fewer paths where fewer are wanted, and those that something speaks of', async () => {
    const properties = [{ name: 'mine', script: "(path) => path.outcome.code !== 'CANCELLED'" }];
    const { body } = await world.call('POST', `${at}/explore`, { showPaths: 0, properties });
    expect(body.pathCount).toBe(7);
    expect(body.paths).toEqual([expect.objectContaining({ outcome: expect.objectContaining({ code: 'CANCELLED' }) })]);
  });

  test('stops at its bounds, and says so', async () => {
    const { body } = await world.call('POST', `${at}/explore`, { bounds: { paths: 2 } });
    expect(body).toMatchObject({ complete: false, pathCount: 2, cut: [{ reason: 'paths', line: expect.any(Number) }] });
  });

  test.each([
    ['an unknown key', { properties: [{ name: 'a', script: 'b', level: 1 }] }, '/properties/0/level'],
    ['no end of paths', { bounds: { paths: 1e9 } }, '/bounds/paths'],
    ['no end of time', { bounds: { seconds: 3600 } }, '/bounds/seconds'],
  ])('refuses %s', async (_, content, path) => {
    const { status, body } = await world.call('POST', `${at}/explore`, content);
    expect({ status, paths: body.findings.map((each: { path: string }) => each.path) }).toEqual({
      status: 422,
      paths: [path],
    });
  });
});
