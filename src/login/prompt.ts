import { type Place, placeOf, type Question } from '../../sandbox/protocol.ts';
import type { Form, StepProblem } from '../authenticators/authenticator.ts';
import type { LoginDeps } from './deps.ts';
import type { PublishedFlow } from './flow.ts';
import type { JournalEntry } from './journal.ts';
import type { Login, LoginStore } from './login.ts';
import {
  answerWith,
  identifierOp,
  longestValue,
  type PromptAnswer,
  readPreHandler,
  readPrompt,
  readTexts,
  stepOf,
} from './read-prompt.ts';
import { isSatisfied } from './remembered.ts';
import { moveOn } from './turn.ts';
import type { Visit } from './visit.ts';
import { type PromptWaiting, sealWaiting } from './waiting.ts';

export type PromptVisit = Visit<PromptWaiting>;

/** Shows the page that the script asked for. */
export async function enterPrompt(
  deps: LoginDeps,
  at: Omit<PromptVisit, 'waiting'>,
  question: Question,
  { flow, endpointParams }: { flow: PublishedFlow; endpointParams: Record<string, string> },
): Promise<{ kind: 'page'; visit: PromptVisit } | { kind: 'done'; login: Login }> {
  const { database, box } = deps;
  const { op, seq, args, handlers } = question;
  const skipped = op === identifierOp ? await skipKnown(deps, at, question) : null;
  if (skipped) return { kind: 'done', login: skipped };
  const { template, data } = readPrompt(question, flow);
  const waiting: PromptWaiting = {
    ...{ kind: 'prompt', op, seq, args, handlers, template },
    ...placeOf(question),
    data: { ...readTexts(endpointParams), ...data },
    problems: [],
    values: op === identifierOp && at.request.loginHint !== null ? { username: at.request.loginHint } : {},
  };
  const { login } = at;
  const waitingSealed = sealWaiting(box, login.id, waiting);
  const moved = await database.unit(({ logins }) => moveOn(logins, { ...login, waitingSealed }));
  return { kind: 'page', visit: { ...at, login: moved, waiting } };
}

/** Takes a form for a prompt: a button with the fields, or the way out. */
export async function answerPrompt(deps: LoginDeps, visit: PromptVisit, form: Form) {
  const { database, box, clock } = deps;
  const { login, waiting } = visit;
  const answer = readAnswer(waiting, form, clock.now());
  return database.unit(async ({ logins }) => {
    if ('problems' in answer) {
      const next: PromptWaiting = { ...waiting, ...answer };
      const moved = await moveOn(logins, { ...login, waitingSealed: sealWaiting(box, login.id, next) });
      return { kind: 'page' as const, visit: { ...visit, login: moved, waiting: next } };
    }
    return { kind: 'done' as const, login: await append(deps, logins, login, waiting, answer) };
  });
}

/** Where the script says so, or the browser's session satisfies the step that is to follow, nobody is asked who they are. */
async function skipKnown(
  deps: LoginDeps,
  { login, facts }: Pick<PromptVisit, 'login' | 'facts'>,
  question: Question,
): Promise<Login | null> {
  const step = stepOf(question.args, facts.start.steps.length);
  return deps.database.unit(async (stores) => {
    const now = deps.clock.now();
    const skips = readPreHandler(question.args) ?? (await isSatisfied(deps, stores, { facts, step, now }));
    if (!skips) return null;
    return append(deps, stores.logins, login, question, answerWith('skip', {}, now));
  });
}

async function append(
  { journals }: LoginDeps,
  logins: LoginStore,
  login: Login,
  asked: Pick<Question, 'op' | 'seq' | 'args'> & Place,
  answer: PromptAnswer,
): Promise<Login> {
  const { op, seq, args } = asked;
  const entry: JournalEntry = {
    ...{ op, args, answer: JSON.stringify(answer), at: answer.at, cpuUs: null },
    ...placeOf(asked),
  };
  await journals.append(logins, login.id, seq, entry);
  return moveOn(logins, { ...login, cursor: seq + 1, waitingSealed: null });
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
