import type { Questions } from './provision.ts';

/** What a page would ask for, a word each. */
export function nameQuestions(questions: Questions): string[] {
  if (questions.kind === 'proof') return [`proof:${questions.by}`];
  const { consent, username, password, attributes } = questions;
  return [
    ...(consent ? ['consent'] : []),
    ...(username.asked ? ['username'] : []),
    ...(password ? ['password'] : []),
    ...attributes,
  ];
}
