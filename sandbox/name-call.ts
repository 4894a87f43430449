import type { Bundle, Limits } from './protocol.ts';

/** Says which argument of a call is longer than all of them together may be; `told` is its place, its length and how many there are, as JSON. */
export function createLongestTeller(
  { functions, steering }: Pick<Bundle, 'functions' | 'steering'>,
  { argumentBytes }: Pick<Limits, 'argumentBytes'>,
): (op: string, told: string) => string {
  const parameters = new Map<string, readonly string[]>([
    ...functions.map(({ name, parameters: names = [] }) => [name, names] as const),
    ...steering.map(({ name, parameters }) => [name, parameters.map((parameter) => parameter.name)] as const),
  ]);
  const withTenant = new Map(
    functions.flatMap(({ name, tenantInFront, parameters: names = [] }) =>
      tenantInFront ? [[name, ['tenant', ...names]] as const] : [],
    ),
  );
  return (op, told) => {
    const [place, letters, count] = JSON.parse(told) as [number, number, number];
    const longer = withTenant.get(op);
    const names = count === longer?.length ? longer : parameters.get(nameCall(op));
    const name = names?.[place] ?? `argument ${place + 1}`;
    return `${nameCall(op)}: ${name} has ${letters} characters, and all arguments of a sign-in together may have ${argumentBytes}.`;
  };
}

/** A call in the queue: `executeStep(2)`, `httpGet`. */
export function nameScheduled({ op, args }: { op: string; args: string }): string {
  return op === 'step' ? `executeStep(${Number(JSON.parse(args)[0])})` : op;
}

/** An operation as a script writes it. */
export function nameCall(op: string): string {
  return op === 'step' ? 'executeStep' : op;
}
