import { tellDifference } from '../../lab/run-scenarios.ts';
import type { Finding } from '../../validator/finding.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { ScenarioRun } from './scenario-schemas.ts';

/** Scenarios that stop publishing; each difference is a finding at its place in the stored set. */
export function createScenarioError({ items, failed }: ScenarioRun): ContentError {
  const findings = items.flatMap(({ name, passes, outcome, differences, findings: own }, i): Finding[] => {
    if (passes) return [];
    const find = (path: string, message: string) =>
      createContentFinding('SCENARIO_FAILED', `/items/${i}${path}`, `«${name}»: ${message}`);
    if (!outcome) return [find('', 'there was no time to play it.')];
    return [
      ...own,
      ...differences.map((difference) => find(`/expect${difference.path}`, `${tellDifference(difference)}.`)),
    ];
  });
  const detail = failed === 1 ? 'One scenario does not.' : `${failed} of ${items.length} scenarios do not.`;
  return new ContentError(findings, { code: 'SCENARIOS_FAILED', detail });
}
