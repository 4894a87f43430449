import type { StepProblem } from '../authenticators/authenticator.ts';
import type { User } from '../directory/user.ts';
import type { Answers, Questions } from '../provisioning/provision.ts';
import type { Stores } from '../stores.ts';
import type { LoginDeps } from './deps.ts';
import { type Facts, readFacts } from './facts.ts';
import { provideAccount } from './provide-account.ts';
import { moveOn } from './turn.ts';
import { findSubjectAccount, type StepVisit } from './visit.ts';
import { sealWaiting } from './waiting.ts';

export type ProvidedForStep =
  | { kind: 'account'; visit: StepVisit; user: User }
  | { kind: 'asks'; visit: StepVisit; questions: Questions }
  /** The step cannot be passed this way. */
  | { kind: 'problem'; visit: StepVisit; problem: StepProblem };

/** The account that a factor belongs to, made now if it must be. @param label the factor, as people read it */
export async function provideForStep(deps: LoginDeps, visit: StepVisit, label: string): Promise<ProvidedForStep> {
  if (!visit.facts.subject) return { kind: 'problem', visit, problem: { code: 'NO_SUBJECT', detail: `«${label}».` } };
  if (visit.facts.proving) {
    // The factor is of the account that is being proven; the login's person gets none of their own meanwhile.
    const proven = await findSubjectAccount(deps.database.read, visit.facts);
    if (proven) return { kind: 'account', visit, user: proven };
  }
  const provided = await deps.database.unit((stores) => provideInUnit(deps, stores, visit));
  if (provided.questions) return { kind: 'asks', visit, questions: provided.questions };
  if (provided.problem) return { kind: 'problem', visit: provided.visit, problem: provided.problem };
  const { facts } = provided.visit;
  const user = await findSubjectAccount(deps.database.read, facts);
  if (user) return { kind: 'account', visit: provided.visit, user };
  return { kind: 'problem', visit: provided.visit, problem: await explainLack(deps, facts, label) };
}

/** Why there is no account: the connection makes none for anybody, or there is none for this person in this sign-in. */
async function explainLack({ database }: LoginDeps, facts: Facts, factor: string): Promise<StepProblem> {
  const { subject } = facts;
  const idp = facts.passed.find(({ user }) => user === subject?.ref)?.idp ?? '';
  const connection = await database.read.connections.findByName(idp);
  if (!connection?.jit.enabled) return { code: 'ACCOUNT_REQUIRED', params: { connection: idp, factor } };
  const detail = facts.skipsProvisioning
    ? 'The script let the person in without an account (provisionUser is false).'
    : 'No linking rule fits the person, and jit.linking.skipJitOnNoMatch makes no account.';
  return { code: 'ACCOUNT_NOT_MADE', params: { factor }, detail };
}

/**
 * Provides for a step in the caller's unit. What was done is noted before the step's own entry, and the step waits with its
 * options: a crash leaves a page that can be answered.
 */
export async function provideInUnit(
  deps: LoginDeps,
  stores: Stores,
  visit: StepVisit,
  answers: Answers = {},
): Promise<{ visit: StepVisit; problem: StepProblem | null; questions: Questions | null }> {
  const { facts } = visit;
  const now = deps.clock.now();
  const { login, note, problem, questions } = await provideAccount(deps, stores, {
    login: visit.login,
    facts,
    now,
    answers,
  });
  if (!note) return { visit, problem, questions };
  const waiting = { ...visit.waiting, seq: login.cursor };
  const waitingSealed = sealWaiting(deps.box, login.id, { ...waiting, chosen: null });
  const moved = await moveOn(stores.logins, { ...login, waitingSealed });
  const journal = [...visit.journal, note];
  return { visit: { ...visit, login: moved, journal, facts: readFacts(journal), waiting }, problem, questions: null };
}
