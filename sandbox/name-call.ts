import { type Bundle, findTextFault, type Limits } from './protocol.ts';

/** What the verbs take that the engine knows by itself, by the names of their definitions. */
export const steering: Readonly<Record<'step' | 'fail' | 'sendError', readonly string[]>> = {
  step: ['step', 'options'],
  fail: ['error'],
  sendError: ['url', 'params'],
};

/** What in the arguments of a verdict nobody can be told, as a sentence; null where all of it can be. */
export function findVerdictFault(op: 'fail' | 'sendError', args: string): string | null {
  for (const [i, value] of (JSON.parse(args) as unknown[]).entries()) {
    const fault = findTextFault(value);
    if (fault !== null) return `${op}: ${steering[op][i]} must be texts alone, and ${fault} was given.`;
  }
  return null;
}

/** Says which argument of a call is longer than all of them together may be; `told` is its place and length, as JSON. */
export function createLongestTeller(
  { functions }: Pick<Bundle, 'functions'>,
  { argumentBytes }: Pick<Limits, 'argumentBytes'>,
): (op: string, told: string) => string {
  const parameters = new Map<string, readonly string[]>([
    ...functions.map(({ name, parameters: names = [] }) => [name, names] as const),
    ...Object.entries(steering),
  ]);
  return (op, told) => {
    const [place, letters] = JSON.parse(told) as [number, number];
    const name = parameters.get(op)?.[place] ?? `argument ${place + 1}`;
    return `${nameCall(op)}: ${name} has ${letters} characters, and all arguments of a sign-in together may have ${argumentBytes}.`;
  };
}

/** An operation as a script writes it. */
export function nameCall(op: string): string {
  return op === 'step' ? 'executeStep' : op;
}
