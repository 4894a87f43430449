import type { JitSettings } from '../connections/connection.ts';
import type { Attribute, Membership, Origin } from '../directory/user.ts';

/**
 * Brings attributes up to date with what a connection says now. Its values win. A value that is the same already keeps its
 * origin, so that nobody's entry turns into something that a later sync may remove.
 */
export function syncAttributes(
  existing: readonly Attribute[],
  wanted: Readonly<Record<string, string>>,
  { origin, mode }: { origin: Origin; mode: Exclude<JitSettings['attributeSync'], 'NONE'> },
): Attribute[] {
  const known = new Set(existing.map(({ uri }) => uri));
  const kept = existing.flatMap((attribute): Attribute[] => {
    const value = Object.hasOwn(wanted, attribute.uri) ? wanted[attribute.uri] : undefined;
    if (value === undefined) return mode === 'OVERRIDE_ALL' && attribute.origin === origin ? [] : [attribute];
    return value === attribute.value ? [attribute] : [{ uri: attribute.uri, value, origin }];
  });
  const added = Object.entries(wanted).filter(([uri]) => !known.has(uri));
  return [...kept, ...added.map(([uri, value]) => ({ uri, value, origin }))];
}

/** The same for groups or roles: those wanted join; with OVERRIDE_ALL, those that came from here and are not wanted go. */
export function syncMemberships(
  existing: readonly Membership[],
  wanted: readonly string[],
  { origin, mode }: { origin: Origin; mode: JitSettings['groupSync'] },
): Membership[] {
  const kept = existing.filter(
    (one) => mode === 'MERGE_WITH_EXISTING' || one.origin !== origin || wanted.includes(one.name),
  );
  const added = wanted.filter((name) => !existing.some((one) => one.name === name));
  return [...kept, ...added.map((name) => ({ name, origin }))];
}
