import { findTextFault } from '../../sandbox/protocol.ts';
import type { Parameter, ScriptFunction } from './definition.ts';
import { readOddity, valueTypes } from './value-types.ts';

/** A wrong call: it ends the login as a script error at the place of the call. */
export class ScriptCallError extends Error {
  override readonly name = 'ScriptCallError';
}

/**
 * Checks arguments as they crossed the wall and gives them their types: a user is its reference.
 * @throws ScriptCallError naming function, parameter, what was expected and what was found.
 */
export function readArguments(
  fn: Pick<ScriptFunction, 'name' | 'parameters' | 'tenantInFront'>,
  all: readonly unknown[],
): unknown[] {
  const hasTenant = fn.tenantInFront && all.length === fn.parameters.length + 1 && typeof all[0] === 'string';
  const given = hasTenant ? all.slice(1) : all;
  if (given.length > fn.parameters.length) {
    throw new ScriptCallError(
      `${describeCall(fn)} takes ${fn.parameters.length} arguments, and ${given.length} were given.`,
    );
  }
  return fn.parameters.map((parameter, i) => {
    const value = given[i];
    const takesNull = parameter.type === 'text or null' || parameter.type === 'value';
    if (value === undefined || (value === null && !takesNull)) {
      if (parameter.optional) return undefined;
      throw wrong(fn, parameter, 'nothing');
    }
    const oddity = readOddity(value);
    if (oddity !== null) throw wrong(fn, parameter, oddity);
    const fault = findTextFault(value);
    if (fault !== null) throw wrong(fn, parameter, fault);
    const read = valueTypes[parameter.type].read(value);
    if (read === undefined) throw wrong(fn, parameter, parameter.secret ? 'something else' : show(value));
    return read;
  });
}

/** `hasRole(user, role)` */
export function describeCall({ name, parameters }: Pick<ScriptFunction, 'name' | 'parameters'>): string {
  return `${name}(${parameters.map((parameter) => parameter.name).join(', ')})`;
}

function wrong(fn: Pick<ScriptFunction, 'name'>, { name, type }: Parameter, found: string): ScriptCallError {
  return new ScriptCallError(`${fn.name}: ${name} must be ${valueTypes[type].expected}, and ${found} was given.`);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
