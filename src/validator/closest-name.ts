/** The known name that was probably meant, or null when none is near: at most a third of its letters differ. */
export function findClosest(name: string, known: Iterable<string>): string | null {
  const wanted = name.slice(0, 100).toLowerCase();
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const each of known) {
    const distance = editDistance(wanted, each.toLowerCase());
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(each.length / 3))) {
      best = each;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters to add, drop, replace or swap with a neighbour (restricted Damerau–Levenshtein). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
