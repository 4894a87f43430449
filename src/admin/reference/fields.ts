import type { Field, Schema } from './model.ts';

/** Deeper objects are named by their title, not taken apart. */
const maxDepth = 4;

/**
 * The fields of an object, those of objects within it too, in their order. Where it may have several forms, they come one
 * after another, and the constant that tells each from the others has its description.
 */
export function listFields(schema: Schema, prefix = '', depth = 0): Field[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = prefix + name;
    const description = property.description ?? (isConstant(property) ? schema.description : undefined);
    const field: Field = {
      path,
      type: describeType(property),
      required: required.includes(name),
      description: [description, describeDefault(property)].filter(Boolean).join(' '),
    };
    const inner = depth < maxDepth ? findInner(property, path) : [];
    return [field, ...inner.flatMap((form) => listFields(form.schema, form.prefix, depth + 1))];
  });
}

/** `a text`, `a list of texts`, `LOCAL or null`: what a value is, in words. */
function describeType(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => String(value)).join(' | ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.anyOf) return [...new Set(schema.anyOf.map(describeType))].join(' or ');
  if (schema.items) return `list of ${plural(describeType(schema.items))}`;
  if (isMap(schema)) return `map of ${plural(describeType(mapValues(schema)))}`;
  if (schema.properties) return 'object';
  if (schema.format === 'date-time') return 'time';
  return typeof schema.type === 'string' ? (names[schema.type] ?? schema.type) : 'any JSON';
}

const names: Record<string, string> = { string: 'text', integer: 'number', number: 'number', boolean: 'true | false' };

function plural(type: string): string {
  return type.replace(/^(text|object|number|list|map)\b/, '$1s');
}

/** The objects that may stand in a field: in it, in a list, as a map's values, or one for each of several forms. */
function findInner(schema: Schema, path: string): { schema: Schema; prefix: string }[] {
  if (schema.properties) return [{ schema, prefix: `${path}.` }];
  if (schema.items) return findInner(schema.items, `${path}[]`);
  if (isMap(schema)) return findInner(mapValues(schema), `${path}.*`);
  return (schema.anyOf ?? []).flatMap((form) => findInner(form, path));
}

function isConstant({ const: value, enum: values }: Schema): boolean {
  return value !== undefined || values?.length === 1;
}

function isMap(schema: Schema): boolean {
  return typeof schema.additionalProperties === 'object' || schema.patternProperties !== undefined;
}

function mapValues({ additionalProperties, patternProperties }: Schema): Schema {
  if (typeof additionalProperties === 'object') return additionalProperties;
  return Object.values(patternProperties ?? {})[0] ?? {};
}

function describeDefault({ default: value }: Schema): string {
  return value === undefined ? '' : `Default: ${JSON.stringify(value)}.`;
}
