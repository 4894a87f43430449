import type { AnyNode, Program } from 'acorn';
import { listChildren } from '../parse-script.ts';
import { isFunction } from '../script-index.ts';

/** Tells of each node which function it stands in; null for the top level. */
export function createOwners(program: Program): (node: AnyNode) => AnyNode | null {
  const owners = new WeakMap<object, AnyNode>();
  const open: { node: AnyNode; owner: AnyNode | null }[] = [{ node: program, owner: null }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, owner } = next;
    if (owner) owners.set(node, owner);
    const inner = isFunction(node) ? node : owner;
    for (const child of listChildren(node)) open.push({ node: child as AnyNode, owner: inner });
  }
  return (node) => owners.get(node) ?? null;
}
