import type { AnyNode, CallExpression } from 'acorn';
import { readConstant, readProperties, resolve, type ScriptIndex } from './script-index.ts';

/** What executeStep takes as options. */
export const optionNames: Readonly<Record<string, boolean>> = {
  authenticationOptions: true,
  authenticatorParams: true,
  stepOptions: true,
};

/** A call of executeStep as far as the text tells. */
export interface ExecuteStepCall {
  node: CallExpression;
  /** The step's number; `unreadable` when only the running script could tell; null when it can be no step's number. */
  step: number | 'unreadable' | null;
  options: AnyNode | null;
  handlers: AnyNode | null;
}

/** Takes a call apart as the sandbox does: two arguments whose second has only option keys are options. */
export function readExecuteStep(node: CallExpression, index: Pick<ScriptIndex, 'values'>): ExecuteStepCall {
  const [id, second, third] = node.arguments;
  const step = readStep(id, index);
  if (node.arguments.some(({ type }) => type === 'SpreadElement')) {
    return { node, step: 'unreadable', options: null, handlers: null };
  }
  if (third) return { node, step, options: second ?? null, handlers: third };
  if (second && looksLikeOptions(second, index)) return { node, step, options: second, handlers: null };
  return { node, step, options: null, handlers: second ?? null };
}

export function looksLikeOptions(node: AnyNode, index: Pick<ScriptIndex, 'values'>): boolean {
  const read = readProperties(node, index);
  if (!read || read.properties.size === 0) return false;
  const names = [...read.properties.keys()];
  return names.some(isOptionName) && !names.some(isHandlerName);
}

export function isOptionName(name: string): boolean {
  return Object.hasOwn(optionNames, name);
}

export function isHandlerName(name: string): boolean {
  return /^on[A-Z]/.test(name);
}

function readStep(id: CallExpression['arguments'][number] | undefined, index: Pick<ScriptIndex, 'values'>) {
  if (!id || /^(Object|Array|Function|ArrowFunction|Class)Expression$/.test(resolve(id, index).type)) return null;
  const value = readConstant(id, index);
  if (value === undefined) return 'unreadable';
  const text = String(value).trim();
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}
