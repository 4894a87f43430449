/*
 * The guest's first code: it runs in a fresh context before the script does. These files are one program in the order
 * pin, door, libraries, watch, objects, headers, verbs, inspect (see ../guest-source.ts), wrapped in one function, so their names are private to it.
 *
 * Hazard: the script may change every built-in afterwards. Code here uses only what was captured in this file, never a
 * method looked up on a prototype, and never an object with a prototype where a property may be missing.
 */

/** The three verbs of the door (`ask`, `schedule`, `say`) and the verdict, as the host implements them. */
declare const host: (verb: string, op: string, text: string, more: string, id: number) => string | undefined;
declare const realm: Record<string, unknown>;
/** JSON text of {functions, scriptHeaders, watch, inspect, longest}. */
declare const settings: string;

const { parse: parseJson, stringify } = JSON;
const {
  keys: ownKeys,
  defineProperty,
  setPrototypeOf,
  hasOwn,
  create: createObject,
  getOwnPropertyDescriptor,
} = Object;
const { construct, apply, deleteProperty, ownKeys: allKeys } = Reflect;
const { isArray } = Array;
const toText = String;
const { min: least } = Math;
const { captureStackTrace } = Error as unknown as { captureStackTrace(target: object): void };
const RealDate = Date;
const RealArrayBuffer = ArrayBuffer;
const RealProxy = Proxy;
const RealPromise = Promise;
const RealError = Error;
const RealTypeError = TypeError;
const RealWeakMap = WeakMap;

/** `method.call`, safe from a changed Function.prototype.call. */
const uncurry = <This, Args extends unknown[], Result>(method: (this: This, ...args: Args) => Result) => {
  return (self: This, ...args: Args): Result => apply(method, self, args) as Result;
};
const slice = uncurry(String.prototype.slice);
const indexOf = uncurry(String.prototype.indexOf);
const charCodeAt = uncurry(String.prototype.charCodeAt);
const lowerCase = uncurry(String.prototype.toLowerCase);
const getFrom = uncurry(RealWeakMap.prototype.get as (this: WeakMap<object, unknown>, key: object) => unknown);
const setInto = uncurry(
  RealWeakMap.prototype.set as (
    this: WeakMap<object, unknown>,
    key: object,
    value: unknown,
  ) => WeakMap<object, unknown>,
);
const dateText = uncurry(Date.prototype.toISOString);
const whenSettled = uncurry(
  RealPromise.prototype.then as (this: Promise<unknown>, kept: () => void, broken: (e: unknown) => void) => unknown,
);

// ---- the clock and chance ---------------------------------------------------------------------------------------------

let clock = 0;
let chance = 0;

function readClock(): number {
  note('clock', bareList());
  return clock;
}

// A handler without prototype, so that Object.prototype.get is never taken for a trap.
const dateHandler = createObject(null) as ProxyHandler<DateConstructor>;
dateHandler.apply = () => toText(new RealDate(readClock()));
dateHandler.construct = (_target, args, newTarget) =>
  construct(RealDate, args.length ? args : [readClock()], (newTarget as unknown) === PinnedDate ? RealDate : newTarget);
const PinnedDate: DateConstructor = new RealProxy(RealDate, dateHandler);
// On the real constructor, so that a property descriptor of the pinned one does not hand out the real clock.
RealDate.now = function now() {
  return readClock();
};
delete (RealDate.prototype as { toTemporalInstant?: unknown }).toTemporalInstant;
defineProperty(RealDate.prototype, 'constructor', {
  value: PinnedDate,
  writable: true,
  configurable: true,
  enumerable: false,
});
defineProperty(realm, 'Date', { value: PinnedDate, writable: true, configurable: true, enumerable: false });

/** mulberry32: enough for a script's dice; never used for secrets. */
const { imul } = Math;
Math.random = function random() {
  note('chance', bareList());
  chance = (chance + 0x6d2b79f5) | 0;
  let t = imul(chance ^ (chance >>> 15), 1 | chance);
  t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

// ---- zone and locale ---------------------------------------------------------------------------------------------------

/** Gives a method that takes locales (and options behind them) the locale `en-US` and the zone UTC unless told others. */
function pinLocale(prototype: object, name: string, at: number, zone: boolean): void {
  const real = (prototype as { [name: string]: (...args: unknown[]) => unknown })[name]!;
  const value = {
    [name](...given: unknown[]) {
      setPrototypeOf(given, null);
      given[at] = withEnglish(given[at]);
      if (zone) given[at + 1] = inUtc(given[at + 1]);
      return apply(real, this, given);
    },
  }[name];
  defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
}
/** The locales that were asked for, and behind them `en-US`, lest the machine's own stand in for one that V8 lacks. */
function withEnglish(locales: unknown): unknown {
  if (locales === null) return null;
  if (locales === undefined) return 'en-US';
  const list = bareList<unknown>();
  if (typeof locales === 'string') list[0] = locales;
  else {
    const given = locales as ArrayLike<unknown>;
    for (let i = 0; i < given.length; i++) if (given[i] !== undefined) list[list.length] = given[i];
  }
  list[list.length] = 'en-US';
  return list;
}
function inUtc(options: unknown): unknown {
  if (options !== undefined && (options === null || typeof options !== 'object')) return options;
  if ((options as { timeZone?: unknown } | undefined)?.timeZone !== undefined) return options;
  const own = createObject(options ?? null) as { timeZone?: string };
  defineProperty(own, 'timeZone', utc);
  return own;
}
const utc = createObject(null) as PropertyDescriptor;
utc.value = 'UTC';
pinLocale(Number.prototype, 'toLocaleString', 0, false);
pinLocale(BigInt.prototype, 'toLocaleString', 0, false);
pinLocale(String.prototype, 'localeCompare', 1, false);
pinLocale(String.prototype, 'toLocaleLowerCase', 0, false);
pinLocale(String.prototype, 'toLocaleUpperCase', 0, false);
pinLocale(RealDate.prototype, 'toLocaleString', 0, true);
pinLocale(RealDate.prototype, 'toLocaleDateString', 0, true);
pinLocale(RealDate.prototype, 'toLocaleTimeString', 0, true);

/** The zone's name at the end of a date's text is in the machine's own language; it is taken off and put on in English. */
function pinZoneName(name: 'toString' | 'toTimeString'): void {
  const real = RealDate.prototype[name];
  const value = {
    [name]() {
      const text = apply(real, this, []) as string;
      const end = indexOf(text, ' (');
      return end < 0 ? text : slice(text, 0, end) + ' (Coordinated Universal Time)';
    },
  }[name];
  defineProperty(RealDate.prototype, name, { value, writable: true, configurable: true, enumerable: false });
}
pinZoneName('toString');
pinZoneName('toTimeString');

// ---- what scripts do not need ----------------------------------------------------------------------------------------

// Each is a way to the real clock or locale, to code made from text, to memory outside the heap's count, or to a turn
// that does not end with its call.
for (const name of [
  'Temporal',
  'Intl',
  'WebAssembly',
  'SharedArrayBuffer',
  'Atomics',
  'WeakRef',
  'FinalizationRegistry',
  'ShadowRealm',
  'eval',
  'console',
]) {
  delete realm[name];
}

// Nor do they need buffers that grow: what they grow into is outside the heap's count too. So there are no options.
const bufferHandler = createObject(null) as ProxyHandler<ArrayBufferConstructor>;
bufferHandler.construct = (_target, args, newTarget) =>
  construct(RealArrayBuffer, [args[0]], (newTarget as unknown) === FixedBuffer ? RealArrayBuffer : newTarget);
const FixedBuffer: ArrayBufferConstructor = new RealProxy(RealArrayBuffer, bufferHandler);
defineProperty(RealArrayBuffer.prototype, 'constructor', {
  value: FixedBuffer,
  writable: true,
  configurable: true,
  enumerable: false,
});
defineProperty(realm, 'ArrayBuffer', { value: FixedBuffer, writable: true, configurable: true, enumerable: false });

function refuseCode(): never {
  throw new RealTypeError('Code cannot be made from text in a sign-in script.');
}
// The constructors of all four kinds of function make code from text.
for (const sample of [
  () => {},
  async () => {},
  function* () {
    yield 0;
  },
  async function* () {
    yield 0;
  },
]) {
  const { prototype } = sample.constructor as unknown as { prototype: object };
  defineProperty(prototype, 'constructor', {
    value: refuseCode,
    writable: false,
    configurable: false,
    enumerable: false,
  });
}
setPrototypeOf(refuseCode, null);
refuseCode.prototype = Function.prototype;
defineProperty(realm, 'Function', { value: refuseCode, writable: false, configurable: false, enumerable: false });

// A stack must be text of V8's own making: the engine reads call places from it.
defineProperty(Error, 'prepareStackTrace', { get: () => undefined, set: () => {}, configurable: false });
defineProperty(Error, 'stackTraceLimit', { value: 20, writable: false, configurable: false });
