import { placeOf } from '../../sandbox/protocol.ts';
import type { Move, StepProblem } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import type { User } from '../directory/user.ts';
import { localIdp } from '../kernel/local-idp.ts';
import { readTrustedAmr } from '../provisioning/trusted-amr.ts';
import type { Stores } from '../stores.ts';
import type { StepAnswer, StepMissed, StepPassed } from './answers.ts';
import type { LoginDeps } from './deps.ts';
import { personRef, subjectAfter } from './facts.ts';
import type { JournalEntry } from './journal.ts';
import type { Login } from './login.ts';
import { isSet, readStepCall } from './options.ts';
import { moveOn } from './turn.ts';
import { authenticatorOf, type StepVisit } from './visit.ts';

/** The answer of a step that was not passed. @param named whose user name was typed */
export function missed(
  { clock, typed }: LoginDeps,
  { waiting, facts, login, form }: StepVisit,
  outcome: StepMissed['outcome'],
  { code, params = {}, detail = '' }: StepProblem,
  named: User | null = null,
): StepMissed {
  const option = waiting.chosen === null ? null : waiting.options[waiting.chosen]!;
  return {
    at: clock.now(),
    step: waiting.step,
    outcome,
    idp: option?.idp ?? null,
    authenticator: option?.authenticator ?? null,
    user: facts.subject?.ref ?? facts.claimed?.ref ?? named?.id ?? null,
    ...(form ? { params: typed.keep(login, waiting.seq, form) } : {}),
    failure: { code, params, detail: detail || null },
  };
}

/** The answer of a step that this person has passed. */
export async function passed(
  stores: Stores,
  { clock, authenticators, typed }: LoginDeps,
  { waiting, facts, login, form }: StepVisit,
  { person, amr }: Move & { kind: 'success' },
  { account, provesLink }: { account: User | null; provesLink?: true },
  reused?: StepPassed['reused'],
): Promise<StepPassed> {
  const option = waiting.options[waiting.chosen!]!;
  const user = personRef(person, option.idp);
  const connection = 'federated' in person ? await stores.connections.findById(person.federated.connectionId) : null;
  const trusted = 'federated' in person && connection ? readTrustedAmr(connection, person.federated.claims) : [];
  const { given } = readStepCall(waiting.args);
  const skips = facts.skipsProvisioning || isSet(given, 'provisionUser', 'false');
  return {
    at: clock.now(),
    step: waiting.step,
    outcome: 'success',
    proves: authenticatorOf(option, authenticators)!.proves,
    idp: option.idp === localIdp ? localIdp : (connection?.name ?? option.idp),
    authenticator: option.authenticator,
    user,
    subject: subjectAfter(facts, given, user),
    amr: [...new Set([...(waiting.proof?.amr ?? []), ...amr, ...trusted])],
    person,
    ...(form ? { params: typed.keep(login, waiting.seq, form) } : {}),
    ...(provesLink ? { provesLink } : {}),
    ...(connection
      ? {
          provisioning: {
            // The provider said nothing new of somebody whom the session knows: there is nothing to bring up to date.
            result: provisioningOf(connection, { account, skips, told: !reused }),
            userId: account?.id ?? null,
          },
        }
      : {}),
    ...(reused ? { reused } : {}),
  };
}

function provisioningOf(
  { jit }: Connection,
  { account, skips, told }: { account: User | null; skips: boolean; told: boolean },
): 'skipped' | 'pending' | 'known' | 'disabled' {
  if (account && !told) return 'known';
  if (skips) return 'skipped';
  if (jit.enabled) return 'pending';
  return account ? 'known' : 'disabled';
}

/** Writes the step's entry, and lets the login go on. */
export async function appendOutcome(
  { journals, clock }: LoginDeps,
  stores: Stores,
  { login, waiting }: StepVisit,
  answer: StepAnswer,
): Promise<Login> {
  const entry: JournalEntry = {
    op: 'step',
    args: waiting.args,
    answer: JSON.stringify(answer),
    at: clock.now(),
    ...placeOf(waiting),
    cpuUs: null,
  };
  await journals.append(stores.logins, login.id, waiting.seq, entry);
  const userId =
    answer.outcome === 'success'
      ? 'userId' in answer.person
        ? answer.person.userId
        : (answer.provisioning?.userId ?? login.userId)
      : login.userId;
  return moveOn(stores.logins, { ...login, cursor: waiting.seq + 1, waitingSealed: null, userId });
}
