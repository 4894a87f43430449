import { findDifferences } from './differences.ts';
import type { DryRunAnswer, Scenario } from './dry-run-types.ts';
import type { ScenarioResult, StoredScenario } from './scenario-types.ts';

/** Milliseconds that all scenarios of a flow may take together: a script that uses up its time at each must not hold up its admin. */
const patience = 20_000;

/**
 * Plays scenarios one after the other, which leaves the other sandboxes to people who sign in, and compares what came of
 * each with what it expects. Those that could not be played in time do not pass.
 */
export async function runScenarios(
  items: readonly StoredScenario[],
  play: (scenario: Scenario) => Promise<DryRunAnswer>,
  { now = () => performance.now() }: { now?: () => number } = {},
): Promise<ScenarioResult[]> {
  const began = now();
  const results: ScenarioResult[] = [];
  for (const { name, scenario, expect } of items) {
    if (now() - began > patience) {
      results.push({ name, passes: false, outcome: null, differences: [] });
      continue;
    }
    const answer = await play(scenario);
    const { result, code, message } = answer.outcome;
    const differences = findDifferences(expect, answer);
    results.push({ name, passes: differences.length === 0, outcome: { result, code, message }, differences });
  }
  return results;
}

/** A difference as a sentence. */
export function tellDifference({ path, expected, ...rest }: ScenarioResult['differences'][number]): string {
  const found = 'found' in rest ? short(rest.found) : 'nothing';
  return `${path.slice(1).replaceAll('/', '.') || 'the answer'}: ${short(expected)} was expected, and ${found} found`;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
