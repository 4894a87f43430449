import type { VisitPlace, WatchedScript } from '../../validator/watched-script.ts';
import type { Coverage } from './explore-types.ts';
import type { PlayedPath } from './play-path.ts';

/** Which lines and branches of the script the paths came by. */
export function measureCoverage({ places }: WatchedScript, paths: readonly PlayedPath[]): Coverage {
  const visited = new Set(paths.flatMap(({ visits }) => visits));
  const lines = new Set(places.map(({ line }) => line));
  const visitedLines = new Set(places.filter((_, i) => visited.has(i)).map(({ line }) => line));
  const branches = places.map((place, i) => ({ ...place, seen: visited.has(i) })).filter(isBranch);
  return {
    lines: {
      total: lines.size,
      visited: visitedLines.size,
      missed: [...lines].filter((line) => !visitedLines.has(line)).sort((a, b) => a - b),
    },
    branches: {
      total: branches.length,
      visited: branches.filter(({ seen }) => seen).length,
      missed: branches.filter(({ seen }) => !seen).map(({ line, column }) => ({ line, column })),
    },
  };
}

function isBranch({ kind }: VisitPlace): boolean {
  return kind !== 'statement';
}
