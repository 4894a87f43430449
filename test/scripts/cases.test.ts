import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { afterAll, describe, expect, it } from 'vitest';
import { createPool } from '../../sandbox/pool.ts';
import { defaultLimits } from '../../sandbox/protocol.ts';
import { ScenarioSet } from '../../src/admin/lab/scenario-schemas.ts';
import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../src/authenticators/federated/definition.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { findDifferences } from '../../src/lab/differences.ts';
import { createDryRun } from '../../src/lab/dry-run.ts';
import type { Scenario } from '../../src/lab/dry-run-types.ts';
import type { StoredScenario } from '../../src/lab/scenario-types.ts';
import type { PublishedFlow } from '../../src/login/flow.ts';
import { createRegistry } from '../../src/login/options.ts';
import { makeMutants } from './mutants.ts';

const scripts = new URL('../../scripts/', import.meta.url);
const folders = readdirSync(scripts);

/** A comment, or brackets alone. */
const saysNothing = /^\s*(\/\/.*|[{}()[\];,\s]*)$/;

const pool = createPool({ size: 1, queue: 50 });
const dryRun = createDryRun({
  pool,
  limits: defaultLimits,
  authenticators: createRegistry(localDefinitions, federatedDefinition),
  clock: systemClock,
});
afterAll(() => pool.close());

describe.each(folders)('%s', (folder) => {
  const file = (name: string) => new URL(`${folder}/${name}`, scripts);

  it('has a script, a page about it and cases', () => {
    expect(['script.js', 'about.md', 'cases.json'].filter((name) => !existsSync(file(name)))).toEqual([]);
  });

  const { items, ...flow } = JSON.parse(readFileSync(file('cases.json'), 'utf8')) as Omit<
    PublishedFlow,
    'script' | 'scriptEnabled'
  > & { items: StoredScenario[] };
  const script = readFileSync(file('script.js'), 'utf8');

  const play = (text: string, scenario: Scenario) =>
    dryRun({
      flow: { ...flow, script: text, scriptEnabled: true },
      scenario,
      applicationName: 'Payroll',
      connections: [],
      findUser: async () => null,
    });

  it('has cases of the shape that the API stores', () => {
    expect([...Value.Errors(ScenarioSet, { items })]).toEqual([]);
  });

  it.each(items)('$name', async ({ scenario, expect: expected }) => {
    expect(findDifferences(expected, await play(script, scenario))).toEqual([]);
  });

  it('has every line changed by the mutants', () => {
    const changed = new Set(makeMutants(script).map(({ line }) => line));
    const unchanged = script
      .split('\n')
      .map((text, i) => ({ text, line: i + 1 }))
      .filter(({ text, line }) => !changed.has(line) && !saysNothing.test(text));
    expect(unchanged).toEqual([]);
  });

  it('is held by its cases: whatever is changed in it, one of them notices', async () => {
    const unnoticed: string[] = [];
    for (const mutant of makeMutants(script)) {
      let noticed = false;
      for (const { scenario, expect: expected } of items) {
        noticed = findDifferences(expected, await play(mutant.script, scenario)).length > 0;
        if (noticed) break;
      }
      if (!noticed) unnoticed.push(mutant.name);
    }
    expect(unnoticed).toEqual([]);
  });
});
