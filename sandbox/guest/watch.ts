/*
 * What the script reads of the world without asking for it, and where it has been: told to the host where somebody watches.
 * Else all of this does nothing, and the objects are the plain ones.
 */

const noted: Bare = createObject(null);

/** Tells the host of a thing that is read, the first time. `of` says which one it is. */
function note(what: string, of: { [i: number]: unknown; length: number }): void {
  if (!config.watch) return;
  const text = packArguments(of);
  const key = what + text;
  if (hasOwn(noted, key)) return;
  noted[key] = true;
  host('read', what, text, callPlace(), 0);
}

/**
 * An object whose entries are noted as they are read: `of` is a list that the entry's name goes to the end of. `seeOther`
 * takes care of entries that are noted in another way, or not at all.
 */
function watchEntries<T extends object>(
  target: T,
  what: string,
  of: () => unknown[],
  seeOther: (name: string) => boolean = () => false,
): T {
  if (!config.watch) return target;
  const see = (name: string) => {
    if (seeOther(name)) return;
    const list = of();
    list[list.length] = name;
    note(what, list);
  };
  const handler = createObject(null) as ProxyHandler<T>;
  const isOwn = (key: string | symbol): key is string =>
    typeof key === 'string' && (hasOwn(target, key) || !(key in target));
  handler.get = (_target, key) => {
    if (isOwn(key)) see(key);
    return (target as Bare)[key as string];
  };
  handler.has = (_target, key) => {
    if (isOwn(key)) see(key);
    return key in target;
  };
  handler.ownKeys = () => {
    see('*');
    return allKeys(target);
  };
  return new RealProxy(target, handler);
}

/** What somebody outside answered, as a handler gets it. */
function watchData({ data, seq }: Bare): unknown {
  if (data === null || typeof data !== 'object') return data;
  return watchEntries(data, 'data', () => bareList(seq));
}

const visits: { [place: number]: boolean } = createObject(null);

function visit(place: number): void {
  visits[place] = true;
}

function listVisits(): number[] {
  const list = bareList<number>();
  const places = ownKeys(visits);
  for (let i = 0; i < places.length; i++) list[i] = +places[i]!;
  return list;
}
