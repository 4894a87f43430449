import type { CallExpression } from 'acorn';
import { readConstant, type ScriptIndex } from './script-index.ts';

export interface NamedArgument {
  name: string;
  node: CallExpression['arguments'][number];
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
