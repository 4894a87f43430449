import type { AnyNode, CallExpression, Expression } from 'acorn';
import type { OfferedOption } from '../offered.ts';
import { isFunction, readConstant, readPropertyName, resolve, type ScriptIndex } from '../script-index.ts';
import { allMissed, allPassed, join, missedWith, notRun, passedWith, replaceAt, type State } from './state.ts';

export interface Reader {
  index: ScriptIndex;
  offered: readonly OfferedOption[][];
  /** The function that a node stands in; null for the top level. */
  ownerOf(node: AnyNode): AnyNode | null;
}

/** `context.steps[step].idp`, or `.authenticator`. */
interface Path {
  step: number;
  property: 'idp' | 'authenticator';
}

/**
 * What a condition that came out true (or false) tells of the steps. Conditions that are not understood tell nothing,
 * so that nothing is ever ruled out by mistake.
 */
export function refine(
  condition: AnyNode,
  truth: boolean,
  state: State | null,
  reader: Reader,
  depth = 0,
): State | null {
  if (state === null || depth > 50) return state;
  const again = (node: AnyNode, sense: boolean, from: State | null) => refine(node, sense, from, reader, depth + 1);
  const node = skipChain(resolveHere(condition, reader));

  switch (node.type) {
    case 'UnaryExpression':
      return node.operator === '!' ? again(node.argument, !truth, state) : state;
    case 'LogicalExpression': {
      if (node.operator === '??') return state;
      const both = (node.operator === '&&') === truth;
      const left = again(node.left, truth, state);
      if (both) return again(node.right, truth, left);
      return join(left, again(node.right, truth, again(node.left, !truth, state)));
    }
    case 'ConditionalExpression':
      return join(
        again(node.consequent, truth, again(node.test, true, state)),
        again(node.alternate, truth, again(node.test, false, state)),
      );
    case 'SequenceExpression':
      return again(node.expressions.at(-1)!, truth, state);
    case 'AssignmentExpression':
      return node.operator === '=' ? again(node.right, truth, state) : state;
    case 'BinaryExpression':
      return refineComparison(node.operator, node.left as AnyNode, node.right, truth, state, reader);
    case 'CallExpression':
      return refineCall(node, truth, state, reader, depth);
    case 'Literal':
      return Boolean(node.value) === truth ? state : null;
    case 'MemberExpression': {
      const path = readPath(node, reader);
      return path ? narrow(state, path, (value) => value !== null, truth, reader) : state;
    }
    default:
      return state;
  }
}

/** The state in one case of a switch over `discriminant`, or in none of the cases that `tests` has. */
export function refineEqual(discriminant: AnyNode, test: AnyNode, truth: boolean, state: State | null, reader: Reader) {
  return state && refineComparison('===', discriminant, test, truth, state, reader);
}

function refineComparison(
  operator: string,
  left: AnyNode,
  right: AnyNode,
  truth: boolean,
  state: State,
  reader: Reader,
): State | null {
  const found = refineIndexOf(operator, left, right, truth, state, reader);
  if (found !== undefined) return found;
  if (!/^[!=]==?$/.test(operator)) return state;
  const equal = operator.startsWith('=') === truth;
  for (const [pathNode, valueNode] of [
    [left, right],
    [right, left],
  ] as const) {
    const path = readPath(pathNode, reader);
    const value = readConstant(valueNode, reader.index);
    if (path && value !== undefined) return narrow(state, path, (found) => found === value, equal, reader);
  }
  return state;
}

/** `['LOCAL'].indexOf(path) >= 0` and its relatives. */
function refineIndexOf(operator: string, left: AnyNode, right: AnyNode, truth: boolean, state: State, reader: Reader) {
  const list = left.type === 'CallExpression' ? readListTest(left, 'indexOf', reader) : null;
  const bound = readConstant(right, reader.index);
  if (!list) return undefined;
  const inside = { '>=0': true, '>-1': true, '!=-1': true, '!==-1': true, '<0': false, '==-1': false, '===-1': false }[
    `${operator}${String(bound)}`
  ];
  return inside === undefined
    ? state
    : narrow(state, list.path, (value) => list.values.includes(value), inside === truth, reader);
}

function refineCall(node: CallExpression, truth: boolean, state: State, reader: Reader, depth: number): State | null {
  const list = readListTest(node, 'includes', reader);
  if (list) return narrow(state, list.path, (value) => list.values.includes(value), truth, reader);
  const fn = resolve(node.callee, reader.index);
  if (!isFunction(fn) || fn.async || fn.generator) return state;
  // A helper that does nothing but answer: `function isLocal(context) { return context.steps[1].idp === 'LOCAL'; }`.
  const answer = readAnswer(fn.body);
  return answer ? refine(answer, truth, state, reader, depth + 1) : state;
}

function readAnswer(body: AnyNode): Expression | null {
  if (body.type !== 'BlockStatement') return body as Expression;
  const [only] = body.body;
  return body.body.length === 1 && only?.type === 'ReturnStatement' ? (only.argument ?? null) : null;
}

/** `['LOCAL', 'Google'].includes(context.steps[1].idp)`, also with the list under a name. */
function readListTest(node: CallExpression, method: string, reader: Reader) {
  const { callee } = node;
  const [first] = node.arguments;
  if (
    callee.type !== 'MemberExpression' ||
    readPropertyName(callee) !== method ||
    !first ||
    node.arguments.length > 1
  ) {
    return null;
  }
  const list = resolve(callee.object, reader.index);
  const path = readPath(first, reader);
  if (list.type !== 'ArrayExpression' || !path) return null;
  const values = list.elements.map((element) => (element ? readConstant(element, reader.index) : undefined));
  return values.includes(undefined) ? null : { path, values: values as unknown[] };
}

function readPath(written: AnyNode, reader: Reader): Path | null {
  const node = skipChain(resolveHere(written, reader));
  if (node.type !== 'MemberExpression') return null;
  const property = readPropertyName(node);
  if (property !== 'idp' && property !== 'authenticator') return null;
  const step = skipChain(resolveHere(node.object, reader));
  if (step.type !== 'MemberExpression' || !step.computed) return null;
  const steps = skipChain(resolveHere(step.object, reader));
  if (steps.type !== 'MemberExpression' || readPropertyName(steps) !== 'steps') return null;
  const number = Number(readConstant(step.property, reader.index) ?? Number.NaN);
  return Number.isInteger(number) && number >= 1 && number <= reader.offered.length
    ? { step: number - 1, property }
    : null;
}

/** A name stands for its value only within one function: elsewhere the value may be of an earlier turn. */
function resolveHere(node: AnyNode, reader: Reader): AnyNode {
  if (node.type !== 'Identifier') return node;
  const value = resolve(node, reader.index);
  return value !== node && reader.ownerOf(value) === reader.ownerOf(node) ? value : node;
}

function skipChain(node: AnyNode): AnyNode {
  return node.type === 'ChainExpression' ? node.expression : node;
}

/** Keeps the possibilities of a step whose value passes the test (or does not). */
function narrow(
  state: State,
  { step, property }: Path,
  test: (value: string | null) => boolean,
  truth: boolean,
  { offered }: Reader,
): State | null {
  const options = offered[step] ?? [];
  const before = state.seen[step] ?? 0;
  let kept = test(null) === truth ? notRun : 0;
  options.forEach((option, i) => {
    const value = option[property];
    // The authenticator of a connection that is not known may be anything.
    if (value === null || test(value) === truth) kept |= passedWith(i) | missedWith(i, options);
  });
  const seen = before & kept;
  if (seen === 0) return null;
  // It is about the people who passed only if what the script sees is all that there was.
  const people = state.people[step] ?? 0;
  const isAll = (before & allMissed(options)) === 0 && (people & ~before) === 0;
  return {
    seen: replaceAt(state.seen, step, seen),
    people: isAll ? replaceAt(state.people, step, people & seen & allPassed(options)) : state.people,
    waiting: state.waiting,
  };
}
