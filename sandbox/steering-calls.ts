import { nameCall } from './name-call.ts';
import { cut } from './places.ts';
import type { Bundle } from './protocol.ts';
import { type ReadArguments, readShape } from './read-arguments.ts';

/**
 * Reads calls of what steers the sign-in, which the engine answers itself, by their definitions; like those of all other
 * functions, and outside of the guest. A function that the bundle does not define is none that can be called.
 * @returns of a call by its operation and its arguments as JSON
 */
export function createSteeringReader({
  steering,
  steps,
}: Pick<Bundle, 'steering' | 'steps'>): (op: string, args: string) => ReadArguments {
  const shapes = new Map(steering.map((call) => [call.name, call]));
  return (op, args) => {
    const name = nameCall(op);
    const shape = shapes.get(name);
    if (!shape) return { fault: `${name} is no function of this sign-in.` };
    const given = JSON.parse(args) as unknown[];
    const read = readShape(shape, given);
    if ('fault' in read || op !== 'step') return read;
    const [step] = read.values as [number];
    const isPlain = typeof given[0] === 'number' || /^\d+$/.test(String(given[0]));
    if (isPlain && Number.isInteger(step) && step >= 1 && step <= steps.length) return read;
    return { fault: `${name}(${cut(JSON.stringify(given[0]), 80)}): the flow has the steps 1 to ${steps.length}.` };
  };
}
