/**
 * Merges a map (RFC 7396): null removes an entry, others are set, the rest stays.
 */
export function mergeMap(
  before: Record<string, string>,
  patch: Record<string, string | null> | undefined,
): Record<string, string> {
  const merged = { ...before, ...patch };
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** A patch without the fields that it does not have: what is undefined never overwrites. */
export function present<T extends object>(patch: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
