import type { Ending } from './ending.ts';
import { createHiding } from './hidden-arguments.ts';
import type { Inspection } from './inspection.ts';
import type { Bundle, Entry, Limits, Place, PlayEnd, Question, Reply } from './protocol.ts';

/** Where a play stands in its journal: the one door through which the world answers. */
export interface JournalCursor {
  /** How many entries are behind it. */
  readonly seq: number;
  /**
   * Numbers a question, compares it with the journal's, or has it answered and appends it (J2, J4).
   * @param handlers null in the middle of a turn
   * @returns undefined when the play has stopped
   */
  next(op: string, args: string, at: Place, handlers: string[] | null): string | undefined;
  /** Notes that stand at the cursor are told to the guest, and passed. */
  hearNotes(): void;
  /** What was never asked for is a difference, too (J4). */
  findLeft(): PlayEnd | null;
}

/** @param hear tells the guest an answer that opens no turn */
export function createJournalCursor({
  bundle,
  journal,
  limits,
  answer,
  ending,
  inspection,
  hear,
}: {
  bundle: Bundle;
  journal: Entry[];
  limits: Limits;
  answer: (question: Question) => Reply;
  ending: Ending;
  inspection: Inspection;
  hear: (text: string) => void;
}): JournalCursor {
  const hide = createHiding(bundle);
  let seq = 0;

  function hearNotes(): void {
    for (let entry = journal[seq]; entry?.note; entry = journal[seq]) {
      hear(entry.answer);
      seq++;
    }
  }

  return {
    get seq() {
      return seq;
    },
    hearNotes,
    next(op, given, at, handlers) {
      const midTurn = handlers === null;
      if (ending.stopped) return undefined;
      const args = hide(op, given);
      hearNotes();
      inspection.note({ seq, ...at });
      const entry = journal[seq];
      if (entry) {
        if (entry.op !== op || entry.args !== args) {
          const recorded = { op: entry.op, args: entry.args };
          ending.stop({ kind: 'differs', seq, journal: recorded, script: { op, args } }, midTurn);
          return undefined;
        }
        seq++;
        return entry.answer;
      }
      if (seq >= limits.entries) {
        const said = `The sign-in made more than ${limits.entries} calls.`;
        ending.fail('SCRIPT_LIMIT', said, at, ending.metLimit('entries', seq + 1));
        ending.stopDecided(midTurn);
        return undefined;
      }
      const plain = args === given ? {} : { plainArgs: given };
      const question: Question = { seq, op, args, ...plain, scheduled: !midTurn, handlers: handlers ?? [], ...at };
      const reply = answer(question);
      if ('wait' in reply) {
        ending.stop({ kind: 'waits', question }, midTurn);
        return undefined;
      }
      if ('refuse' in reply) {
        ending.fail(reply.refuse.code, reply.refuse.message, at);
        ending.stopDecided(midTurn);
        return undefined;
      }
      for (const note of reply.notes ?? []) journal.push(note);
      hearNotes();
      journal.push({ op, args, answer: reply.answer });
      seq++;
      return reply.answer;
    },
    findLeft() {
      const left = journal[seq];
      return left ? { kind: 'differs', seq, journal: { op: left.op, args: left.args }, script: null } : null;
    },
  };
}
