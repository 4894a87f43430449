import { findTextFault } from './protocol.ts';
import { readOddity, type ValueType, type ValueTypeName, valueTypes } from './value-types.ts';

/** A function as far as its arguments are checked. JSON. */
export interface CallShape {
  name: string;
  parameters: readonly ParameterShape[];
  /** Callbacks come besides the parameters, always or where the script gives them. */
  handlers?: 'always' | 'when given';
}

export interface ParameterShape {
  name: string;
  type: ValueTypeName;
  optional?: true;
  /** How many names an object may have. */
  most?: number;
  /** Not shown where it is wrong. */
  secret?: true;
}

/** One value for each parameter, or what is wrong, as a sentence. */
export type ReadArguments = { values: unknown[] } | { fault: string };

/**
 * Checks arguments as they left the guest and gives them their types: a user is its reference. What is wrong is told with
 * function, parameter, what was expected and what was found.
 */
export function readShape(call: CallShape, given: readonly unknown[]): ReadArguments {
  const { length } = call.parameters;
  if (given.length > length) {
    const besides = call.handlers ? ' besides its callbacks' : '';
    return { fault: `${describeCall(call)} takes ${length} arguments${besides}, and ${given.length} were given.` };
  }
  const values: unknown[] = [];
  for (const [i, parameter] of call.parameters.entries()) {
    const { name, type, optional, most = Number.POSITIVE_INFINITY, secret } = parameter;
    const { expected, read, takesNull } = valueTypes[type] as ValueType;
    const wrong = (found: string) => ({ fault: `${call.name}: ${name} must be ${expected}, and ${found} was given.` });
    const value = given[i];
    if (value === undefined || (value === null && !takesNull)) {
      if (!optional) return wrong('nothing');
      values.push(undefined);
      continue;
    }
    const odd = readOddity(value) ?? findTextFault(value);
    if (odd !== null) return wrong(odd);
    const typed = read(value);
    if (typed === undefined) return wrong(secret ? 'something else' : show(value));
    // Only where it is asked for: the keys of a text are all its characters.
    const count = most === Number.POSITIVE_INFINITY ? 0 : Object.keys(Object(typed)).length;
    if (count > most)
      return { fault: `${call.name}: ${name} may have at most ${most} names, and ${count} were given.` };
    values.push(typed);
  }
  return { values };
}

/** `hasRole(user, role)` */
function describeCall({ name, parameters }: CallShape): string {
  return `${name}(${parameters.map((parameter) => parameter.name).join(', ')})`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
