/*
 * The variables of the script's top scope, as they stand, told to the host where somebody looks on. No getter of the script
 * runs for it, and what our own objects would have to ask for is not shown.
 */

/** What is told of one moment: as many values, so deep, of each as many entries, and of a text as much. */
const mostValues = 300;
const deepest = 4;
const mostEntries = 20;
const longestText = 200;

let inspecting = false;
let shownValues = 0;

/** Readers of the bindings that are no properties of the global object, by name. */
let readers: { [name: string]: () => unknown } = createObject(null);

function takeReaders(given: typeof readers): void {
  readers = given;
}

function tellVariables(): void {
  inspecting = true;
  shownValues = 0;
  const variables: Bare = createObject(null);
  try {
    const names = ownKeys(realm);
    for (let i = 0; i < names.length; i++) variables[names[i]!] = describeProperty(realm, names[i]!, 0);
    const more = ownKeys(readers);
    for (let i = 0; i < more.length; i++) {
      try {
        variables[more[i]!] = describeValue(readers[more[i]!]!(), 0);
      } catch {
        // The script has not come so far.
      }
    }
    host('variables', '', pack(variables), '', 0);
  } finally {
    inspecting = false;
  }
}

/** Something that is no plain data: what it is, and what it goes by. */
function told(is: string, name?: unknown): Bare {
  const value: Bare = createObject(null);
  value['$is'] = is;
  if (name !== undefined) value['name'] = name;
  return value;
}

function describeProperty(of: object, name: string, depth: number): unknown {
  try {
    const descriptor = getOwnPropertyDescriptor(of, name);
    if (!descriptor) return told('undefined');
    return hasOwn(descriptor, 'value') ? describeValue(descriptor.value, depth) : told('getter');
  } catch {
    return told('unknown');
  }
}

function describeValue(value: unknown, depth: number): unknown {
  if (++shownValues > mostValues) return told('…');
  switch (typeof value) {
    case 'string':
      return value.length > longestText ? slice(value, 0, longestText) + '…' : value;
    case 'number':
      return pack(value) === 'null' ? told('number', toText(value)) : value;
    case 'boolean':
      return value;
    case 'undefined':
      return told('undefined');
    case 'bigint':
    case 'symbol':
      return told(typeof value, toText(value));
    case 'function':
      return told('function', describeProperty(value, 'name', deepest));
  }
  return value === null ? null : describeObject(value as object, depth);
}

function describeObject(value: object, depth: number): unknown {
  const ref = getFrom(refs, value);
  if (ref !== undefined) return told('user', ref);
  if (value === scriptContext) return told('context');
  if (value === request) return told('request');
  if (value === response) return told('response');
  if (depth >= deepest) return told(isArray(value) ? 'list' : 'object');
  try {
    const names = ownKeys(value);
    const shown = least(names.length, mostEntries);
    if (isArray(value)) {
      const list = bareList<unknown>();
      for (let i = 0; i < shown; i++) list[i] = describeProperty(value, names[i]!, depth + 1);
      if (names.length > shown) list[shown] = told('…', names.length - shown);
      return list;
    }
    if (names.length === 0) return told('object', describeDate(value));
    const object: Bare = createObject(null);
    for (let i = 0; i < shown; i++) object[names[i]!] = describeProperty(value, names[i]!, depth + 1);
    if (names.length > shown) object['…'] = told('…', names.length - shown);
    return object;
  } catch {
    return told('unknown');
  }
}

/** The time of a date; undefined for what is none. */
function describeDate(value: object): unknown {
  try {
    return dateText(value as Date);
  } catch {
    return undefined;
  }
}
