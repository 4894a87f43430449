import type { Move, StepProblem } from '../authenticators/authenticator.ts';
import { AppError } from '../kernel/errors.ts';
import type { Answers, Questions } from '../provisioning/provision.ts';
import type { Stores } from '../stores.ts';
import type { LoginDeps } from './deps.ts';
import { type AccountVisit, openQuestions } from './questions.ts';
import { moveOn } from './turn.ts';
import type { Visit } from './visit.ts';
import { type AccountWaiting, type StepWaiting, sealWaiting } from './waiting.ts';

/** Asks the person what must be known before an account is made or linked. */
export async function ask(
  deps: LoginDeps,
  at: Omit<Visit, 'waiting'>,
  { step, questions, answers = {} }: { step: StepWaiting | null; questions: Questions; answers?: Answers },
): Promise<{ kind: 'page'; visit: AccountVisit }> {
  const waiting: AccountWaiting = {
    kind: 'account',
    seq: at.login.cursor,
    step,
    questions,
    declined: answers.declined ?? null,
    shown: answers.shown ?? [],
    state: null,
    attempts: 0,
    problems: [],
    values: {},
  };
  const visit = { ...at, waiting };
  const open = await openQuestions(deps, visit);
  return deps.database.unit(async (stores) => {
    const move = await open(stores);
    return { kind: 'page', visit: await keep(deps, stores, visit, readOpening(move)) };
  });
}

/** A proof that cannot even begin (no code can be sent, say) is told on its page: the person can say that it is not theirs. */
function readOpening(move: Move): Pick<AccountWaiting, 'state' | 'problems'> {
  switch (move.kind) {
    case 'show':
      return { state: move.state, problems: list(move.problem) };
    case 'wrong':
    case 'failed':
      return { state: null, problems: [move.problem] };
    default:
      throw new AppError('INTERNAL', { detail: `A proof cannot begin with «${move.kind}».` });
  }
}

/** Saves what is asked as it stands now. */
export async function keep(
  { box }: LoginDeps,
  { logins }: Pick<Stores, 'logins'>,
  visit: AccountVisit,
  changes: Partial<AccountWaiting>,
): Promise<AccountVisit> {
  const waiting = { ...visit.waiting, ...changes };
  const login = await moveOn(logins, { ...visit.login, waitingSealed: sealWaiting(box, visit.login.id, waiting) });
  return { ...visit, login, waiting };
}

export function list(problem: StepProblem | undefined): StepProblem[] {
  return problem ? [problem] : [];
}
