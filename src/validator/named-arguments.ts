import type { AnyNode } from 'acorn';
import { readConstant, readPropertyName, type ScriptIndex } from './script-index.ts';

/** The same for the property of an object, wherever it is written. */
export function readNamedProperties(
  { nodes, values }: ScriptIndex,
  property: string,
): { named: NamedArgument[]; open: boolean } {
  let open = false;
  const named = nodes.flatMap((node): NamedArgument[] => {
    if (node.type === 'MemberExpression' && readPropertyName(node) === property) open = true;
    if (node.type !== 'Property' || readPropertyName(node) !== property) return [];
    const value = node.value as AnyNode;
    const name = readConstant(value, { values });
    if (typeof name === 'string') return [{ name, node: value }];
    open = true;
    return [];
  });
  return { named, open };
}

export interface NamedArgument {
  name: string;
  node: AnyNode;
}

/**
 * The names that a text gives to one of these functions, as its first argument or the one at `place`. `open`: something
 * besides that cannot be read from the text.
 */
export function readNamedArguments(
  { calls, bound, reads, values }: ScriptIndex,
  functions: readonly string[],
  place = 0,
): { named: NamedArgument[]; open: boolean } {
  const free = functions.filter((name) => !bound.has(name));
  const own = calls.filter(({ name }) => free.includes(name));
  const named = own.flatMap(({ node }) => {
    const argument = node.arguments[place];
    const name = argument && readConstant(argument, { values });
    return typeof name === 'string' && argument ? [{ name, node: argument }] : [];
  });
  const read = free.reduce((sum, name) => sum + (reads.get(name) ?? 0), 0);
  return { named, open: named.length < own.length || read > own.length };
}
