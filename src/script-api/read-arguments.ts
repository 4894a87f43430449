import { readShape } from '../../sandbox/read-arguments.ts';
import type { ScriptFunction } from './definition.ts';

/** A wrong call: it ends the login as a script error at the place of the call. */
export class ScriptCallError extends Error {
  override readonly name = 'ScriptCallError';
}

/**
 * Checks arguments as they crossed the wall and gives them their types: a user is its reference.
 * @throws ScriptCallError naming function, parameter, what was expected and what was found.
 */
export function readArguments(
  fn: Pick<ScriptFunction, 'name' | 'parameters' | 'handlers' | 'tenantInFront'>,
  all: readonly unknown[],
): unknown[] {
  const hasTenant = fn.tenantInFront && all.length === fn.parameters.length + 1 && typeof all[0] === 'string';
  const read = readShape(fn, hasTenant ? all.slice(1) : all);
  if ('fault' in read) throw new ScriptCallError(read.fault);
  return read.values;
}
