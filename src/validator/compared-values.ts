import type { AnyNode, BinaryExpression, Literal, MemberExpression, Program } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { claimName } from '../directory/claims.ts';
import { indexScript, readConstant, readPropertyName, type ScriptIndex } from './script-index.ts';

/** Values worth trying for what a script reads: those that are written in it. What stands in comparisons comes first. */
export interface WrittenValues {
  strings: readonly string[];
  numbers: readonly number[];
  /** `true`, `false`, `null`. */
  words: readonly (boolean | null)[];
  readsDates: boolean;
}

/** The values for what is read by this name; null: by none. */
export type WrittenFor = (name: string | null) => WrittenValues;

/** Of a script that cannot be parsed. */
export const nothingWritten: WrittenFor = () => ({ strings: [], numbers: [], words: [true, false], readsDates: false });

/**
 * The values that can make a difference to what the script reads. Where all it does with the members of one name is to
 * compare them with constants, and to ask whether they are true, these constants are tried for them; and for nothing else,
 * unless they are written elsewhere too. All others get all others.
 */
export function findWrittenValues(program: Program): WrittenFor {
  const index = indexScript(program);
  const { members, literals } = gather(program, index);
  const compared = readsByAnyName(index) ? new Map<string, Compared>() : joinCompared(members);
  const owned = new Set([...compared.values()].flatMap((each) => each.owned));
  const free = literals.filter(({ node }) => !owned.has(node));
  const values = [...free.filter((each) => each.isCompared), ...free.filter((each) => !each.isCompared)];
  const others: WrittenValues = {
    ...sortOut(values.map(({ node }) => node.value)),
    words: [true, false],
    readsDates: index.nodes.some((node) => node.type === 'Identifier' && node.name === 'Date'),
  };
  const byName = new Map([...compared].map(([name, each]) => [name, { ...sortOut(each.values), readsDates: false }]));
  const known = new Set(members.map(({ name }) => name));
  // What is read by a name that is not written may be anything.
  const all = { ...others, ...sortOut(literals.map(({ node }) => node.value)), words: others.words };
  return (name) => {
    if (name === null) return others;
    const same = sameName(name);
    return byName.get(same) ?? (known.has(same) ? others : all);
  };
}

/** What a member is compared with, and the literals that are written for that alone. */
interface Compared {
  values: readonly unknown[];
  owned: readonly Literal[];
}

/** A member that is read; null where something else is done with it than comparing. */
interface Member {
  name: string;
  comparedWith: Compared | null;
}

interface Written {
  node: Literal;
  isCompared: boolean;
}

function gather(program: Program, index: ScriptIndex): { members: Member[]; literals: Written[] } {
  const members: Member[] = [];
  const literals: Written[] = [];
  fullAncestor(program, (plain, _state, path) => {
    const node = plain as AnyNode;
    const parents = (path as AnyNode[]).slice(0, -1).reverse();
    const [parent] = parents;
    if (node.type === 'MemberExpression') {
      const member = readMember(node, parents, index);
      if (member) members.push(member);
    }
    if (node.type === 'Property' || node.type === 'PropertyDefinition' || node.type === 'MethodDefinition') {
      const name = readPropertyName(node);
      if (name !== null) members.push({ name: sameName(name), comparedWith: readGiven(node.value ?? null) });
    }
    if (node.type !== 'Literal' || !parent || parent.type === 'MemberExpression') return;
    if (parent.type === 'ExpressionStatement' || (parent.type === 'Property' && parent.key === node)) return;
    literals.push({
      node,
      isCompared: (parent.type === 'BinaryExpression' && isComparison(parent.operator)) || parent.type === 'SwitchCase',
    });
  });
  return { members, literals };
}

function readMember(node: MemberExpression, parents: readonly AnyNode[], index: ScriptIndex): Member | null {
  const { property, computed } = node;
  const name = computed ? readConstant(property, index) : property.type === 'Identifier' ? property.name : undefined;
  // `params.name[0]`: the member is `name`, and what is compared is its first value.
  if (typeof name !== 'string') return null;
  const [first, ...more] = parents;
  const isIndexed = first?.type === 'MemberExpression' && first.object === node && isNumber(first.property);
  const [use, around] = isIndexed ? [first, more] : [node, parents];
  return { name: sameName(name), comparedWith: readUse(use, around, index) };
}

function readUse(use: AnyNode, [parent, ...above]: readonly AnyNode[], index: ScriptIndex): Compared | null {
  if (parent?.type === 'ChainExpression') return readUse(parent, above, index);
  if (parent?.type === 'AssignmentExpression' && parent.left === use && parent.operator === '=') {
    return readGiven(parent.right);
  }
  if (parent?.type === 'BinaryExpression' && isComparison(parent.operator)) {
    return readComparison(parent, parent.left === use, index);
  }
  if (parent?.type === 'SwitchStatement' && parent.discriminant === use) {
    return constantsOf(
      parent.cases.flatMap(({ test }) => test ?? []),
      index,
    );
  }
  return isTest(use, [parent, ...above]) ? { values: [], owned: [] } : null;
}

function readComparison(
  { operator, left, right }: BinaryExpression,
  isLeft: boolean,
  index: ScriptIndex,
): Compared | null {
  const compared = constantsOf([isLeft ? right : left], index);
  if (!compared || operator === '===' || operator === '!==') return compared;
  const below = (operator === '<' || operator === '>=') === isLeft;
  const values = compared.values.flatMap((value) => {
    // Yes and no are equal to a text, too.
    if (typeof value === 'boolean') return [value, value ? '1' : '0'];
    if (typeof value !== 'string' || !isOrder(operator)) return [value];
    // A text that the comparison tells from this one.
    return below ? [value.length > 1 ? value.slice(0, -1) : ' ', value] : [value, `${value}~`];
  });
  return { ...compared, values };
}

/** What a member is given is only itself where it is a literal: what came from somewhere else may be compared by this name. */
function readGiven(value: AnyNode | null): Compared | null {
  if (value === null) return { values: [], owned: [] };
  return value.type === 'Literal' ? { values: [], owned: [value] } : null;
}

/** Is it only asked whether this is true? */
function isTest(use: AnyNode, [parent, ...above]: readonly (AnyNode | undefined)[]): boolean {
  switch (parent?.type) {
    case 'UnaryExpression':
      return parent.operator === '!';
    case 'LogicalExpression':
      return parent.operator !== '??' && isTest(parent, above);
    case 'IfStatement':
    case 'ConditionalExpression':
      return parent.test === use;
    default:
      return false;
  }
}

function constantsOf(nodes: readonly AnyNode[], index: ScriptIndex): Compared | null {
  const values = nodes.map((node) => (isUndefined(node) ? null : (readConstant(node, index) as unknown)));
  if (values.includes(undefined)) return null;
  const owned = nodes.flatMap((node) => {
    if (node.type === 'Literal') return node;
    // A name that is read here alone stands for its value here alone.
    const value = node.type === 'Identifier' && index.reads.get(node.name) === 1 && index.values.get(node.name);
    return value && value.type === 'Literal' ? (value as Literal) : [];
  });
  return { values, owned };
}

/** By name, where nothing but comparing is done with any member of it. */
function joinCompared(members: readonly Member[]): Map<string, Compared> {
  const found = new Map<string, Compared>();
  for (const [name, group] of Map.groupBy(members, (member) => member.name)) {
    const all = group.flatMap(({ comparedWith }) => comparedWith ?? []);
    if (all.length < group.length) continue;
    found.set(name, { values: all.flatMap(({ values }) => values), owned: all.flatMap(({ owned }) => owned) });
  }
  return found;
}

/** Claims by URI and by plain name, headers in any case. */
function sameName(name: string): string {
  return claimName(name).toLowerCase();
}

const anyNameMembers = new Set(
  'keys values entries assign stringify parse fromEntries defineProperty defineProperties getOwnPropertyNames'.split(
    ' ',
  ),
);

/** May the script come by a member without its name? */
function readsByAnyName(index: ScriptIndex): boolean {
  return index.nodes.some((node) => {
    switch (node.type) {
      case 'MemberExpression':
        if (!node.computed) return node.property.type === 'Identifier' && anyNameMembers.has(node.property.name);
        return !isNumber(node.property) && typeof readConstant(node.property, index) !== 'string';
      case 'ForInStatement':
      case 'WithStatement':
      case 'ObjectPattern':
        return true;
      case 'Identifier':
        return node.name === 'Reflect' || node.name === 'Proxy';
      case 'Property':
        return readPropertyName(node) === null;
      case 'ObjectExpression':
        return node.properties.some(({ type }) => type === 'SpreadElement');
      default:
        return false;
    }
  });
}

const comparisons = new Set(['==', '===', '!=', '!==', '<', '<=', '>', '>=']);

function isComparison(operator: string): boolean {
  return comparisons.has(operator);
}

function isOrder(operator: string): boolean {
  return operator.startsWith('<') || operator.startsWith('>');
}

function isNumber(node: AnyNode): boolean {
  return node.type === 'Literal' && typeof node.value === 'number';
}

function isUndefined(node: AnyNode): boolean {
  return node.type === 'Identifier' && node.name === 'undefined';
}

function sortOut(list: readonly unknown[]): Pick<WrittenValues, 'strings' | 'numbers' | 'words'> {
  const values = [...new Set(list)];
  const strings = values.filter((value) => typeof value === 'string');
  return {
    // URLs are names of claims and services, which nobody is called.
    strings: strings.filter((text) => text !== '' && text.length <= 200 && !/^https?:/.test(text)),
    numbers: values.filter((value) => typeof value === 'number'),
    words: values.filter((value) => typeof value === 'boolean' || value === null),
  };
}
