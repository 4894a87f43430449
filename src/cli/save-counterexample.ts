import { existsSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ScenarioSet } from '../admin/lab/scenario-schemas.ts';
import type { DryRunAnswer, Scenario } from '../lab/dry-run-types.ts';
import type { Exploration, ExploredPath } from '../lab/explore/explore-types.ts';
import type { StoredScenario } from '../lab/scenario-types.ts';
import type { AdminApi } from './admin-api.ts';
import { checkFile, type FileFlow, readFlow } from './flow-file.ts';
import { readJson, UsageError } from './terminal.ts';

/** A broken property and the case that shows it; null where a dry run does not go that path, and so nothing is kept. */
export interface Counterexample {
  property: string;
  kept: StoredScenario | null;
}

/** Where counterexamples are kept: a file of cases, or the scenarios beside an application's draft. */
export interface CaseStore {
  play(scenario: Scenario): Promise<DryRunAnswer>;
  nameOf(property: string, of: number): string;
  /** Those of the same names are replaced, the others stay. */
  keep(items: readonly StoredScenario[]): Promise<void>;
}

/** Longer names are not taken (`StoredScenario`). */
const longestName = 200;

/**
 * Keeps the shortest path of each broken property as a case that expects what comes of it now: it fails as soon as the script
 * is mended, and somebody writes what is right.
 */
export async function saveCounterexamples(
  { properties, paths }: Exploration,
  { play, nameOf, keep }: CaseStore,
): Promise<Counterexample[]> {
  const broken = properties.filter(({ counterexample }) => counterexample?.scenario);
  const found: Counterexample[] = [];
  for (const { name: property, counterexample } of broken) {
    const { path: number, scenario } = counterexample as { path: number; scenario: Scenario };
    const run = await play(scenario);
    const path = paths.find((each) => each.number === number)!;
    const name = nameOf(property, broken.length).slice(0, longestName);
    found.push({ property, kept: goesBy(path, run) ? { name, scenario, expect: expectationOf(run) } : null });
  }
  const kept = found.flatMap((each) => each.kept ?? []);
  if (kept.length > 0) await keep(kept);
  return found;
}

/** Did the dry run come to the path's end by the path's steps? Rules are a dry run's, and not a path's. */
function goesBy(path: ExploredPath, { outcome, steps }: DryRunAnswer): boolean {
  const isRefused = path.outcome.result === 'success' && outcome.code === 'RULE_NOT_MET';
  if (outcome.result !== path.outcome.result && !isRefused) return false;
  return isDeepStrictEqual(countOnce(steps), countOnce(path.steps));
}

/** A wrong answer that was given again before the step ended is no attempt of its own on a path. */
function countOnce(steps: readonly { step: number; outcome: string }[]): string[] {
  const told = steps.map(({ step, outcome }) => `${step} ${outcome}`);
  return told.filter((each, i) => each !== told[i + 1] || !each.endsWith('fail'));
}

function expectationOf({ outcome: { result, code }, steps }: DryRunAnswer): StoredScenario['expect'] {
  return {
    outcome: { result, ...(code === null ? {} : { code }) },
    steps: steps.map(({ step, outcome }) => ({ step, outcome })),
  };
}

/** A file as `cases.json` beside a shipped script; it is made where there is none. @throws UsageError where it is another */
export function casesFile(file: string, flow: FileFlow, play: CaseStore['play']): CaseStore {
  const content = existsSync(file) ? (readJson(file) as { items?: unknown }) : { ...flow, items: [] };
  const { items } = checkFile(ScenarioSet, { items: content.items }, file);
  if (existsSync(file) && !isDeepStrictEqual(settingOf(readFlow(file)), settingOf(flow))) {
    throw new UsageError(`${file} has other steps, or another jitOff; name it by --flow, or save to another file.`);
  }
  return {
    play,
    nameOf: (property) => `breaks: ${property}`,
    keep: async (kept) =>
      writeFileSync(file, `${JSON.stringify({ ...content, items: replace(items, kept) }, null, 2)}\n`),
  };
}

/** What cases are played in. */
const settingOf = ({ steps, jitOff = [] }: FileFlow) => ({ steps, jitOff: new Set(jitOff) });

/** @param name of the scenario; where several properties are broken, theirs come after it. @throws UsageError */
export function draftScenarios(api: AdminApi, id: string, { name, body }: { name: string; body: object }): CaseStore {
  if (name.trim() === '' || name.length > longestName) {
    throw new UsageError(`a scenario’s name has 1 to ${longestName} characters.`);
  }
  return {
    play: async (scenario) =>
      (await api.post(`/applications/${id}/dry-run`, { ...body, scenario })) as unknown as DryRunAnswer,
    nameOf: (property, of) => (of === 1 ? name : `${name}: ${property}`),
    keep: async (kept) => {
      await api.change(`/applications/${id}/scenarios`, ({ items }) => ({
        items: replace(items as StoredScenario[], kept),
      }));
    },
  };
}

function replace(items: readonly StoredScenario[], kept: readonly StoredScenario[]): StoredScenario[] {
  const names = new Set(kept.map(({ name }) => name));
  return [...items.filter(({ name }) => !names.has(name)), ...kept];
}
