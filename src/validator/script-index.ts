import type { AnyNode, CallExpression, Expression, Function as FunctionNode, Identifier, Program } from 'acorn';
import { full } from 'acorn-walk';

export type { FunctionNode };

/** What a script says of its names, whatever scope they stand in. */
export interface ScriptIndex {
  program: Program;
  /** Every node, children before their parents. */
  nodes: AnyNode[];
  /** Calls by a plain name: `executeStep(1)`. */
  calls: { name: string; node: CallExpression }[];
  /** Names that the script declares or assigns. */
  bound: ReadonlySet<string>;
  /** How often a name is read. */
  reads: ReadonlyMap<string, number>;
  /** Names that get one value in the whole script, and that value. */
  values: ReadonlyMap<string, Expression | FunctionNode>;
  /** Names all of whose values are in the text, and those. */
  allValues: ReadonlyMap<string, readonly (Expression | FunctionNode)[]>;
}

export function indexScript(program: Program): ScriptIndex {
  const nodes: AnyNode[] = [];
  const calls: ScriptIndex['calls'] = [];
  const reads = new Map<string, number>();
  const bindings = new Map<string, { count: number; values: (Expression | FunctionNode)[] }>();
  const bind = (name: string, count: number, value: Expression | FunctionNode | null = null) => {
    const binding = bindings.get(name) ?? { count: 0, values: [] };
    bindings.set(name, binding);
    binding.count += count;
    if (value) binding.values.push(value);
  };

  full(program, (plain, _state, type) => {
    const node = plain as AnyNode;
    nodes.push(node);
    // The walker tells names that are bound from names that are read by how it came to them.
    if (type === 'VariablePattern') bind((node as Identifier).name, 1);
    else if (node.type === 'Identifier') reads.set(node.name, (reads.get(node.name) ?? 0) + 1);
    else if (node.type === 'CallExpression' && node.callee.type === 'Identifier') {
      calls.push({ name: node.callee.name, node });
    } else if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier') {
      // A declaration without a value gives none.
      if (node.init) bind(node.id.name, 0, node.init);
      else bind(node.id.name, -1);
    } else if (node.type === 'AssignmentExpression' && node.left.type === 'Identifier') {
      bind(node.left.name, node.operator === '=' ? 0 : 1, node.right);
    } else if (node.type === 'UpdateExpression' && node.argument.type === 'Identifier') bind(node.argument.name, 2);
    else if (node.type === 'FunctionDeclaration' && node.id) bind(node.id.name, 0, node);
    // The name of a function expression is its own affair.
    else if (node.type === 'FunctionExpression' && node.id) bind(node.id.name, -1);
  });

  const allValues = [...bindings].flatMap(([name, { count, values }]) =>
    count > 0 && count === values.length ? [[name, values] as const] : [],
  );
  const values = [...bindings].flatMap(([name, { count, values }]) => {
    const value = values.at(-1);
    return count === 1 && value ? [[name, value] as const] : [];
  });
  return {
    ...{ program, nodes, calls, bound: new Set(bindings.keys()), reads },
    ...{ values: new Map(values), allValues: new Map(allValues) },
  };
}

/** Follows names to their only value: `var staff = 2; executeStep(staff)`. */
export function resolve(node: AnyNode, { values }: Pick<ScriptIndex, 'values'>): AnyNode {
  let found = node;
  for (let hops = 0; hops < 10 && found.type === 'Identifier'; hops++) {
    found = (values.get(found.name) as AnyNode | undefined) ?? found;
  }
  return found;
}

/** The constant that an expression is, or undefined when that cannot be read from the text. */
export function readConstant(
  node: AnyNode,
  index: Pick<ScriptIndex, 'values'>,
): string | number | boolean | null | undefined {
  const found = resolve(node, index);
  if (found.type === 'Literal') {
    const { value } = found;
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
      ? value
      : undefined;
  }
  if (found.type === 'TemplateLiteral' && found.expressions.length === 0)
    return found.quasis[0]?.value.cooked ?? undefined;
  if (found.type === 'UnaryExpression' && found.operator === '-') {
    const value = readConstant(found.argument, index);
    return typeof value === 'number' ? -value : undefined;
  }
  return undefined;
}

export function isFunction(node: AnyNode): node is FunctionNode & AnyNode {
  return /^(Function(Declaration|Expression)|ArrowFunctionExpression)$/.test(node.type);
}

/** The properties of an object literal that are written out, by name; null for anything else. */
export function readProperties(node: AnyNode, index: Pick<ScriptIndex, 'values'>) {
  const object = resolve(node, index);
  if (object.type !== 'ObjectExpression') return null;
  const properties = new Map<string, { key: AnyNode; value: AnyNode }>();
  for (const property of object.properties) {
    if (property.type !== 'Property') continue;
    const name = readPropertyName(property);
    if (name !== null) properties.set(name, { key: property.key, value: property.value as AnyNode });
  }
  return { object, properties, complete: properties.size === object.properties.length };
}

/** `a.b`, `a['b']` and `{ b: … }`: the name b; null for a computed one. */
export function readPropertyName(
  of: { computed: boolean; key: AnyNode } | { computed: boolean; property: AnyNode },
): string | null {
  const node = 'key' in of ? of.key : of.property;
  if (!of.computed && node.type === 'Identifier') return node.name;
  return node.type === 'Literal' && (typeof node.value === 'string' || typeof node.value === 'number')
    ? String(node.value)
    : null;
}
