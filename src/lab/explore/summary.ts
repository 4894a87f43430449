import { placeOf } from '../../../sandbox/protocol.ts';
import type { Flow } from '../../login/flow.ts';
import type { Cut, Exploration, ExploredPath } from './explore-types.ts';

/** What is to be said of all paths together. */
export function summarise(
  paths: readonly ExploredPath[],
  cut: Cut[],
  { steps }: Pick<Flow, 'steps'>,
): Pick<Exploration, 'complete' | 'method' | 'open' | 'cut' | 'unreachableSteps' | 'failing'> {
  const open = gatherOpen(paths);
  const complete = open.length === 0 && cut.length === 0;
  const reached = new Set(paths.flatMap((path) => path.steps.map(({ step }) => step)));
  return {
    complete,
    method: complete
      ? `Every answer to every call was tried: these ${paths.length} are all paths.`
      : `${paths.length} paths were tried, and there are others: nothing is proven of those.`,
    open,
    cut,
    unreachableSteps: steps.map((_, i) => i + 1).filter((step) => !reached.has(step)),
    failing: gatherFailing(paths),
  };
}

function gatherOpen(paths: readonly ExploredPath[]): Exploration['open'] {
  const found = new Map<string, Exploration['open'][number]>();
  for (const path of paths) {
    for (const each of path.open) {
      const key = JSON.stringify(each);
      const known = found.get(key) ?? { ...each, paths: 0 };
      found.set(key, { ...known, paths: known.paths + 1 });
    }
  }
  return [...found.values()];
}

function gatherFailing(paths: readonly ExploredPath[]): Exploration['failing'] {
  const found = new Map<string, { shortest: ExploredPath; paths: number }>();
  for (const path of paths) {
    const { result, code, message, line, column } = path.outcome;
    if (result !== 'error') continue;
    const key = JSON.stringify([code, message, line, column]);
    const known = found.get(key);
    const isShorter = !known || path.answers.length < known.shortest.answers.length;
    found.set(key, { shortest: isShorter ? path : known.shortest, paths: (known?.paths ?? 0) + 1 });
  }
  return [...found.values()].map(({ shortest: { number, outcome }, paths }) => ({
    path: number,
    paths,
    code: outcome.code ?? '',
    message: outcome.message ?? '',
    ...placeOf(outcome),
  }));
}
