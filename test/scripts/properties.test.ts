import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createDryRun } from '../../src/lab/dry-run.ts';
import type { PublishedFlow } from '../../src/login/flow.ts';
import { authenticators, createLab, limits } from '../lab/explore/world.ts';

const scripts = new URL('../../scripts/', import.meta.url);
const { pool, explore } = createLab();
const dryRun = createDryRun({ pool, limits, authenticators, clock: { now: () => 0 } });
afterAll(() => pool.close());

interface Stated {
  complete: boolean;
  /** Only so many paths are tried of those that there are. */
  paths?: number;
  /** Those without a script are always asked; not every script is meant to hold them. */
  properties: { name: string; script?: string; verdict: 'holds' | 'broken' | 'not found broken' }[];
}

describe.each(readdirSync(scripts))('%s', (folder) => {
  const read = (name: string) => readFileSync(new URL(`${folder}/${name}`, scripts), 'utf8');

  it('has the properties that are stated, and its paths break nowhere', async () => {
    const { items: _, ...flow } = JSON.parse(read('cases.json')) as PublishedFlow & { items: unknown };
    const stated = JSON.parse(read('properties.json')) as Stated;
    const own = stated.properties.flatMap(({ name, script }) => (script === undefined ? [] : { name, script }));
    expect(own).not.toEqual([]);
    const found = await explore(read('script.js'), {
      ...flow,
      connections: [],
      properties: own,
      ...(stated.paths ? { bounds: { paths: stated.paths } } : {}),
    });
    expect(
      found.properties.map(({ name, verdict }) => ({ name, verdict: verdict.replace(/ in \d+ paths$/, '') })),
    ).toEqual(stated.properties.map(({ name, verdict }) => ({ name, verdict })));
    expect({ complete: found.complete, cut: found.cut.map(({ reason }) => reason), failing: found.failing }).toEqual({
      complete: stated.complete,
      cut: stated.paths ? ['paths'] : [],
      failing: [],
    });
    expect(found.paths.length).toBeGreaterThan(1);
  });

  it('ends well by scenarios that a dry run plays, too, whichever property they break', async () => {
    const { items: _, ...flow } = JSON.parse(read('cases.json')) as PublishedFlow & { items: unknown };
    const script = read('script.js');
    const nobody = { name: 'nobody signs in', script: "(path) => path.outcome.result !== 'success'" };
    const about = { connections: [], applicationName: 'Payroll', findUser: async () => null };
    const { properties } = await explore(script, { ...flow, ...about, properties: [nobody], bounds: { paths: 300 } });
    const broken = properties.flatMap(({ name, counterexample }) =>
      counterexample ? { name, ...counterexample } : [],
    );
    expect(broken.map(({ name }) => name)).toContain(nobody.name);
    for (const { name, scenario = {} } of broken) {
      const { outcome } = await dryRun({ flow: { ...flow, script, scriptEnabled: true }, scenario, ...about });
      expect({ name, ...outcome }).toMatchObject({ name, result: 'success' });
    }
  });
});
