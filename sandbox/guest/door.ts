/** Everything that leaves the guest leaves as JSON text; `undefined` as `null`. */
function pack(value: unknown): string {
  return stringify(value) ?? 'null';
}

/**
 * The arguments of a call as a JSON list. What JSON cannot hold goes as `{"$odd": what it is}`, so that the host can say
 * which argument of which function was wrong, rather than take it for nothing.
 */
function packArguments(args: { [i: number]: unknown; length: number }): string {
  let text = '[';
  for (let i = 0; i < args.length; i++) text += (i ? ',' : '') + packArgument(args[i]);
  return text + ']';
}
function packArgument(value: unknown): string {
  const kind = typeof value;
  if (kind === 'function' || kind === 'symbol' || kind === 'bigint') return packOddity(`a ${kind}`);
  try {
    if (value instanceof RealPromise) return packOddity('a promise');
    return pack(value);
  } catch (thrown) {
    const [message] = parseJson(describeThrown(thrown)) as [string];
    return packOddity(`something that JSON cannot hold (${slice(message, 0, 200)})`);
  }
}
/** Of the texts in a value, as far as they lie on its surface. */
function countLetters(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length;
  if (value === null || typeof value !== 'object' || depth > 2) return 0;
  let letters = 0;
  const names = isArray(value) ? null : ownKeys(value);
  const count = names ? names.length : (value as unknown[]).length;
  for (let i = 0; i < count && letters <= config.longest; i++) {
    const member = getOwnPropertyDescriptor(value, names ? names[i]! : i);
    if (names) letters += names[i]!.length;
    if (member && hasOwn(member, 'value')) letters += countLetters(member.value, depth + 1);
  }
  return letters;
}
function packOddity(what: string): string {
  const oddity: Bare = createObject(null);
  oddity['$odd'] = what;
  return pack(oddity);
}

/** A list that JSON reads as a list, and in which a changed Array.prototype or Object.prototype has no say. */
function bareList<T>(...items: T[]): T[] {
  return setPrototypeOf(items, null) as T[];
}

/** Parsed data without prototypes, for the guest's own use. */
type Bare = { [key: string]: unknown };
function parseBare(text: string): Bare {
  return strip(parseJson(text)) as Bare;
}
function strip(value: unknown): unknown {
  if (value !== null && typeof value === 'object') {
    setPrototypeOf(value, null);
    const names = ownKeys(value);
    for (let i = 0; i < names.length; i++) strip((value as Bare)[names[i]!]);
  }
  return value;
}

/**
 * `:line:column` of the nearest frame of the script in a stack, `/library:line:column` of one in a library, or ''. Read by
 * hand: a regular expression would leave its traces in `RegExp.$1` and its like, which scripts use.
 */
function placeIn(stack: unknown): string {
  if (typeof stack !== 'string') return '';
  const file = 'script.js';
  const found = indexOf(stack, file);
  if (found < 0) return '';
  const start = found + file.length;
  const numbers = indexOf(stack, ':', start);
  if (numbers < 0 || numbers > start + maxNameLength) return '';
  let end = numbers;
  while (end < numbers + 20 && isPlace(charCodeAt(stack, end))) end++;
  return slice(stack, start, end);
}
/** Longer than any library's name with its slash. */
const maxNameLength = 110;
/** Digits and the colon, which follows them in the table of characters. */
function isPlace(code: number): boolean {
  return code >= 48 && code <= 58;
}

function callPlace(): string {
  const here: { stack?: string } = createObject(null);
  captureStackTrace(here);
  return placeIn(here.stack);
}

/**
 * Tells the host of a text that is longer than all arguments together may be, before it is copied: there might be no room
 * for that. Then the sign-in has ended.
 */
function tellLongest(op: string, args: { [i: number]: unknown; length: number }): void {
  for (let i = 0; i < args.length; i++) {
    let letters = 0;
    try {
      letters = countLetters(args[i], 0);
    } catch {
      // It does not tell; packing it says what it is.
    }
    if (letters > config.longest) {
      host('long', op, pack(bareList(i, letters, args.length)), callPlace(), 0);
      throw new RealError('The sign-in has ended.');
    }
  }
}

/** Asks now and waits for the answer, in the middle of whatever the script is doing. */
function ask(op: string, args: { [i: number]: unknown; length: number }): unknown {
  tellLongest(op, args);
  const text = packArguments(args);
  if (config.inspect) {
    if (inspecting) throw new RealError('Nothing is asked for whoever looks on.');
    tellVariables();
  }
  const answer = host('ask', op, text, callPlace(), 0);
  if (answer === undefined) throw new RealError('The sign-in has ended.');
  return parseJson(answer);
}

const callbacks: { [id: number]: Bare } = createObject(null);
let lastCallback = 0;

/** Puts a step or a call with handlers into the host's queue. The handlers stay here; the host knows their names. */
function schedule(
  op: string,
  args: { [i: number]: unknown; length: number },
  handlers: unknown,
  at = callPlace(),
): void {
  tellLongest(op, args);
  const text = packArguments(args);
  const kept: Bare = createObject(null);
  const names = bareList<string>();
  if (handlers !== null && typeof handlers === 'object') {
    const given = ownKeys(handlers);
    for (let i = 0; i < given.length; i++) {
      const name = given[i]!;
      const handler = (handlers as Bare)[name];
      if (typeof handler === 'function') {
        kept[name] = handler;
        names[names.length] = name;
      } else if (handler !== undefined && handler !== null && slice(name, 0, 2) === 'on') {
        refuseCall(
          `${op === 'step' ? 'executeStep' : op}: ${name} must be a function, and ${kindOf(handler)} was given.`,
        );
      }
    }
  }
  const id = ++lastCallback;
  callbacks[id] = kept;
  names[names.length] = at;
  host('schedule', op, text, pack(names), id);
}

/** What was thrown, as an envelope. Reading it may run the script's own getters: still in the turn, so still replayed. */
function describeThrown(thrown: unknown): string {
  let message = '';
  let where = '';
  try {
    if (thrown !== null && typeof thrown === 'object') {
      const { name, message: text, stack } = thrown as Bare;
      message =
        text === undefined || text === ''
          ? toText(name ?? 'Error')
          : name === undefined
            ? toText(text)
            : `${toText(name)}: ${toText(text)}`;
      where = placeIn(stack);
    } else {
      message = toText(thrown);
    }
  } catch {
    message = 'The script threw something that cannot be shown.';
  }
  return pack(bareList(slice(message, 0, 2000), where));
}
