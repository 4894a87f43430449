import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { escapePointer } from '../kernel/json.ts';
import type { Finding } from '../validator/finding.ts';
import { ContentError, createContentFinding } from './content-error.ts';

type SchemaError = ReturnType<ReturnType<typeof Compile>['Errors']>[number];

/**
 * Checks each part of a request against the route's schema. Text in queries and paths becomes numbers and booleans. A schema
 * is compiled at the first request that needs it: all of them together would take a tenth of the server's start.
 */
export const compileSchema: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let compiled: ReturnType<typeof Compile> | null = null;
  return (given: unknown) => {
    compiled ??= Compile(schema);
    const tooDeep = httpPart === 'body' ? findTooDeep(given) : null;
    if (tooDeep) return { error: new ContentError([tooDeep]) };
    const value = httpPart === 'body' ? given : Value.Convert(schema, given);
    if (compiled.Check(value)) return { value };
    const findings = describeErrors(compiled.Errors(value), value, httpPart === 'body' ? 'content' : 'parameter');
    return { error: new ContentError(findings) };
  };
};

/** Levels of lists and objects in each other. Whatever reads content by calling itself stands this, and no content needs it. */
const deepest = 64;

export function findTooDeep(content: unknown): Finding | null {
  const open = [{ value: content, path: '', depth: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > deepest) {
      return createContentFinding('TOO_DEEP', path, `Content of more than ${deepest} levels is not taken.`);
    }
    for (const [name, part] of Object.entries(value)) {
      open.push({ value: part, path: `${path}/${escapeName(name)}`, depth: depth + 1 });
    }
  }
  return null;
}

/** One finding for each place: what stands there, and what is expected. */
export function describeErrors(
  errors: readonly SchemaError[],
  value: unknown,
  what: 'content' | 'parameter',
): Finding[] {
  const groups = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'enum');
  const inGroup = (error: SchemaError) =>
    groups.some((group) => group !== error && error.schemaPath.startsWith(`${group.schemaPath}/anyOf/`));
  const findings = errors
    .filter((error) => error.keyword !== 'boolean' && !inGroup(error))
    .flatMap((error) => describeError(error, errors, value, what));
  const byPlace = new Map(findings.map((finding) => [`${finding.path} ${finding.code}`, finding]));
  return [...byPlace.values()];
}

function describeError(error: SchemaError, all: readonly SchemaError[], value: unknown, what: string): Finding[] {
  const { instancePath: path } = error;
  switch (error.keyword) {
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) =>
        createContentFinding(
          'UNKNOWN_PROPERTY',
          `${path}/${escapeName(name)}`,
          `There is no ${what} «${cut(name)}» here.`,
        ),
      );
    case 'required':
      return error.params.requiredProperties.map((name) =>
        createContentFinding('REQUIRED', `${path}/${escapeName(name)}`, `«${cut(name)}» is missing.`),
      );
    case 'type':
      return [wrongValue('WRONG_TYPE', path, value, `must be ${article(String(error.params.type))}`)];
    case 'enum':
      return [wrongValue('WRONG_VALUE', path, value, `must be ${listValues(error.params.allowedValues)}`)];
    case 'const':
      return [wrongValue('WRONG_VALUE', path, value, `must be ${listValues([error.params.allowedValue])}`)];
    case 'anyOf':
      return [wrongValue('WRONG_VALUE', path, value, describeAlternatives(error, all))];
    case 'pattern':
      return [wrongValue('WRONG_VALUE', path, value, 'has not the expected form')];
    case 'format':
      return [wrongValue('WRONG_VALUE', path, value, `is not of the form ${error.params.format}`)];
    default:
      return [wrongValue('WRONG_VALUE', path, value, error.message)];
  }
}

function describeAlternatives(error: SchemaError, all: readonly SchemaError[]): string {
  const types = all.flatMap((each) =>
    each.keyword === 'type' &&
    each.instancePath === error.instancePath &&
    each.schemaPath.startsWith(`${error.schemaPath}/anyOf/`)
      ? [article(String(each.params.type))]
      : [],
  );
  return types.length > 1 ? `must be ${types.join(' or ')}` : 'has none of the expected forms';
}

function wrongValue(code: string, path: string, value: unknown, expectation: string): Finding {
  const name = path === '' ? 'The content' : `«${cut(path.slice(path.lastIndexOf('/') + 1))}»`;
  return createContentFinding(
    code,
    path,
    `${name} ${expectation}; found ${show(Value.Pointer.Get(value as object, path))}.`,
  );
}

/** What was found, without what it holds: it may be a secret. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string')
    return value.length <= 20 ? `the text «${cut(value)}»` : `a text of ${value.length} characters`;
  return Array.isArray(value) ? 'a list' : 'an object';
}

function article(type: string): string {
  const names: Record<string, string> = {
    string: 'a text',
    object: 'an object',
    array: 'a list',
    null: 'null',
    boolean: 'true or false',
    integer: 'a whole number',
    number: 'a number',
  };
  return names[type] ?? type;
}

function listValues(values: readonly unknown[]): string {
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  return values.length === 1 ? list : `one of ${list}`;
}

function escapeName(name: string): string {
  return escapePointer(cut(name));
}

function cut(name: string): string {
  return name.length > 60 ? `${name.slice(0, 59)}…` : name;
}
