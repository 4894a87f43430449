import type { Bundle, Moment, Place, PlayResult } from './protocol.ts';

/** Characters of JSON that are kept of a script's variables. */
const mostKept = 2_000_000;

/** What a play tells whoever steps through it. */
export interface Inspection {
  /** A question was asked. */
  note(question: Place & { seq: number }): void;
  /** @param variables JSON from the guest */
  keep(variables: string, of: Omit<Moment, 'variables'>): void;
  /** Nothing of a bundle that is not inspected. */
  result(): Pick<PlayResult, 'moments' | 'asked'>;
}

export function createInspection({ inspect }: Pick<Bundle, 'inspect'>): Inspection {
  const moments: Moment[] = [];
  const asked: NonNullable<PlayResult['asked']> = [];
  let chars = 0;
  return {
    note(question) {
      if (inspect) asked.push(question);
    },
    keep(variables, of) {
      chars += variables.length;
      if (inspect && chars <= mostKept) moments.push({ ...of, variables: JSON.parse(variables) });
    },
    result: () => (inspect ? { moments, asked } : {}),
  };
}
