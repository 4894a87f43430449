import type { Form, Settle, StepProblem } from '../authenticators/authenticator.ts';
import type { Answers, Questions } from '../provisioning/provision.ts';
import type { Stores } from '../stores.ts';
import type { Stand } from './advance.ts';
import { ask, keep, list } from './ask.ts';
import { failWithPage } from './ending.ts';
import { readFacts } from './facts.ts';
import { type FinishDeps, failLogin } from './finish.ts';
import type { Login } from './login.ts';
import { provideAccount } from './provide-account.ts';
import { provideInUnit } from './provide-for-step.ts';
import { type AccountVisit, fieldOf, meetProver, readProfile } from './questions.ts';
import { cancelStep, chooseOption, failOption, leaveOption, type Stepped } from './step.ts';
import { moveOn } from './turn.ts';
import type { StepVisit } from './visit.ts';

/** So many answers to one page may be wrong: user names and codes are not for guessing. */
const maxAttempts = 20;

/**
 * Takes a form for what was asked before an account is made or linked. The answers count in the unit that also makes or
 * links it, where everything is decided anew: what has changed meanwhile is asked anew, too.
 */
export async function answerQuestions(deps: FinishDeps, visit: AccountVisit, form: Form): Promise<Stepped | Stand> {
  const { waiting } = visit;
  const step = stepOf(visit);
  if (form['action'] === 'cancel')
    return step ? cancelStep(deps, step) : endCancelled(deps, visit, 'The person did not want an account.');
  if (form['action'] === 'other' && step) return leaveOption(deps, step);
  const { questions } = waiting;
  if (questions.kind === 'proof' && form['action'] === 'decline') {
    return carryOn(deps, await settle(deps, visit, { declined: questions.userId }, []));
  }
  if (questions.kind === 'profile') {
    // A form of another page is no consent.
    if (form['action'] !== 'create') return { kind: 'page', visit };
    const { profile, problems, values } = await readProfile(deps, questions, form);
    return carryOn(deps, await settle(deps, { ...visit, waiting: { ...waiting, values } }, { profile }, problems));
  }
  const { prover, context } = await meetProver(deps, visit);
  const answer = await prover.answer(context, waiting.state ?? {}, form);
  return carryOn(deps, await settleProof(deps, visit, answer, prover.attempts));
}

type Settled =
  /** The page again, with what was wrong. */
  | { kind: 'page'; visit: AccountVisit }
  /** Something else is to be asked now. */
  | { kind: 'asks'; visit: AccountVisit; questions: Questions; answers: Answers }
  | { kind: 'provided'; visit: StepVisit | AccountVisit; login: Login; problem: StepProblem | null };

async function settleProof(
  deps: FinishDeps,
  visit: AccountVisit,
  answer: Settle,
  attemptsAllowed: number,
): Promise<Settled> {
  return deps.database.unit(async (stores): Promise<Settled> => {
    const move = await answer(stores);
    const attempts = visit.waiting.attempts + 1;
    switch (move.kind) {
      case 'success': {
        const { shown, questions } = visit.waiting;
        if (questions.kind !== 'proof' || !('userId' in move.person)) return provide(deps, stores, visit, {});
        const { userId } = move.person;
        return provide(deps, stores, visit, { shown: [...shown, { userId, by: questions.by }] });
      }
      case 'show':
        return {
          kind: 'page',
          visit: await keep(deps, stores, visit, { state: move.state, problems: list(move.problem) }),
        };
      case 'wrong':
        if (attempts < attemptsAllowed) {
          const changes = { state: move.state, problems: [move.problem], attempts };
          return { kind: 'page', visit: await keep(deps, stores, visit, changes) };
        }
        return provide(deps, stores, visit, {
          failed: { code: 'LINK_REFUSED', detail: `The account was not proven in ${attempts} attempts.` },
        });
      default: {
        const { code, detail } = move.kind === 'failed' ? move.problem : { code: 'LINK_REFUSED' as const, detail: '' };
        return provide(deps, stores, visit, { failed: { code, detail: detail ?? 'The account was not proven.' } });
      }
    }
  });
}

async function settle(
  deps: FinishDeps,
  visit: AccountVisit,
  answers: Answers,
  problems: StepProblem[],
): Promise<Settled> {
  const attempts = visit.waiting.attempts + 1;
  const tired: Answers = { failed: { code: 'TOO_MANY_ATTEMPTS', detail: `There were ${attempts} answers.` } };
  return deps.database.unit(async (stores): Promise<Settled> => {
    const settled = await provide(deps, stores, visit, attempts > maxAttempts ? tired : answers);
    if (settled.kind !== 'asks' || !answers.profile || settled.questions.kind !== 'profile') return settled;
    const { questions } = settled;
    const others = questions.problems.map(({ field, code }): StepProblem => {
      const index = questions.attributes.indexOf(field);
      return { code, field: index < 0 ? field : fieldOf(index) };
    });
    const changes = { questions, problems: [...others, ...problems], attempts };
    return { kind: 'page', visit: await keep(deps, stores, visit, changes) };
  });
}

/** Provisioning with the answers, in the caller's unit. */
async function provide(deps: FinishDeps, stores: Stores, visit: AccountVisit, given: Answers): Promise<Settled> {
  const { declined, shown } = visit.waiting;
  const answers: Answers = { declined, shown, ...given };
  const step = stepOf(visit);
  if (step) {
    const { visit: at, problem, questions } = await provideInUnit(deps, stores, step, answers);
    return questions
      ? { kind: 'asks', visit, questions, answers }
      : { kind: 'provided', visit: at, login: at.login, problem };
  }
  const { facts, journal } = visit;
  const now = deps.clock.now();
  const provided = await provideAccount(deps, stores, { login: visit.login, facts, now, answers });
  if (provided.questions) return { kind: 'asks', visit, questions: provided.questions, answers };
  const login = await moveOn(stores.logins, { ...provided.login, waitingSealed: null });
  const whole = provided.note ? [...journal, provided.note] : journal;
  const at = { ...visit, login, journal: whole, facts: readFacts(whole) };
  return { kind: 'provided', visit: at, login, problem: provided.problem };
}

/** Goes on where the account was needed. */
async function carryOn(deps: FinishDeps, settled: Settled): Promise<Stepped | Stand> {
  if (settled.kind === 'page') return settled;
  const { visit } = settled;
  if (settled.kind === 'asks') {
    const { questions, answers } = settled;
    return ask(deps, visit, { step: settled.visit.waiting.step, questions, answers });
  }
  const { problem, login } = settled;
  if (visit.waiting.kind === 'step') {
    const step = visit as StepVisit;
    return problem ? failOption(deps, step, problem) : chooseOption(deps, step, step.waiting.chosen ?? 0);
  }
  if (!problem) return { kind: 'done', login };
  const failure = failWithPage(problem.code, problem.params ?? {}, problem.detail ?? null);
  return { kind: 'ended', login: await failLogin(deps, login, visit.application, failure) };
}

/** The person wants no more, and the application gets to know. */
export async function endCancelled(
  deps: FinishDeps,
  { login, application }: Pick<AccountVisit, 'login' | 'application'>,
  errorDescription: string,
): Promise<Stand> {
  const result = {
    ok: false,
    error: 'access_denied',
    errorDescription,
  } as const;
  const failure = failWithPage('CANCELLED', {}, result.errorDescription);
  const ended = await failLogin(deps, login, application, { ...failure, ending: { kind: 'application', result } });
  return { kind: 'ended', login: ended };
}

/** The step that waits for the account, as it was when it asked. */
function stepOf(visit: AccountVisit): StepVisit | null {
  const { step } = visit.waiting;
  return step && { ...visit, waiting: { ...step, seq: visit.waiting.seq } };
}
