const config = parseJson(settings) as {
  functions: {
    name: string;
    kind: string;
    takesHandlers?: boolean;
    preHandlerOp?: string;
    returns?: 'user' | 'users';
    changesPeople?: boolean;
    internal?: boolean;
    aliases?: string[];
  }[];
  scriptHeaders: {
    own: string;
    also: string[];
    reserved: string[];
    reservedPrefixes: string[];
    most: number;
    longest: number;
  };
  watch?: { visit: string };
  inspect?: boolean;
  /** Characters that all arguments together may have. */
  longest: number;
};

/** Counts the turns, and the calls that change people: a person is loaded afresh at the first touch after each. */
let turn = 0;

/**
 * A map of names to values that the script reads and writes like an object, and that only the guest's code stores.
 * Without `remove` nothing is deleted. `nameOf` gives the name under which a thing is stored, and `see` is told of each that
 * is read.
 */
function mapProxy(
  read: () => Bare,
  write: (name: string, value: unknown) => void,
  remove: ((name: string) => void) | null,
  nameOf: (name: string) => string = (name) => name,
  see: (name: string) => void = () => {},
): object {
  const handler = createObject(null) as ProxyHandler<object>;
  handler.get = (target, key) => {
    const data = read();
    if (typeof key !== 'string') return (target as Bare)[key as unknown as string];
    const name = nameOf(key);
    // Behind the names stand the methods that every object has.
    if (hasOwn(data, name) || !(key in target)) see(name);
    return hasOwn(data, name) ? data[name] : (target as Bare)[key];
  };
  handler.has = (_target, key) => {
    if (typeof key !== 'string') return false;
    see(nameOf(key));
    return hasOwn(read(), nameOf(key));
  };
  handler.set = (_target, key, value) => {
    if (typeof key !== 'string') return false;
    write(nameOf(key), value);
    return true;
  };
  handler.deleteProperty = (_target, key) => {
    if (typeof key !== 'string') return false;
    if (remove) remove(nameOf(key));
    else tellReadOnly(key);
    return true;
  };
  handler.ownKeys = () => {
    see('*');
    return ownKeys(read());
  };
  handler.getOwnPropertyDescriptor = (_target, key) => {
    const data = read();
    if (typeof key !== 'string' || !hasOwn(data, nameOf(key))) return undefined;
    const descriptor = createObject(null) as PropertyDescriptor;
    descriptor.value = data[nameOf(key)];
    descriptor.writable = descriptor.enumerable = descriptor.configurable = true;
    return descriptor;
  };
  handler.defineProperty = () => false;
  handler.setPrototypeOf = () => false;
  handler.preventExtensions = () => false;
  return new RealProxy({}, handler);
}

/** A map of text whose values are taken as text at the moment they are set, so that reading them later runs no script. */
function textMap(check?: (name: string, text: string) => void): { view: object; data: { [name: string]: string } } {
  const data: { [name: string]: string } = createObject(null);
  const view = mapProxy(
    () => data,
    (name, value) => {
      const text = textFor(name, value);
      check?.(name, text);
      data[name] = text;
    },
    (name) => {
      delete data[name];
    },
  );
  return { view, data };
}

/** A write that changes nothing goes on, as the script was written to; the log has where it stands. */
function tellReadOnly(name: string): void {
  host('say', 'warn', `«${slice(name, 0, 100)}» is only read: writing or deleting it changes nothing.`, callPlace(), 0);
}

function property(target: object, name: string, get: () => unknown, set?: (value: unknown) => void): void {
  const descriptor = createObject(null) as PropertyDescriptor;
  descriptor.get = get;
  descriptor.set = set ?? (() => tellReadOnly(name));
  descriptor.enumerable = true;
  descriptor.configurable = false;
  defineProperty(target, name, descriptor);
}

interface StepRecord {
  subject: object | null;
  idp: string | null;
  authenticator: string | null;
  /** JSON text, or null before anything was provisioned. */
  provisioning: string | null;
}

/** Counts what was said of steps: it tells apart what provisioning was at one time and at another. */
let stepAnswers = 0;

function showProvisioning(step: number, told: string): unknown {
  const at = stepAnswers;
  const shown = parseJson(told) as Bare;
  if (config.watch && hasOwn(shown, 'problem')) {
    const parts = () => bareList<unknown>(step, at, 'problem');
    shown['problem'] = watchEntries(shown['problem'] as object, 'provisioning', parts);
  }
  return watchEntries(shown, 'provisioning', () => bareList<unknown>(step, at));
}

const stepRecords: { [step: number]: StepRecord } = createObject(null);
const current = { step: 0, subject: null as object | null, failed: null as object | null, retry: false };
let selectedAcr: string | null = null;
let requestedAcr = '[]';
const endpointParams = textMap();
const responseHeaders = textMap(checkHeader);

const steps = {};
/** Whose sign-in it is, as {steps, tenantDomain, serviceProviderName}. */
let about: Bare = createObject(null);

/** The play begins: now it is known whose sign-in it is, and what the world said at its start. No script has run yet. */
function begin(given: string, started: string): void {
  about = parseBare(given);
  const all = about['steps'] as { options: unknown }[];
  for (let n = 1; n <= all.length; n++) addStep(n, pack(all[n - 1]!.options));
  hear(started);
}

function addStep(n: number, options: string): void {
  const record: StepRecord = { subject: null, idp: null, authenticator: null, provisioning: null };
  setPrototypeOf(record, null);
  stepRecords[n] = record;
  const step = {};
  property(step, 'subject', () => record.subject);
  property(step, 'idp', () => record.idp);
  property(step, 'authenticator', () => record.authenticator);
  property(step, 'options', () => parseJson(options));
  property(step, 'provisioning', () =>
    record.provisioning === null ? null : showProvisioning(n, record.provisioning),
  );
  property(steps, toText(n), () => step);
}

const asked: { params: object; headers: object; cookies: object; ip: string } = {
  params: {},
  headers: {},
  cookies: {},
  ip: '',
};
setPrototypeOf(asked, null);
const request = {};
property(request, 'params', () => asked.params);
property(request, 'headers', () => asked.headers);
property(request, 'cookies', () => asked.cookies);
property(request, 'ip', () => {
  note('ip', bareList());
  return asked.ip;
});
let requestParams: Bare = createObject(null);
/** Counts the pages that brought fields. */
let pages = 0;
/** Names of what was typed in a step: the user name is noted as such, and nobody reads the rest. */
const typedNames: Bare = createObject(null);
const seeTyped = (name: string) => {
  if (!hasOwn(typedNames, name)) return false;
  if (name === 'username') note('typed name', bareList());
  return true;
};
const setParams = () => {
  const page = pages;
  asked.params = watchEntries(parseJson(pack(requestParams)) as object, 'param', () => bareList(page), seeTyped);
};
const response = {};
property(response, 'headers', () => responseHeaders.view);

const context = {};
property(context, 'steps', () => steps);
property(context, 'currentStep', () => current.step);
property(context, 'currentKnownSubject', () => current.subject);
property(context, 'subject', () => current.subject);
property(context, 'lastLoginFailedUser', () => {
  note('failed user', bareList());
  return current.failed;
});
property(context, 'retry', () => current.retry);
property(context, 'requestedAcr', () => {
  note('acr values', bareList());
  return parseJson(requestedAcr);
});
property(context, 'tenantDomain', () => about['tenantDomain']);
property(context, 'serviceProviderName', () => about['serviceProviderName']);
property(context, 'endpointParams', () => endpointParams.view);
property(context, 'request', () => request);
property(context, 'response', () => response);
const acrDescriptor = createObject(null) as PropertyDescriptor;
acrDescriptor.get = () => selectedAcr;
acrDescriptor.set = (value: unknown) => {
  selectedAcr = value === null || value === undefined ? null : textFor('selectedAcr', value);
};
acrDescriptor.enumerable = true;
acrDescriptor.configurable = true;
// `delete context.selectedAcr` clears it, so the context itself is watched for that one deletion.
defineProperty(context, 'selectedAcr', acrDescriptor);
const contextHandler = createObject(null) as ProxyHandler<object>;
contextHandler.deleteProperty = (target, key) => {
  if (key !== 'selectedAcr') return deleteProperty(target, key);
  selectedAcr = null;
  return true;
};
const scriptContext = new RealProxy(context, contextHandler);

/** A cookie that is used as a text is its value. */
function givenText(cookie: { value: string }): void {
  const descriptor = createObject(null) as PropertyDescriptor;
  descriptor.value = () => cookie.value;
  descriptor.writable = descriptor.configurable = true;
  defineProperty(cookie, 'toString', descriptor);
}

/** Lower-case header names, found in any case. */
function headersView(headers: Bare): object {
  const handler = createObject(null) as ProxyHandler<object>;
  const see = (name: string) => note('header', bareList<unknown>(name));
  handler.get = (target, key) => {
    if (typeof key !== 'string') return (target as Bare)[key as unknown as string];
    const name = lowerCase(key);
    if (hasOwn(headers, name) || !(key in target)) see(name);
    return hasOwn(headers, name) ? headers[name] : (target as Bare)[key];
  };
  handler.has = (_target, key) => {
    if (typeof key !== 'string') return false;
    see(lowerCase(key));
    return hasOwn(headers, lowerCase(key));
  };
  handler.ownKeys = (target) => {
    see('*');
    return allKeys(target);
  };
  handler.set = handler.deleteProperty = (_target: object, key: string | symbol) => {
    if (typeof key === 'string') tellReadOnly(key);
    return true;
  };
  const target = parseJson(pack(headers)) as object;
  return new RealProxy(target, handler);
}

/** Brings the objects up to date with what the world said. */
function takeIn(answer: Bare): void {
  if (typeof answer['at'] === 'number') clock = answer['at'];
  if (typeof answer['seed'] === 'number') chance = answer['seed'] | 0;
  const start = answer['request'] as Bare | undefined;
  if (start) {
    asked.ip = toText(start['ip'] ?? '');
    asked.headers = headersView((start['headers'] ?? {}) as Bare);
    requestParams = (start['params'] ?? createObject(null)) as Bare;
    setParams();
    const cookies = parseJson(pack(start['cookies'] ?? {})) as { [name: string]: { value: string } };
    const names = ownKeys(cookies);
    for (let i = 0; i < names.length; i++) givenText(cookies[names[i]!]!);
    asked.cookies = watchEntries(cookies, 'cookie', bareList);
  }
  if (answer['requestedAcr']) requestedAcr = pack(answer['requestedAcr']);
  const params = answer['params'] as Bare | undefined;
  if (params) {
    // What a page brought stands beside what the application sent, and over it.
    const names = ownKeys(params);
    const isStep = answer['step'] !== undefined;
    for (let i = 0; i < names.length; i++) {
      requestParams[names[i]!] = params[names[i]!];
      if (isStep) typedNames[names[i]!] = true;
      else delete typedNames[names[i]!];
    }
    // What is typed in a step stands in its answer, and is no page of its own.
    if (!isStep) pages++;
    setParams();
  }
  const record = typeof answer['step'] === 'number' ? stepRecords[answer['step']] : undefined;
  if (!record) return;
  stepAnswers++;
  if (answer['provisioning']) record.provisioning = pack(answer['provisioning']);
  if (answer['outcome'] === undefined) return;
  current.step = answer['step'] as number;
  const subject = person(answer['user']);
  if (answer['outcome'] === 'success') {
    record.idp = (answer['idp'] ?? null) as string | null;
    record.authenticator = (answer['authenticator'] ?? null) as string | null;
    record.subject = subject;
    if (answer['subject'] !== undefined) current.subject = person(answer['subject']);
    current.retry = false;
  } else {
    current.failed = subject;
    current.retry = true;
  }
}
