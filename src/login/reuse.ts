import type { StepPerson } from '../authenticators/authenticator.ts';
import { identifierKey, identifierKeys } from '../directory/find-by-identifier.ts';
import type { User } from '../directory/user.ts';
import { second } from '../kernel/clock.ts';
import { findLive } from '../sessions/find.ts';
import type { RememberedStep, SsoSession } from '../sessions/session.ts';
import { openSteps } from '../sessions/steps.ts';
import type { Stores } from '../stores.ts';
import type { LoginDeps } from './deps.ts';
import type { Login, LoginRequest } from './login.ts';
import { isSet, localIdp, parametersFor, type StepOption, type StepOptions } from './options.ts';
import { appendOutcome, passed } from './outcome.ts';
import { authenticatorOf, checkPerson, findSub, type StepVisit } from './visit.ts';

/**
 * A step that the browser's SSO session has satisfied already is not shown: its outcome is taken over, with where it came
 * from, so that a replay needs no session.
 *
 * Only by an option that is still offered, of the person whom this sign-in is for, as fresh as the application demands,
 * and once per step and sign-in: a script that runs a step again means it. The person is looked at anew.
 * @returns the login behind the step; null when it has to be shown.
 */
export async function reuseStep(deps: LoginDeps, visit: StepVisit): Promise<Login | null> {
  const { journal, waiting, request } = visit;
  const ran = journal.some(({ op, args }) => op === 'step' && Number(JSON.parse(args)[0]) === waiting.step);
  if (ran || isFresh(request) || isSet(optionsOf(visit), 'forceAuth')) return null;
  return deps.database.unit(async (stores) => {
    const session = await findSession(deps, stores, visit);
    const found =
      session && ((await findProof(deps, stores, visit, session)) ?? (await findName(deps, stores, visit, session)));
    if (!session || !found) return null;
    const { option, step, account } = found;
    const at = { ...visit, waiting: { ...waiting, chosen: option } };
    const move = { kind: 'success', person: step.person, amr: step.amr } as const;
    const answer = await passed(stores, deps, at, move, account, { session: session.id, at: step.at });
    return appendOutcome(deps, stores, at, answer);
  });
}

/** Did the application ask that the person signs in anew (OpenID Connect Core 1.0, section 3.1.2.1)? */
function isFresh({ prompt }: LoginRequest): boolean {
  return prompt.includes('login') || prompt.includes('select_account');
}

function optionsOf({ waiting }: StepVisit): StepOptions | null {
  return (JSON.parse(waiting.args) as [unknown, StepOptions | null])[1];
}

/** The session that the browser had when the sign-in began, if it is still there and this person's. */
async function findSession(
  { clock, box }: LoginDeps,
  stores: Stores,
  { facts }: StepVisit,
): Promise<SsoSession | null> {
  const { start, subject } = facts;
  const session = start.session && (await findLive(stores.sessions, start.session, clock.now()));
  if (!session) return null;
  return !subject || (await findSub(stores, box, subject.person)) === session.subject ? session : null;
}

/** What a step takes over: how, from whom, and when they did it. */
interface Taken {
  option: number;
  step: { person: StepPerson; amr: string[]; at: number };
  account: User | null;
}

async function findProof(
  deps: LoginDeps,
  stores: Stores,
  { facts, waiting, request }: StepVisit,
  session: SsoSession,
): Promise<Taken | null> {
  const { start } = facts;
  const oldest = request.maxAge === null ? 0 : start.at - request.maxAge * second;
  const steps = openSteps(deps.box, session).filter(({ at }) => at >= oldest);
  for (const [index, option] of waiting.options.entries()) {
    for (const step of steps) {
      if (!(await fits(stores, option, step)) || !authenticatorOf(option, deps.authenticators)?.proves) continue;
      const checked = await checkPerson(stores, facts, step.person);
      if ('problem' in checked || (await findSub(stores, deps.box, step.person)) !== session.subject) continue;
      const { username } = parametersFor(waiting.parameters, option, deps.authenticators);
      if (username && !isNamed(checked.account, username)) continue;
      return { option: index, step, account: checked.account };
    }
  }
  return null;
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

/** Is it the step's option that was passed? A connection counts by its id, and only while it lets people in. */
async function fits(
  { connections }: Stores,
  option: StepOption,
  { person, ...step }: RememberedStep,
): Promise<boolean> {
  if ('userId' in person) {
    return option.idp === localIdp && step.idp === localIdp && option.authenticator === step.authenticator;
  }
  if (option.idp === localIdp) return false;
  const connection = await connections.findByName(option.idp);
  return connection?.enabled === true && connection.id === person.federated.connectionId;
}

/** A script that names whose password it wants gets nobody else's. */
function isNamed(account: User | null, username: string): boolean {
  return account !== null && identifierKeys(account).includes(identifierKey(username));
}
