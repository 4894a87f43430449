import type { ValueTypeName } from '../../sandbox/value-types.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { Outside } from './outside.ts';
import type { Preparation, ScriptWorld } from './world.ts';

export interface Parameter {
  name: string;
  type: ValueTypeName;
  summary: string;
  optional?: true;
  /** How many names an object may have. */
  most?: number;
  /** Stands behind the callbacks, where a call has some. */
  behindHandlers?: true;
  /** What the texts are names of: the editor offers them, and the validator knows those that are not there. */
  names?: 'role' | 'role to give' | 'application role' | 'group' | 'secret';
  /** Fields of an object that are names of secrets: a call that names one which is not there is wrong. */
  secretNames?: readonly string[];
  /** Never kept: journals and traces have a keyed hash in its place. */
  secret?: true;
}

/**
 * A bound of a function's own, besides those of the sandbox that every call counts against. Whoever enforces it reads its
 * value from here.
 */
export interface FunctionLimit {
  readonly value: number;
  readonly unit: 'bytes' | 'characters' | 'digits' | 'fields' | 'levels' | 'mails' | 'ms' | 'people' | 's' | 'times';
  /** What is bounded, and what comes of more, as a sentence. */
  readonly summary: string;
}

export type FunctionLimits = Readonly<Record<string, FunctionLimit>>;

/** Where the reference shows it. */
export type FunctionGroup =
  | 'steps'
  | 'prompts'
  | 'roles and groups'
  | 'linked accounts and search'
  | 'sessions'
  | 'credentials and mail'
  | 'cookies'
  | 'HTTP'
  | 'integrations'
  | 'libraries and secrets'
  | 'helpers';

/** The result as scripts get it. A user or users are handed over as references and become user objects in the sandbox. */
export interface Result {
  /** As the editor's typings say it: `boolean`, `User | null`. */
  typescript: string;
  summary: string;
  /** The answer is a reference (or null), or a list of references, to people. */
  holds?: 'user' | 'users';
}

/**
 * What may come back, for trying out every path: a list of all answers that differ to a script; `computed` from the
 * arguments and nothing else; or `open` when they are beyond listing, with some that are worth trying.
 */
export type Domain = readonly unknown[] | 'computed' | { readonly open: readonly unknown[] };

/**
 * A part of the world that no scenario has a place for. A dry run makes it up; what a function says of it is marked as fake
 * in the trace, unless the scenario states an answer of its own.
 */
export interface Fake {
  /** What is made up, as the rest of a sentence: `nobody is signed in anywhere`. */
  readonly summary: string;
}

interface Described {
  readonly name: string;
  readonly group: FunctionGroup;
  readonly summary: string;
  /** Handlers are no parameters: a script gives them as an object of functions, which stays in the sandbox. */
  readonly parameters: readonly Parameter[];
  /** Scripts of older servers give the tenant by its name in front of them: there is one, and it is left out. */
  readonly tenantInFront?: true;
  readonly result: Result;
  readonly limits?: FunctionLimits;
  readonly domain: Domain;
  readonly aliases?: readonly string[];
  /** What to use instead. */
  readonly deprecated?: string;
  /** The guest's objects call it, not the script. */
  readonly internal?: true;
  /** A script in which it is used; the tests run it. */
  readonly example: string;
}

/** Answers from what the server has: at once, in the middle of a turn, in one unit of work with its journal entry. */
export interface AnsweringFunction extends Described {
  /** `changes` and `sends` are refused once the sign-in has been decided; a dry run records them. */
  readonly effect: 'reads' | 'changes' | 'sends';
  /** What its answer rests on is made up in a dry run. Without it `run` has all it needs in the scenario's world. */
  readonly fake?: Fake;
  /** With handlers it waits in the queue like a step, and its answer is a CallAnswer. */
  readonly handlers?: 'when given';
  /**
   * What takes long is done before the unit of work is opened, so that nobody else waits for it; `run` gets what it has
   * made as its last argument.
   */
  prepare?(preparation: Preparation, ...args: never[]): Promise<unknown>;
  /** Its arguments have been checked against `parameters`. The result is JSON. */
  run(world: ScriptWorld, ...args: never[]): Promise<unknown>;
}

/** Asks somebody outside: waits in the queue with the steps, and its handlers get the answer in a turn of their own. */
export interface AskingFunction extends Described {
  readonly effect: 'asks';
  readonly handlers: 'always';
  /** Looks closer at arguments than their types can. @throws ScriptCallError */
  check?(...args: never[]): void;
  /** Outside of every unit of work, and more than once where a crash has left open what came of it. */
  run(outside: Outside, ...args: never[]): Promise<CallAnswer>;
}

/** Tells somebody outside and waits for nobody: the script and the person go on at once, whatever comes of it. */
export interface TellingFunction extends Described {
  readonly effect: 'tells';
  readonly handlers?: never;
  /** Looks closer at arguments than their types can. @throws ScriptCallError */
  check?(...args: never[]): void;
  /** After the unit with its journal entry, and more than once where a crash has left open what came of it; what it ends with goes to the log alone. */
  run(outside: Outside, ...args: never[]): Promise<CallAnswer>;
}

/** Shows the person a page: waits in the queue with the steps. */
export interface ShowingFunction extends Described {
  readonly effect: 'shows';
  readonly handlers: 'always';
  /** Its second argument or its callbacks may hold a function that says whether the page is spared; the operation that opens its turn. */
  readonly preHandlerOp?: string;
}

/** Steers the sign-in itself: the engine knows it. */
export interface SteeringFunction extends Described {
  readonly effect: 'steers';
  readonly handlers?: 'when given';
}

/**
 * A function that scripts may call: defined once, here; everything else about it is read from this.
 *
 * What a dry run does with it follows from its effect (`dryRunOf`), since that is the same for all of a kind: those that
 * answer from what the server has `run` as ever, in a world that is made of the scenario, and only what such a world lacks is
 * a `fake`, shared by all that read it, so that made-up answers never contradict each other. Who asks outside has no fake.
 */
export type ScriptFunction = AnsweringFunction | AskingFunction | TellingFunction | ShowingFunction | SteeringFunction;

/** How a call with handlers ended. What is not `success` has its reason, for the admin, should no handler want it. */
export type CallAnswer =
  | { outcome: 'success'; data: unknown }
  | {
      outcome: 'fail' | 'timeout';
      data: unknown;
      failure: { code: ErrorCode; params: Record<string, string>; detail: string | null };
    };

export function defineFunction<const F extends ScriptFunction>(definition: F): F {
  return definition;
}
