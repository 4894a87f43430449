/** The person or context a call was handed travels as a reference; everything else as JSON. */
function outgoing(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  const ref = getFrom(refs, value);
  if (ref !== undefined) return reference('user', ref);
  if (value === scriptContext) return reference('context', true);
  if (value === request) return reference('request', true);
  if (value === response) return reference('response', true);
  return value;
}
function reference(kind: string, what: unknown): Bare {
  const object: Bare = createObject(null);
  object['$' + kind] = what;
  return object;
}

function define(name: string, value: unknown): void {
  defineProperty(realm, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Functions by name, or what was meant to be some; everything else that executeStep gets before them are options. */
function areCallbacks(value: unknown): boolean {
  const names = isArray(value) || value instanceof RealPromise ? null : namesOf(value);
  if (!names) return false;
  for (let i = 0; i < names.length; i++) if (slice(names[i]!, 0, 2) === 'on') return true;
  return names.length === 0 || hasFunctions(value);
}

/** A call that is wrong ends the sign-in, also where the script catches what is thrown. */
function refuseCall(message: string): never {
  host('wrong', '', message, callPlace(), 0);
  throw new RealTypeError(message);
}
/** Hands a call over to the host, which knows how it is defined, and throws what it finds wrong. */
function hand(verb: 'check' | 'verdict', name: string, text: string): void {
  const fault = host(verb, name, text, callPlace(), 0);
  if (fault !== undefined) throw new RealTypeError(fault);
}
/** The arguments as they were checked: the script's own may say something else when they are asked again. */
function checkCall(name: string, args: { [i: number]: unknown; length: number }): { [i: number]: unknown } {
  tellLongest(name, args);
  const text = packArguments(args);
  hand('check', name, text);
  return parseBare(text);
}
/** @param expected where null and undefined are right as well */
function checkObject(name: string, expected: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value === 'object' && !isArray(value) && !(value instanceof RealPromise)) return;
  refuseCall(`${name} must be ${expected}, and ${kindOf(value)} was given.`);
}
function kindOf(value: unknown): string {
  if (isArray(value)) return 'a list';
  if (value instanceof RealPromise) return 'a promise';
  if (value === undefined) return 'nothing';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' || typeof value === 'number' ? slice(pack(value), 0, 80) : 'a ' + typeof value;
}

/** The text that `name` is set to. An object that has none of its own was not meant: it would become `[object Object]`. */
function textFor(name: string, value: unknown): string {
  const text = toText(value);
  const isOdd = typeof value === 'object' && value !== null && slice(text, 0, 8) === '[object ';
  if (isOdd || typeof value === 'function') {
    throw new RealTypeError(`${name} must be a text, and ${kindOf(value)} was given.`);
  }
  return text;
}

define('executeStep', function executeStep(id: unknown, second: unknown, third: unknown, ...more: unknown[]) {
  checkObject('executeStep: callbacks', 'an object of functions', third);
  let options = second;
  let handlers = third;
  if (third === undefined && areCallbacks(second)) {
    options = null;
    handlers = second;
  }
  const args = bareList(id, options ?? null);
  for (let i = 0; i < more.length; i++) args[args.length] = more[i];
  schedule('step', args, handlers);
});

/** It ends the sign-in also where the script's own code throws while what was given with it is read. */
function decide(how: string, args: unknown[]): void {
  tellLongest(how, args);
  let text = '[]';
  try {
    text = packArguments(args);
  } finally {
    hand('verdict', how, text);
  }
}
define('fail', function fail(...given: unknown[]) {
  decide('fail', given);
});
define('sendError', function sendError(...given: unknown[]) {
  decide('sendError', given);
});

if (config.watch) define(config.watch.visit, visit);
define('require', requireLibrary);
define('loadLocalLibrary', requireLibrary);

define('selectAcrFrom', function selectAcrFrom(given: unknown, acrs: unknown, ...more: unknown[]) {
  const args = bareList(outgoing(given), acrs);
  for (let i = 0; i < more.length; i++) args[args.length] = more[i];
  const wanted = checkCall('selectAcrFrom', args)[1] as unknown[];
  note('best acr value', bareList(wanted));
  const asked = parseJson(requestedAcr) as string[];
  for (let i = 0; i < wanted.length; i++) {
    const acr = toText(wanted[i]);
    for (let j = 0; j < asked.length; j++) if (asked[j] === acr) return acr;
  }
  return null;
});

for (const fn of config.functions) {
  if (fn.internal) continue;
  const { name, kind, takesHandlers, returns, changesPeople, preHandlerOp } = fn;
  const call = (...given: unknown[]) => {
    const conditions = preHandlerOp !== undefined && given.length > 2 ? given[1] : null;
    const last = given[given.length - 1];
    const preHandler = preHandlerOp === undefined ? null : (preHandlerIn(conditions) ?? preHandlerIn(last));
    if (preHandler !== null) {
      const at = callPlace();
      const decide = (context: unknown) => {
        const result: unknown = apply(preHandler, undefined, bareList(given[0], context));
        const decided: Bare = createObject(null);
        decided['preHandler'] = result === true;
        schedule(name, bareList(given[0], decided), last, at);
        return result;
      };
      const handlers: Bare = createObject(null);
      handlers['onSuccess'] = decide;
      schedule(preHandlerOp!, bareList(), handlers, at);
      return undefined;
    }
    const args = bareList<unknown>();
    let handlers: unknown = null;
    for (let i = 0; i < given.length; i++) {
      const arg = outgoing(given[i]);
      // The handlers are the first argument that is an object of functions; what follows it stays an argument.
      const may = (kind === 'scheduled' || takesHandlers) && handlers === null;
      const are = may && arg !== conditions && hasFunctions(arg);
      // Nobody calls a function with an empty object at its end for anything else.
      const areNone = kind === 'scheduled' && handlers === null && i === given.length - 1 && isEmpty(arg);
      if (are || areNone) handlers = arg;
      else args[args.length] = arg;
    }
    if (kind === 'scheduled' || handlers !== null) {
      schedule(name, args, handlers);
      return undefined;
    }
    const answer = ask(name, args);
    if (changesPeople) turn++;
    if (returns === 'user') return person(answer);
    if (returns === 'users') return persons(answer as unknown[]);
    return answer;
  };
  define(name, call);
  for (const alias of fn.aliases ?? []) define(alias, call);
}
/** `secrets.NAME`: asked for once, and the same throughout the login. */
const knownSecrets: Bare = createObject(null);
const secretsHandler = createObject(null) as ProxyHandler<object>;
secretsHandler.get = (target, key) => {
  if (typeof key !== 'string' || key in target) return (target as Bare)[key as string];
  if (!hasOwn(knownSecrets, key)) knownSecrets[key] = ask('getSecretByName', bareList(key));
  return knownSecrets[key];
};
define('secrets', new RealProxy({}, secretsHandler));

function persons(found: unknown[]): unknown[] {
  const list: unknown[] = [];
  for (let i = 0; i < found.length; i++) defineProperty(list, i, listed(person(found[i])));
  return list;
}
/** An element of a list, whatever Array.prototype has become. */
function listed(value: unknown): PropertyDescriptor {
  const descriptor = createObject(null) as PropertyDescriptor;
  descriptor.value = value;
  descriptor.writable = descriptor.enumerable = descriptor.configurable = true;
  return descriptor;
}
function preHandlerIn(value: unknown): (() => unknown) | null {
  const found = isObject(value) ? value['preHandler'] : null;
  return typeof found === 'function' ? (found as () => unknown) : null;
}
function isObject(value: unknown): value is Bare {
  return value !== null && typeof value === 'object';
}
function isEmpty(value: unknown): boolean {
  return !isArray(value) && namesOf(value)?.length === 0;
}
function hasFunctions(value: unknown): boolean {
  const names = namesOf(value);
  if (!names) return false;
  for (let i = 0; i < names.length; i++) if (typeof (value as Bare)[names[i]!] === 'function') return true;
  return false;
}
/** Null for what is no object, or does not tell: it is an argument then, and told to be a wrong one. */
function namesOf(value: unknown): string[] | null {
  if (value === null || typeof value !== 'object') return null;
  try {
    return ownKeys(value);
  } catch {
    return null;
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    if (value instanceof RealError) return toText(value);

    const text = stringify(value);
    if (text !== undefined) return text;
  } catch {
    // cyclic, or a getter that throws: shown by name
  }
  try {
    return toText(value);
  } catch {
    return '[something that cannot be shown]';
  }
}
const log: Bare = {};
for (const level of ['debug', 'info', 'warn', 'error', 'log']) {
  log[level] = (...values: unknown[]) => {
    let text = '';
    for (let i = 0; i < values.length; i++) text += (i ? ' ' : '') + shown(values[i]);
    host('say', level === 'log' ? 'info' : level, text, callPlace(), 0);
  };
}
define('Log', log);
define('console', log);

/** One entry into the guest: what the world said goes into the objects, then one function of the script runs. */
function runTurn(callback: number, handler: string, answer: string): string {
  turn++;
  takeIn(parseBare(answer));
  try {
    let result: unknown;
    if (callback > 0) {
      const run = callbacks[callback]![handler] as (context: object, data: unknown) => unknown;
      const whole = parseJson(answer) as Bare;
      const data = hasOwn(whole, 'data') ? watchData(whole) : undefined;
      result = apply(run, undefined, bareList<unknown>(scriptContext, data));
    } else if (handler === 'onLoginRequest') {
      const entry = realm['onLoginRequest'];
      if (typeof entry !== 'function') return pack(bareList('no-entry'));
      result = apply(entry, undefined, bareList<unknown>(scriptContext));
    }
    if (result !== null && typeof result === 'object') watch(result as Promise<unknown>);
    return pack(bareList('ran'));
  } catch (thrown) {
    return pack(bareList('threw', describeThrown(thrown)));
  }
}

/** A callback that returned a promise must have it settled by the end of its turn. */
function watch(result: Promise<unknown>): void {
  try {
    // Throws for what is not a promise: the one test that a script cannot answer for.
    whenSettled(
      result,
      () => void host('promise', 'kept', '', '', 0),
      (thrown) => void host('promise', 'broken', describeThrown(thrown), '', 0),
    );
  } catch {
    return;
  }
  host('promise', 'open', '', '', 0);
}

/** Takes in a note or an answer that opens no turn of its own. */
function hear(answer: string): void {
  takeIn(parseBare(answer));
}

/** What the script set; everything here was made text when it was set, so no script runs now. */
function collect(): string {
  const state: Bare = createObject(null);
  state['selectedAcr'] = selectedAcr;
  state['endpointParams'] = endpointParams.data;
  state['responseHeaders'] = responseHeaders.data;
  const claims: Bare = createObject(null);
  const who = ownKeys(loginClaims);
  for (let i = 0; i < who.length; i++) {
    const own = loginClaims[who[i]!]!;
    const uris = ownKeys(own);
    const copy: Bare = createObject(null);
    for (let j = 0; j < uris.length; j++) copy[uris[j]!] = own[uris[j]!];
    if (uris.length) claims[who[i]!] = copy;
  }
  state['claims'] = claims;
  if (config.watch) state['visits'] = listVisits();
  return pack(state);
}
