import type { GuestFunction } from '../../sandbox/protocol.ts';

/** A person as script functions see them, whoever keeps them: the directory, or a dry run's scenario. */
export interface PersonView {
  /** Names the person in this login: a user id, or `federated:<connection>:<subject>`. */
  ref: string;
  identifier: string;
  uniqueId: string;
  username: string;
  userStoreDomain: string;
  tenantDomain: string;
  roles: string[];
  /** The account's groups, and those the identity provider named. */
  groups: string[];
  localClaims: Record<string, string>;
  /** What the identity provider said; null for people who signed in here. */
  remoteClaims: Record<string, unknown> | null;
}

/** The world that a function acts on: live, in a unit of work; or a dry run's. */
export interface ScriptWorld {
  /** @throws ScriptCallError when nobody in this login has the reference. */
  getPerson(ref: string): Promise<PersonView>;
  /** Writes a claim of the person's account; null removes it. */
  writeClaim(ref: string, uri: string, value: string | null): Promise<void>;
}

type ParameterType = 'user' | 'text' | 'texts' | 'text or null';

export interface Parameter {
  name: string;
  type: ParameterType;
  summary: string;
  optional?: true;
}

/** A function that scripts may call: defined once, here; everything else about it is read from this. */
export interface ScriptFunction {
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly result: string;
  readonly kind: GuestFunction['kind'];
  /** The guest's objects call it, not the script. */
  readonly internal?: true;
  readonly aliases?: readonly string[];
  /** A script in which it is used. */
  readonly example: string;
  /** Its arguments have been checked against `parameters`. The result is JSON. */
  run(world: ScriptWorld, ...args: never[]): Promise<unknown>;
}

export function defineFunction<const F extends ScriptFunction>(definition: F): F {
  return definition;
}

/** A wrong call: it ends the login as a script error at the place of the call. */
export class ScriptCallError extends Error {
  override readonly name = 'ScriptCallError';
}

/**
 * Checks arguments as they crossed the wall and gives them their types: a user is its reference.
 * @throws ScriptCallError naming function, parameter, what was expected and what was found.
 */
export function readArguments(fn: ScriptFunction, given: readonly unknown[]): unknown[] {
  if (given.length > fn.parameters.length) {
    const signature = `${fn.name}(${fn.parameters.map(({ name }) => name).join(', ')})`;
    throw new ScriptCallError(`${signature} takes ${fn.parameters.length} arguments, and ${given.length} were given.`);
  }
  return fn.parameters.map((parameter, i) => {
    const value = given[i];
    if (value === undefined || (value === null && parameter.type !== 'text or null')) {
      if (parameter.optional) return undefined;
      throw wrong(fn, parameter, 'nothing');
    }
    const read = readers[parameter.type](value);
    if (read === undefined) throw wrong(fn, parameter, show(value));
    return read;
  });
}

const readText = (value: unknown) =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;

const readers: Record<ParameterType, (value: unknown) => unknown> = {
  user: (value) => {
    const ref = (value as { $user?: unknown } | null)?.$user;
    return typeof ref === 'string' ? ref : undefined;
  },
  text: readText,
  'text or null': (value) => (value === null ? null : readText(value)),
  texts: (value) => {
    if (!Array.isArray(value)) return undefined;
    const texts = value.map(readText);
    return texts.includes(undefined) ? undefined : texts;
  },
};

const expected: Record<ParameterType, string> = {
  user: 'a user object such as context.currentKnownSubject',
  text: 'a text',
  'text or null': 'a text or null',
  texts: 'a list of texts',
};

function wrong(fn: ScriptFunction, { name, type }: Parameter, found: string): ScriptCallError {
  return new ScriptCallError(`${fn.name}: ${name} must be ${expected[type]}, and ${found} was given.`);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
