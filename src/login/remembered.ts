import type { StepPerson } from '../authenticators/authenticator.ts';
import { findLoss } from '../connections/issuer.ts';
import { identifierKey, identifierKeys } from '../directory/find-by-identifier.ts';
import type { User } from '../directory/user.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { localIdp } from '../kernel/local-idp.ts';
import { findLive } from '../sessions/find.ts';
import type { RememberedStep, SsoSession } from '../sessions/session.ts';
import { openSteps } from '../sessions/steps.ts';
import type { Stores } from '../stores.ts';
import type { LoginDeps } from './deps.ts';
import type { Facts } from './facts.ts';
import { isRememberedFresh } from './freshness.ts';
import type { LoginRequest } from './login.ts';
import { type AuthenticatorParameters, noParameters, parametersFor, type StepOption } from './options.ts';
import { authenticatorOf, checkPerson, findSub } from './visit.ts';

/** The session that the browser had when the sign-in began, if it is still there and this person's. */
export async function findSession(
  stores: RememberedStores,
  box: Pick<CryptoBox, 'mac'>,
  { start, subject }: Facts,
  now: number,
): Promise<SsoSession | null> {
  const session = start.session && (await findLive(stores.sessions, start.session, now));
  if (!session) return null;
  return !subject || (await findSub(stores, box, subject.person)) === session.subject ? session : null;
}

export type RememberedStores = Pick<Stores, 'sessions' | 'users' | 'connections'>;

/** What a step takes over: how, from whom, and when they did it. */
export interface Taken {
  option: number;
  step: { person: StepPerson; amr: string[]; at: number };
  account: User | null;
}

/** What the session remembers of a step: by one of these options, of this sign-in's person, as fresh as was demanded. */
export async function findProof(
  { box, authenticators }: Pick<LoginDeps, 'box' | 'authenticators'>,
  stores: RememberedStores,
  { facts, options, parameters }: { facts: Facts; options: readonly StepOption[]; parameters: AuthenticatorParameters },
  session: SsoSession,
): Promise<Taken | null> {
  if (isFresh(facts.start.asked)) return null;
  const steps = openSteps(box, session).filter(({ at, person }) => isRememberedFresh(facts.start, at, person));
  for (const [index, option] of options.entries()) {
    for (const step of steps) {
      if (!(await fits(stores, option, step)) || !authenticatorOf(option, authenticators)?.proves) continue;
      const checked = await checkPerson(stores, facts, step.person);
      if ('problem' in checked || checked.provesLink || (await findSub(stores, box, step.person)) !== session.subject)
        continue;
      const { username } = parametersFor(parameters, option, authenticators);
      if (username && !isNamed(checked.account, username)) continue;
      return { option: index, step, account: checked.account };
    }
  }
  return null;
}

/** Has the person passed this step by one of its options, in this sign-in or in the browser's session? */
export async function isSatisfied(
  deps: Pick<LoginDeps, 'box' | 'authenticators'>,
  stores: RememberedStores,
  { facts, step, now }: { facts: Facts; step: number; now: number },
): Promise<boolean> {
  if (isPassed(facts, step)) return true;
  const options = facts.start.steps[step - 1]?.options ?? [];
  const session = await findSession(stores, deps.box, facts, now);
  return (
    session !== null && (await findProof(deps, stores, { facts, options, parameters: noParameters }, session)) !== null
  );
}

/** Has this sign-in proven who the person is by one of the step's options? */
export function isPassed({ start, passed }: Facts, step: number): boolean {
  const options = start.steps[step - 1]?.options ?? [];
  return passed.some(
    ({ proves, idp, authenticator }) =>
      proves && options.some((option) => option.idp === idp && option.authenticator === authenticator),
  );
}

/** Is it the step's option that was passed? A connection counts by its id, and only while it lets people in. */
async function fits(
  { connections }: RememberedStores,
  option: StepOption,
  { person, ...step }: RememberedStep,
): Promise<boolean> {
  if ('userId' in person) {
    return option.idp === localIdp && step.idp === localIdp && option.authenticator === step.authenticator;
  }
  if (option.idp === localIdp) return false;
  const connection = await connections.findByName(option.idp);
  return connection?.id === person.federated.connectionId && findLoss(connection, person.federated) === null;
}

/** A script that names whose password it wants gets nobody else's. */
function isNamed(account: User | null, username: string): boolean {
  return account !== null && identifierKeys(account).includes(identifierKey(username));
}

/** Did the application ask that the person signs in anew (OpenID Connect Core 1.0, section 3.1.2.1)? */
export function isFresh({ prompt }: LoginRequest): boolean {
  return prompt.includes('login') || prompt.includes('select_account');
}
