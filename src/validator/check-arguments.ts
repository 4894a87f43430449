import type { AnyNode, CallExpression } from 'acorn';
import { isAdministrationRole } from '../directory/role.ts';
import { tellUnknownSecret } from './check-secrets.ts';
import { findClosest } from './closest-name.ts';
import { createFinding, type Finding } from './finding.ts';
import type { Knowledge, KnownFunction, KnownParameter } from './knowledge.ts';
import { spanOf } from './parse-script.ts';
import {
  isFunction,
  readConstant,
  readProperties,
  readPropertyName,
  resolve,
  type ScriptIndex,
} from './script-index.ts';

/**
 * The arguments of a call, as far as the text tells what they are, against what the function takes. `executeStep` has
 * checks of its own.
 */
export function checkArguments(
  name: string,
  node: CallExpression,
  { fn, index, knowledge }: { fn: KnownFunction; index: ScriptIndex; knowledge: Knowledge },
): Finding[] {
  const deprecated =
    fn.deprecated === undefined
      ? []
      : [
          createFinding('DEPRECATED_FUNCTION', `${name} is deprecated.`, {
            span: spanOf(node.callee),
            mend: fn.deprecated,
          }),
        ];
  if (fn.name === 'executeStep' || node.arguments.some(({ type }) => type === 'SpreadElement')) return deprecated;
  const hasTenant = fn.tenantInFront && node.arguments.length > fn.parameters.length;
  const args = (hasTenant ? node.arguments.slice(1) : node.arguments) as AnyNode[];
  const validators = fn.preHandler && args.length > 2 ? args[1]! : null;
  const handlers = fn.handlers
    ? args.findIndex((arg, i) => arg !== validators && isHandlers(arg, i === args.length - 1, index))
    : -1;
  const plain = args.filter((_, i) => i !== handlers);
  // From the first argument on that might be the callbacks, nobody can tell which parameter is which.
  const unclear = fn.handlers && handlers < 0 ? plain.findIndex((arg) => mayBeHandlers(arg, index)) : -1;
  const readable = unclear < 0 ? plain : plain.slice(0, unclear);
  return [
    ...deprecated,
    ...(validators ? checkValidators(name, validators, index) : []),
    ...readable.flatMap((arg, i) => {
      const parameter = fn.parameters[i];
      return parameter && arg !== validators ? checkArgument(name, arg, parameter, { index, knowledge }) : [];
    }),
    ...(handlers >= 0 ? checkHandlers(name, args[handlers]!, fn, index) : []),
    ...(fn.handlers?.given === 'always' && handlers < 0 && unclear < 0 && args.length >= fn.minArguments
      ? [describeMissing(name, node, fn)]
      : []),
  ];
}

function checkArgument(
  name: string,
  arg: AnyNode,
  parameter: KnownParameter,
  { index, knowledge }: { index: ScriptIndex; knowledge: Knowledge },
): Finding[] {
  const read = readValue(arg, index);
  if (read === null) return [];
  const span = spanOf(arg);
  if ('odd' in read || !(parameter.accepts(read.value) || (read.value === null && parameter.optional))) {
    const found = 'odd' in read ? read.odd : describe(read.value);
    return [
      createFinding(
        'ARGUMENT_SHAPE',
        `${name}: ${parameter.name} must be ${parameter.expected}, and ${found} is given.`,
        {
          span,
          mend: `Write ${parameter.expected} in its place: the call ends the sign-in with a script error as it is.`,
        },
      ),
    ];
  }
  const { most } = parameter;
  const count = most === undefined ? 0 : Object.keys(Object(read.value)).length;
  if (most !== undefined && count > most) {
    const message = `${name}: ${parameter.name} may have at most ${most} names, and ${count} are given.`;
    return [createFinding('ARGUMENT_SHAPE', message, { span, mend: 'Leave out those that are not needed.' })];
  }
  return [
    ...checkNames(name, arg, parameter, { index, knowledge }),
    ...checkSecretFields(arg, parameter, { index, knowledge }),
  ];
}

/** Roles and secrets that a call names, where all of them are known. */
function checkNames(
  name: string,
  arg: AnyNode,
  { names }: KnownParameter,
  { index, knowledge }: { index: ScriptIndex; knowledge: Knowledge },
): Finding[] {
  // Groups can be the provider's own, which nobody here has to know.
  if (names === undefined || names === 'group') return [];
  const known = knowledge.names?.[names === 'role to give' ? 'role' : names] ?? null;
  const found = resolve(arg, index);
  const nodes = found.type === 'ArrayExpression' ? found.elements.filter((each) => each !== null) : [arg];
  return nodes.flatMap((each) => {
    const role = readConstant(each, index);
    if (typeof role !== 'string') return [];
    if (names === 'role to give' && isAdministrationRole(role)) {
      return createFinding('ADMINISTRATION_ROLE', `${name}: «${role}» is an administration role.`, {
        span: spanOf(each),
        mend: 'Only the API gives and takes it: the call ends the sign-in with a script error.',
      });
    }
    if (known === null || known.includes(role)) return [];
    if (names === 'secret') return tellUnknownSecret(role, known, spanOf(each));
    const whose = names === 'application role' ? 'The application' : 'The organisation';
    const meant = findClosest(role, known);
    return createFinding('UNKNOWN_ROLE', `${name}: ${whose} has no role «${role}».`, {
      span: spanOf(each),
      mend: meant === null ? 'Make the role: POST /api/v1/roles.' : `Did you mean «${meant}»?`,
    });
  });
}

/** Secrets that fields of an object name. */
function checkSecretFields(
  arg: AnyNode,
  { secretNames = [] }: KnownParameter,
  { index, knowledge }: { index: ScriptIndex; knowledge: Knowledge },
): Finding[] {
  const known = knowledge.names?.secret ?? null;
  const properties = known && readProperties(arg, index)?.properties;
  if (!properties) return [];
  return secretNames.flatMap((field) => {
    const value = properties.get(field)?.value;
    const name = value && readConstant(value, index);
    return typeof name !== 'string' || known.includes(name)
      ? []
      : tellUnknownSecret(name, known, spanOf(value as AnyNode));
  });
}

function checkHandlers(name: string, node: AnyNode, { handlers }: KnownFunction, index: ScriptIndex): Finding[] {
  if (!handlers || handlers.names === 'any') return [];
  const { names } = handlers;
  const properties = readProperties(node, index)?.properties ?? new Map<string, { key: AnyNode }>();
  return [...properties].flatMap(([property, { key }]) =>
    names.includes(property)
      ? []
      : createFinding('CALLBACK_NEVER_FIRES', `${name} never calls «${property}».`, {
          span: spanOf(key),
          mend: `It calls ${names.join(', ')}. Did you mean ${findClosest(property, names) ?? names[0]}?`,
        }),
  );
}

/** A list of them, and functions by other names, are never looked at. */
function checkValidators(name: string, node: AnyNode, index: ScriptIndex): Finding[] {
  const tell = (what: string, at: AnyNode) =>
    createFinding(
      'OPTION_WITHOUT_EFFECT',
      `${name} reads nothing of its validators but preHandler: ${what} has no effect.`,
      {
        span: spanOf(at),
        mend: 'Write { preHandler: function (step, context) { return … } }: true spares the person the page.',
      },
    );
  const found = resolve(node, index);
  if (found.type === 'ArrayExpression') return [tell('a list', node)];
  return [...(readProperties(found, index)?.properties ?? [])].flatMap(([property, { key }]) =>
    property === 'preHandler' ? [] : tell(`«${property}»`, key),
  );
}

function describeMissing(name: string, node: CallExpression, { handlers }: KnownFunction): Finding {
  const names = handlers && handlers.names !== 'any' ? handlers.names : ['onSuccess'];
  return createFinding('CALL_WITHOUT_HANDLERS', `${name} is called without callbacks: nobody gets its answer.`, {
    span: spanOf(node),
    mend: `Give ${names.join(', ')} as the last argument. Without them a failure ends the sign-in.`,
  });
}

/** As the sandbox takes a call apart: an object with functions in it, or an empty one at the end. */
function isHandlers(node: AnyNode, last: boolean, index: ScriptIndex): boolean {
  const read = readProperties(node, index);
  if (!read) return false;
  if (read.object.properties.length === 0) return last;
  return [...read.properties].some(([name, { value }]) => isFunction(resolve(value, index)) || /^on[A-Z]/.test(name));
}

function mayBeHandlers(node: AnyNode, index: ScriptIndex): boolean {
  const found = resolve(node, index);
  if (found.type === 'ObjectExpression') return !(readProperties(found, index)?.complete ?? false);
  return readValue(found, index) === null;
}

/**
 * The value that an expression has, or what it is in words where it is none that a call takes; null where only the running
 * script could tell. What cannot be told within a list or an object is taken for a text, which every type takes there.
 */
function readValue(node: AnyNode, index: ScriptIndex): { value: unknown } | { odd: string } | null {
  const found = resolve(node, index);
  if (isFunction(found)) return { odd: 'a function' };
  if (found.type === 'Literal' && 'regex' in found && found.regex) return { value: {} };
  if (found.type === 'Literal' && 'bigint' in found && found.bigint) return { odd: 'a bigint' };
  const constant = readConstant(found, index);
  if (constant !== undefined) return { value: constant };
  if (found.type === 'ArrayExpression') return { value: found.elements.map((each) => readPart(each, index)) };
  if (found.type !== 'ObjectExpression') return null;
  const entries = found.properties.flatMap((property): [string, unknown][] => {
    if (property.type !== 'Property') return [];
    const name = readPropertyName(property);
    return name === null ? [] : [[name, readPart(property.value as AnyNode, index)]];
  });
  return { value: Object.fromEntries(entries) };
}

function readPart(node: AnyNode | null, index: ScriptIndex): unknown {
  const read = node === null || node.type === 'SpreadElement' ? null : readValue(node, index);
  return read && 'value' in read ? read.value : 'a text';
}

function describe(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
