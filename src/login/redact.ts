import type { Stores } from '../stores.ts';
import { provisioningOp, type StartAnswer, type StepAnswer } from './answers.ts';
import type { Facts } from './facts.ts';
import type { JournalEntry, Journals } from './journal.ts';
import type { Login } from './login.ts';

/** What is left of the first entry when what was said of the person is gone: the login cannot be played again. */
export type RedactedStart = Pick<StartAnswer, 'at' | 'steps'> & { redacted: true };

export function isRedacted(journal: readonly { answer: string }[]): boolean {
  return journal[0] !== undefined && (JSON.parse(journal[0].answer) as Partial<RedactedStart>).redacted === true;
}

/**
 * Of a person who keeps no account here (JIT provisioning off, or skipped) nothing stays in the journal: which steps ran
 * and how they ended is left, and neither attributes nor names, log lines nor the request.
 */
export async function redactJournal(
  journals: Journals,
  { logins }: Pick<Stores, 'logins'>,
  login: Login,
  journal: readonly JournalEntry[],
): Promise<void> {
  await logins.eraseJournal(login.id);
  for (const [seq, entry] of journal.entries()) await journals.append(logins, login.id, seq, redactEntry(entry));
}

/** Is the login for somebody who keeps no account here? */
export function keepsNoAccount({ subject, accounts, accountless, passed }: Facts): boolean {
  if (subject && accountless.has(subject.ref)) return true;
  const result = passed.find(({ user }) => user === subject?.ref)?.provisioning;
  return (
    accounts.size === 0 && (result?.result === 'disabled' || result?.result === 'skipped') && result.userId === null
  );
}

function redactEntry(entry: JournalEntry): JournalEntry {
  const { op } = entry;
  if (op === 'start') {
    const { at, steps } = JSON.parse(entry.answer) as StartAnswer;
    return { ...entry, answer: JSON.stringify({ at, steps, redacted: true } satisfies RedactedStart) };
  }
  if (op === 'step') {
    const { at, step, outcome, idp, authenticator, ...rest } = JSON.parse(entry.answer) as StepAnswer;
    const failure = 'failure' in rest ? { failure: rest.failure } : { amr: rest.amr };
    return { ...entry, answer: JSON.stringify({ at, step, outcome, idp, authenticator, user: null, ...failure }) };
  }
  return { ...entry, args: '[]', answer: op === provisioningOp ? '{}' : 'null' };
}
