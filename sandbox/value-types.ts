/** What the guest sends in place of a value that JSON cannot hold: what it was, in words. */
interface Odd {
  $odd: string;
}

export interface ValueType {
  /** In the editor's typings. */
  typescript: string;
  /** In «must be …». */
  expected: string;
  /** The value as a function's `run` gets it; undefined when it is none of this type. */
  read(value: unknown): unknown;
  /** Null is a value of it; of every other type it is nothing. */
  takesNull?: true;
}

/** A value that scripts may write as text or as itself: `'3'` and 3, `'true'` and true. */
export const readText = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

const readNumber = (value: unknown) => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
};

const readBoolean = (value: unknown) =>
  value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readTexts = (value: unknown) => {
  if (!Array.isArray(value)) return undefined;
  const texts = value.map(readText);
  return texts.includes(undefined) ? undefined : texts;
};

const readTextsByName = (value: unknown) => {
  if (!isRecord(value)) return undefined;
  const texts = Object.entries(value).map(([name, each]) => [name, readText(each)] as const);
  return texts.some(([, text]) => text === undefined) ? undefined : Object.fromEntries(texts);
};

/** What the objects of the script become on their way: `{"$context": true}`. */
const readMarked = (mark: string) => (value: unknown) => (isRecord(value) && value[mark] === true ? true : undefined);

/** The types that parameters have: what a script may hand over, and how the server takes it. */
export const valueTypes = {
  user: {
    typescript: 'User',
    expected: 'a user object such as context.currentKnownSubject',
    read: (value) => {
      const ref = isRecord(value) ? value['$user'] : undefined;
      return typeof ref === 'string' ? ref : undefined;
    },
  },
  context: { typescript: 'Context', expected: 'the context', read: readMarked('$context') },
  'context or tenant': {
    typescript: 'Context | string',
    expected: 'the context or the name of the tenant',
    read: (value) => (typeof value === 'string' ? value : readMarked('$context')(value)),
  },
  request: { typescript: 'ContextRequest', expected: 'context.request', read: readMarked('$request') },
  response: { typescript: 'ContextResponse', expected: 'context.response', read: readMarked('$response') },
  text: { typescript: 'Text', expected: 'a text', read: readText },
  'text or null': {
    typescript: 'Text | null',
    expected: 'a text or null',
    read: (value) => (value === null ? null : readText(value)),
    takesNull: true,
  },
  number: { typescript: 'number | string', expected: 'a number', read: readNumber },
  boolean: { typescript: "boolean | 'true' | 'false'", expected: 'true or false', read: readBoolean },
  texts: { typescript: 'readonly Text[]', expected: 'a list of texts', read: readTexts },
  'texts by name': {
    typescript: 'Record<string, Text>',
    expected: 'an object whose values are texts',
    read: readTextsByName,
  },
  /** What lacks its text is left out: nobody can be told of it. */
  'texts to tell': {
    typescript: 'Record<string, Text | null | undefined>',
    expected: 'an object whose values are texts',
    read: (value) =>
      isRecord(value)
        ? readTextsByName(Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null)))
        : undefined,
  },
  object: { typescript: 'object', expected: 'an object', read: (value) => (isRecord(value) ? value : undefined) },
  'prompt validators': {
    typescript: '{ preHandler?: (step: number, context: Context) => boolean }',
    expected: 'an object with a preHandler',
    read: (value) => value,
  },
  value: { typescript: 'unknown', expected: 'a value that JSON can hold', read: (value) => value, takesNull: true },
} as const satisfies Record<string, ValueType>;

export type ValueTypeName = keyof typeof valueTypes;

/** What stands for something that JSON cannot hold; null for every other value. */
export function readOddity(value: unknown): string | null {
  return isRecord(value) && typeof (value as unknown as Odd).$odd === 'string' ? (value as unknown as Odd).$odd : null;
}
