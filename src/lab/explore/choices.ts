import type { Entry, Place } from '../../../sandbox/protocol.ts';
import type { Values } from './values.ts';

/** One of the answers that a question can have. */
export interface Alternative {
  /** As a path names it: `fail`, `Google`, `true`. */
  label: string;
  /** The answer as the journal has it. Parts of it may be values that are chosen only when the script reads them. */
  answer(values: Values): unknown;
  /** What stands before it in the journal; of steps alone. */
  note?: { write(values: Values): Entry } | null;
  /** Why this answer stands for others that are beyond listing; missing where it stands for itself alone. */
  open?: string;
}

/** Where a path could have gone another way. */
export interface Choice extends Place {
  /** `step`, `call` and `prompt` are questions; `reads`, something that the script read without asking. */
  kind: 'step' | 'call' | 'prompt' | 'reads';
  /** The function; of what was read, its name: `context.request.ip`. */
  name: string;
  /** Arguments of a question, as the journal has them. */
  args: string;
  handlers: readonly string[];
  /** How many entries stood before it. */
  after: number;
  /** The key of the value, of what was read. */
  key?: string;
  alternatives: readonly Alternative[];
  taken: number;
}

export function takenOf({ alternatives, taken }: Choice): Alternative {
  return alternatives[taken]!;
}

/** The journal that a path's choices make, after `start`. */
export function writeEntries(choices: readonly Choice[], values: Values): Entry[] {
  return choices
    .filter(({ kind }) => kind !== 'reads')
    .flatMap((choice) => [
      ...notesOf(choice, values),
      {
        op: choice.kind === 'step' ? 'step' : choice.name,
        args: choice.args,
        answer: JSON.stringify(takenOf(choice).answer(values)),
      },
    ]);
}

/** What the server did before it had the answer. */
export function notesOf(choice: Choice, values: Values): Entry[] {
  const note = takenOf(choice).note?.write(values);
  return note ? [note] : [];
}

/** What the path's choices say of the things that were read. */
export function valuesOf(choices: readonly Choice[]): Values {
  return new Map(
    choices.flatMap((choice) =>
      choice.kind === 'reads' && choice.key ? [[choice.key, takenOf(choice).answer(new Map())] as const] : [],
    ),
  );
}
