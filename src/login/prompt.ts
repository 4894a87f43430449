import { placeOf, type Question } from '../../sandbox/protocol.ts';
import type { Form, StepProblem } from '../authenticators/authenticator.ts';
import type { LoginDeps } from './deps.ts';
import type { PublishedFlow } from './flow.ts';
import type { JournalEntry } from './journal.ts';
import { answerWith, longestValue, type PromptAnswer, readPrompt, readTexts } from './read-prompt.ts';
import { moveOn } from './turn.ts';
import type { Visit } from './visit.ts';
import { type PromptWaiting, sealWaiting } from './waiting.ts';

export type PromptVisit = Visit<PromptWaiting>;

/** Shows the page that the script asked for. */
export async function enterPrompt(
  { database, box }: LoginDeps,
  at: Omit<PromptVisit, 'waiting'>,
  question: Question,
  { flow, endpointParams }: { flow: PublishedFlow; endpointParams: Record<string, string> },
): Promise<{ kind: 'page'; visit: PromptVisit }> {
  const { seq, args, handlers } = question;
  const { template, data } = readPrompt(question, flow);
  const waiting: PromptWaiting = {
    ...{ kind: 'prompt', seq, args, handlers, template },
    ...placeOf(question),
    data: { ...readTexts(endpointParams), ...data },
    problems: [],
    values: {},
  };
  const { login } = at;
  const waitingSealed = sealWaiting(box, login.id, waiting);
  const moved = await database.unit(({ logins }) => moveOn(logins, { ...login, waitingSealed }));
  return { kind: 'page', visit: { ...at, login: moved, waiting } };
}

/** Takes a form for a prompt: a button with the fields, or the way out. */
export async function answerPrompt(deps: LoginDeps, visit: PromptVisit, form: Form) {
  const { database, box, journals, clock } = deps;
  const { login, waiting } = visit;
  const answer = readAnswer(waiting, form, clock.now());
  return database.unit(async ({ logins }) => {
    if ('problems' in answer) {
      const next: PromptWaiting = { ...waiting, ...answer };
      const moved = await moveOn(logins, { ...login, waitingSealed: sealWaiting(box, login.id, next) });
      return { kind: 'page' as const, visit: { ...visit, login: moved, waiting: next } };
    }
    const { seq, args } = waiting;
    const entry: JournalEntry = {
      ...{ op: 'prompt', args, answer: JSON.stringify(answer), at: answer.at, cpuUs: null },
      ...placeOf(waiting),
    };
    await journals.append(logins, login.id, seq, entry);
    return {
      kind: 'done' as const,
      login: await moveOn(logins, { ...login, cursor: seq + 1, waitingSealed: null }),
    };
  });
}

function readAnswer(
  { template }: PromptWaiting,
  form: Form,
  at: number,
): PromptAnswer | Pick<PromptWaiting, 'problems' | 'values'> {
  const { fields = [], buttons = [] } = template;
  const pressed = buttons.find(({ name }) => Object.hasOwn(form, name)) ?? buttons[0];
  const action = form['action'] === 'cancel' ? 'cancel' : (pressed?.name.slice('action.'.length) ?? 'success');
  if (action === 'cancel') return answerWith(action, {}, at);
  const values = Object.fromEntries(
    fields.flatMap(({ name }) => (Object.hasOwn(form, name) ? [[name, form[name]!.trim()]] : [])),
  ) as Record<string, string>;
  const problems = fields.flatMap(({ name, required }): StepProblem[] => {
    const value = Object.hasOwn(values, name) ? values[name]! : '';
    if (value.length > longestValue) return [{ code: 'ATTRIBUTE_INVALID', field: name }];
    return required && value === '' && pressed === buttons[0] ? [{ code: 'ATTRIBUTE_MISSING', field: name }] : [];
  });
  if (problems.length > 0) {
    const kept = Object.entries(values).map(([name, value]) => [name, value.slice(0, longestValue)]);
    return { problems, values: Object.fromEntries(kept) };
  }
  return answerWith(action, values, at);
}
