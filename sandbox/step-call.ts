import { cut } from './places.ts';

/** What is wrong with the arguments of an executeStep, as a sentence; null when nothing is. @param steps how many the flow has */
export function findStepFault(args: string, steps: number): string | null {
  const [step, options] = JSON.parse(args) as unknown[];
  const odd = describeOddOptions(options);
  if (odd !== null) return `executeStep: options must be an object, and ${odd} was given.`;
  const oddStep = describeOdd(step);
  if (oddStep !== null) return `executeStep: step must be a number, and ${oddStep} was given.`;
  const number = typeof step === 'string' && /^\d+$/.test(step) ? Number(step) : step;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= steps) return null;
  return `executeStep(${JSON.stringify(step)}): the flow has the steps 1 to ${steps}.`;
}

/** What was given in place of an object of options; null where that is one, or nothing. */
function describeOddOptions(options: unknown): string | null {
  if (options === null) return null;
  if (typeof options !== 'object' || Array.isArray(options)) return cut(JSON.stringify(options), 80);
  return describeOdd(options);
}

/** What was given that JSON cannot hold, in words; null for every other value. */
function describeOdd(value: unknown): string | null {
  const { $odd } = (value ?? {}) as { $odd?: unknown };
  return typeof $odd === 'string' ? $odd : null;
}
