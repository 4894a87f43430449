import type { Question, Reply } from '../../sandbox/protocol.ts';
import { placeOf } from '../../sandbox/protocol.ts';
import type { StepAnswer } from '../login/answers.ts';
import { readFacts } from '../login/facts.ts';
import type { JournalEntry } from '../login/journal.ts';
import { filterOptions, readStepCall } from '../login/options.ts';
import { checkStep, readCall } from '../login/turn.ts';
import { scriptFunctions } from '../script-api/index.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';

/** A journal as the only one who answers. */
export interface RecordedAnswers {
  answer(question: Question): Promise<Reply>;
  /** What was played so far, with the recorded answers. */
  journal: JournalEntry[];
  /** The question that nobody has answered in the login; null while there is none. */
  open: Question | null;
  /** What the server did when the script had ended, and told nobody. */
  end(): void;
}

/**
 * Answers a script's questions with what a login's journal has to the same: a step by what came of its next visit, a call by
 * the same call with the same arguments. Each entry answers once; what was only read answers as often as it is asked.
 *
 * @param played as much of the journal as the script has asked for already
 */
export function createRecordedAnswers(
  recorded: readonly JournalEntry[],
  played: readonly JournalEntry[],
): RecordedAnswers {
  const left = recorded.map((entry, seq) => ({ entry, used: seq < played.length }));
  const journal = [...played];
  const answers: RecordedAnswers = {
    journal,
    open: null,
    answer,
    end: () => void journal.push(...left.filter(({ entry, used }) => entry.note && !used).map(({ entry }) => entry)),
  };

  async function answer(question: Question): Promise<Reply> {
    try {
      if (question.op === 'step') checkStep(question, journal);
      else readCall(question);
    } catch (failure) {
      if (failure instanceof ScriptCallError) return { refuse: { code: 'SCRIPT_ERROR', message: failure.message } };
      throw failure;
    }
    const found = left.find(({ entry, used }) => !used && fits(entry, question)) ?? findRead(question);
    if (!found) {
      answers.open = question;
      return { wait: true };
    }
    const at = left.indexOf(found);
    const { entry } = found;
    found.used = true;
    // What the server did before that was told with it.
    const notes = left.slice(0, at).filter((other) => other.entry.note && !other.used);
    for (const note of notes) note.used = true;
    const { op, args } = question;
    const before = notes.map((note) => note.entry);
    journal.push(...before, { op, args, answer: entry.answer, at: entry.at, ...placeOf(question) });
    return { answer: entry.answer, notes: before };
  }

  function fits({ op, args, answer: text, note }: JournalEntry, question: Question): boolean {
    if (note || op !== question.op) return false;
    if (op !== 'step') return args === question.args;
    const { step, given } = readStepCall(question.args);
    const result = JSON.parse(text) as StepAnswer;
    if (result.step !== step) return false;
    if (result.authenticator === null) return true;
    const offered = readFacts(journal.slice(0, 1)).start.steps[result.step - 1]!.options;
    const open = filterOptions(result.step, offered, given);
    return open.some(({ idp, authenticator }) => idp === result.idp && authenticator === result.authenticator);
  }

  function findRead(question: Question) {
    if (scriptFunctions.get(question.op)?.effect !== 'reads') return undefined;
    return left.findLast(({ entry, used }) => used && fits(entry, question));
  }

  return answers;
}
