import { type Pool, PoolFull } from '../../../sandbox/pool.ts';
import type { Limits } from '../../../sandbox/protocol.ts';
import type { SignInRule } from '../../applications/sign-in-rule.ts';
import type { Connection } from '../../connections/connection.ts';
import { second } from '../../kernel/clock.ts';
import type { PublishedFlow } from '../../login/flow.ts';
import type { AuthenticatorNames } from '../../login/options.ts';
import { nothingWritten } from '../../validator/compared-values.ts';
import { watchScript } from '../../validator/watched-script.ts';
import type { Choice } from './choices.ts';
import { measureCoverage } from './coverage.ts';
import { createAnswerOf, describeCut, describePath } from './describe-path.ts';
import type { Cut, Exploration, ExploredPath, PropertyScript } from './explore-types.ts';
import { mergeGraph } from './graph.ts';
import { createPlayPath, type PlayedPath } from './play-path.ts';
import { checkProperties } from './properties.ts';
import { scenarioOf } from './scenario-of.ts';
import { summarise } from './summary.ts';

/*
 * Every answer at every call gives all paths of a script: each is one play of the real engine, from its start, against the
 * answers that lead to it. Where a play asks something new it goes on with the first answer; the others are played later.
 *
 * It is honest: a value that stands for others makes a path open, and a path that is not followed to its end is cut. Only
 * where there is neither are these all paths there are. What it takes for granted: the world says the same to the same
 * question in one sign-in, unless the script changes it.
 */

export interface Bounds {
  paths: number;
  timeMs: number;
  /** Answers on one path. */
  depth: number;
  /** How often one call, with the same arguments at the same place, may be answered on one path. */
  loops: number;
}

/** Of an exploration with thousands of paths: the first `most` of them, and those that something else speaks of. */
export function shorten(exploration: Exploration, most: number): Exploration {
  const { paths, properties, failing } = exploration;
  if (paths.length <= most) return exploration;
  const named = new Set([
    ...properties.flatMap(({ counterexample }) => counterexample?.path ?? []),
    ...failing.map(({ path }) => path),
  ]);
  const shown = paths.filter(({ number }) => number <= most || named.has(number));
  return { ...exploration, paths: shown, tree: mergeGraph(shown, 'tree') };
}

export const usualBounds: Bounds = { paths: 10_000, timeMs: 10 * second, depth: 100, loops: 6 };

export interface ExploreDeps {
  pool: Pool;
  limits: Limits;
  authenticators: AuthenticatorNames;
}

export interface ExploreRequest {
  flow: PublishedFlow;
  applicationName: string;
  /** Those that the flow may name; one that is not there is taken with the usual settings. */
  connections: readonly Connection[];
  bounds?: Partial<Bounds>;
  /** What is to be true of every path, beside what always is to be. */
  properties?: readonly PropertyScript[];
  /** The application's own, which are asked of every path too. */
  rules?: readonly SignInRule[];
}

export type Explore = (request: ExploreRequest) => Promise<Exploration>;

/** So many paths are played at once, so that every child has its next one waiting. */
const wave = 8;

export function createExplore(deps: ExploreDeps): Explore {
  return async (request) => {
    const { flow, properties = [], rules = [] } = request;
    const bounds = { ...usualBounds, ...request.bounds };
    const script = flow.scriptEnabled ? (flow.script ?? '') : '';
    const watched = watchScript(script, deps.limits.scriptBytes) ?? unwatched(script);
    const ends = performance.now() + bounds.timeMs;
    const playPath = (seesProvisioning: boolean) =>
      createPlayPath(deps, request, { watched, bounds, seesProvisioning });
    const first = await search(playPath(false), bounds, ends);
    // The script looks at what provisioning did, so that makes a difference from the start.
    const found = first.done.some(({ looksCloser }) => looksCloser)
      ? await search(playPath(true), bounds, ends)
      : first;
    const played = addRefusedEnds(found, bounds);
    const answerOf = createAnswerOf();
    const paths = played.done.map((path, i) => describePath(path, i + 1, watched, answerOf));
    const cuts = [...gatherCuts(played.done, paths, bounds), ...played.cut];
    const summary = summarise(paths, cuts, flow);
    const { complete } = summary;
    const verdicts = await checkProperties(deps.pool, { paths, complete, flow }, { own: properties, rules });
    return {
      ...summary,
      properties: verdicts.map(({ counterexample, ...verdict }) => ({
        ...verdict,
        counterexample: counterexample && {
          ...counterexample,
          scenario: scenarioOf(played.done[counterexample.path - 1]!),
        },
      })),
      pathCount: paths.length,
      paths,
      graph: mergeGraph(paths, 'graph'),
      tree: mergeGraph(paths, 'tree'),
      coverage: measureCoverage(watched, played.done),
    };
  };
}

/** Depth first; the paths of one wave are played side by side, and what they open up is taken in their order. */
async function search(
  play: (given: readonly Choice[]) => Promise<PlayedPath>,
  { paths }: Bounds,
  ends: number,
): Promise<{ done: PlayedPath[]; cut: Cut[] }> {
  const done: PlayedPath[] = [];
  const stack: Choice[][] = [[]];
  let kept = 0;
  while (stack.length > 0) {
    const reason =
      done.length >= paths ? 'paths' : performance.now() >= ends ? 'time' : kept > mostKept ? 'memory' : null;
    if (reason) return { done, cut: [leftOver(reason, stack)] };
    const given = stack.splice(-Math.min(wave, paths - done.length)).reverse();
    const results = await Promise.all(given.map(play)).catch((failure: unknown) => {
      if (failure instanceof PoolFull) return null;
      throw failure;
    });
    if (!results) return { done, cut: [leftOver('busy', stack)] };
    done.push(...results);
    if (results.some(({ looksCloser }) => looksCloser)) return { done, cut: [] };
    for (const [i, { choices }] of results.entries().toArray().reverse()) {
      kept += sizeOf(choices, given[i]!);
      stack.push(...branchOff(choices, given[i]!));
    }
  }
  return { done, cut: [] };
}

/** A path that goes well, for somebody whose account is needed at its end alone, may end without: one path more for each. */
function addRefusedEnds(
  { done, cut }: { done: readonly PlayedPath[]; cut: Cut[] },
  { paths }: Bounds,
): { done: PlayedPath[]; cut: Cut[] } {
  const all = done.flatMap(({ endRefusal, ...path }): PlayedPath[] =>
    endRefusal
      ? [
          { ...path, endRefusal: null },
          { ...path, endRefusal, refused: endRefusal.code },
        ]
      : [{ ...path, endRefusal }],
  );
  const left = all.length - paths;
  if (left <= 0) return { done: all, cut };
  const message = `There are ${left} more paths that end without an account: ${leftBecause.paths}.`;
  return {
    done: all.slice(0, paths),
    cut: [...cut, { reason: 'paths', message, paths: left, line: null, column: null }],
  };
}

/** Characters that the arguments of all calls may have together. */
const mostKept = 50_000_000;

function sizeOf(choices: readonly Choice[], given: readonly Choice[]): number {
  return choices.slice(given.length).reduce((sum, { args }) => sum + args.length, 0);
}

/** The other answers to what a play met first, the deepest last. */
function branchOff(choices: readonly Choice[], given: readonly Choice[]): Choice[][] {
  const old = new Set(given);
  return choices.flatMap((choice, depth) =>
    old.has(choice)
      ? []
      : choice.alternatives
          .map((_, taken) => [...choices.slice(0, depth), { ...choice, taken }])
          .slice(1)
          .reverse(),
  );
}

const leftBecause = {
  paths: 'the bound on their number was reached',
  time: 'the bound on time was reached',
  memory: 'the arguments of their calls take too much memory',
  busy: 'too many scripts wait to be run',
} as const;

function leftOver(reason: keyof typeof leftBecause, stack: readonly Choice[][]): Cut {
  const { line = null, column = null } = stack.at(-1)?.at(-1) ?? {};
  const message = `There are more paths, at least ${stack.length}: ${leftBecause[reason]}.`;
  return { reason, message, paths: stack.length, line, column };
}

function gatherCuts(done: readonly PlayedPath[], paths: readonly ExploredPath[], bounds: Bounds): Cut[] {
  const cuts = new Map<string, Cut>();
  done.forEach((path, i) => {
    const cut = describeCut(path, paths[i]!, bounds);
    if (!cut) return;
    const key = JSON.stringify([cut.reason, cut.line, cut.column, cut.library]);
    const known = cuts.get(key);
    cuts.set(key, known ? { ...known, paths: known.paths + 1 } : cut);
  });
  return [...cuts.values()];
}

/** A script that cannot be parsed is played as it is: its one path says so. */
function unwatched(script: string): ReturnType<typeof watchScript> & object {
  return { script, visit: 'visit', places: [], writtenFor: nothingWritten, placeBefore: (place) => place };
}
