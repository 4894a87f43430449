import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createPool } from '../../sandbox/pool.ts';
import { defaultLimits } from '../../sandbox/protocol.ts';
import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../src/authenticators/federated/definition.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createDryRun } from '../../src/lab/dry-run.ts';
import type { Scenario } from '../../src/lab/dry-run-types.ts';
import type { FlowStep } from '../../src/login/flow.ts';
import { createRegistry } from '../../src/login/options.ts';
import { makeMutants } from './mutants.ts';

const scripts = new URL('../../scripts/', import.meta.url);
const folders = readdirSync(scripts);

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

  const { steps, items } = JSON.parse(readFileSync(file('cases.json'), 'utf8')) as {
    steps: FlowStep[];
    items: { name: string; scenario: Scenario; expect: object }[];
  };
  const script = readFileSync(file('script.js'), 'utf8');

  const play = (text: string, scenario: Scenario) =>
    dryRun({
      flow: { steps, script: text, scriptEnabled: true },
      scenario,
      applicationName: 'Payroll',
      connections: [],
      findUser: async () => null,
    });

  it.each(items)('$name', async ({ scenario, expect: expected }) => {
    expect(await play(script, scenario)).toMatchObject(expected);
  });

  it('is held by its cases: whatever is changed in it, one of them notices', async () => {
    const unnoticed: string[] = [];
    for (const mutant of makeMutants(script)) {
      let noticed = false;
      for (const { scenario, expect: expected } of items) {
        noticed = !matches(await play(mutant.script, scenario), expected);
        if (noticed) break;
      }
      if (!noticed) unnoticed.push(mutant.name);
    }
    expect(unnoticed).toEqual([]);
  });
});

function matches(answer: object, expected: object): boolean {
  try {
    expect(answer).toMatchObject(expected);
    return true;
  } catch {
    return false;
  }
}
