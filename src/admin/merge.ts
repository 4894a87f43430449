/**
 * Merges a map (RFC 7396): null removes an entry, others are set, the rest stays.
 */
export function mergeMap<T extends string | object>(
  before: Record<string, T>,
  patch: Record<string, T | null> | undefined,
): Record<string, T> {
  const merged = { ...before, ...patch };
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, T] => entry[1] !== null));
}

/** A patch without the fields that it does not have: what is undefined never overwrites. */
export function present<T extends object>(patch: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
