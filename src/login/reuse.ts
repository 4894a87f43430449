import type { SsoSession } from '../sessions/session.ts';
import type { Stores } from '../stores.ts';
import type { LoginDeps } from './deps.ts';
import type { Login } from './login.ts';
import { isSet, readStepCall } from './options.ts';
import { appendOutcome, passed } from './outcome.ts';
import { findProof, findSession, isFresh, type Taken } from './remembered.ts';
import { authenticatorOf, type StepVisit } from './visit.ts';

/**
 * A step that the browser's SSO session has satisfied already is not shown: its outcome is taken over, with where it came
 * from, so that a replay needs no session.
 *
 * Only by an option that is still offered, of the person whom this sign-in is for, as fresh as the application demands,
 * and once per step and sign-in: a script that runs a step again means it. The person is looked at anew.
 * @returns the login behind the step; null when it has to be shown.
 */
export async function reuseStep(deps: LoginDeps, visit: StepVisit): Promise<Login | null> {
  const { facts, waiting, request } = visit;
  if (facts.ran.has(waiting.step) || isFresh(request) || isSet(readStepCall(waiting.args).given, 'forceAuth'))
    return null;
  return deps.database.unit(async (stores) => {
    const session = await findSession(stores, deps.box, facts, deps.clock.now());
    const found =
      session &&
      ((await findProof(deps, stores, { facts, ...waiting }, session)) ??
        (await findName(deps, stores, visit, session)));
    if (!session || !found) return null;
    const { option, step, account } = found;
    const at = { ...visit, waiting: { ...waiting, chosen: option } };
    const move = { kind: 'success', person: step.person, amr: step.amr } as const;
    const answer = await passed(stores, deps, at, move, { account }, { session: session.id, at: step.at });
    return appendOutcome(deps, stores, at, answer);
  });
}

/** A step that asks no more than who the person is: the session knows it. */
async function findName(
  { authenticators }: LoginDeps,
  { users }: Stores,
  { facts, waiting: { options } }: StepVisit,
  { userId, loginTime }: SsoSession,
): Promise<Taken | null> {
  const option = options.findIndex((each) => authenticatorOf(each, authenticators)?.identifies);
  if (option < 0 || userId === null || facts.subject || facts.claimed) return null;
  const account = await users.findById(userId);
  if (!account) return null;
  const person = { claimed: { identifier: account.username, userId } };
  return { option, step: { person, amr: [], at: loginTime }, account };
}
