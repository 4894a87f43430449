import type { Application } from '../applications/application.ts';
import type {
  Authenticator,
  Form,
  Move,
  ProvenPerson,
  StepContext,
  StepPerson,
  StepProblem,
  Waited,
} from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import { findLoss } from '../connections/issuer.ts';
import { claims, readClaims } from '../directory/claims.ts';
import type { User } from '../directory/user.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { Language } from '../kernel/languages.ts';
import { localIdp } from '../kernel/local-idp.ts';
import type { MailWords } from '../mail/mail.ts';
import { findDomainFault } from '../provisioning/allowed-domains.ts';
import { subjectWithoutAccount } from '../provisioning/subject.ts';
import type { Stores } from '../stores.ts';
import { isClaimed } from './claimed.ts';
import type { LoginDeps } from './deps.ts';
import type { Facts } from './facts.ts';
import type { JournalEntry } from './journal.ts';
import type { Login, LoginRequest } from './login.ts';
import { type AuthenticatorRegistry, parametersFor, passwordName, type StepOption } from './options.ts';
import { readCodeMail } from './script-mails.ts';
import type { StepWaiting, Waiting } from './waiting.ts';

/** A login that waits, as one request finds it. */
export interface Visit<W extends Waiting = Waiting> {
  login: Login;
  journal: JournalEntry[];
  facts: Facts;
  waiting: W;
  application: Application;
  request: LoginRequest;
  language: Language;
  /** The page request's. */
  waited: Waited;
  /** What this request answers with. */
  form?: Form;
}

export type StepVisit = Visit<StepWaiting>;

export function isAt<K extends Waiting['kind']>(visit: Visit, kind: K): visit is Visit<Waiting & { kind: K }> {
  return visit.waiting.kind === kind;
}

/** The option whose authenticator has the word: the chosen one, or the one that proves the right to set it up. */
export function currentOption({ chosen, proof }: StepWaiting): number | null {
  return proof && !proof.passed ? proof.option : chosen;
}

export function authenticatorOf(option: StepOption, registry: AuthenticatorRegistry): Authenticator | null {
  return option.idp === localIdp ? registry.find(option.authenticator) : registry.federated;
}

/**
 * The account of the person the login is for, read live; null when there is none (yet). It is the one that somebody from a
 * connection has proven to be theirs, even before it is linked.
 */
export async function findSubjectAccount(stores: Pick<Stores, 'users'>, facts: Facts): Promise<User | null> {
  const { subject } = facts;
  if (!subject) return null;
  if ('userId' in subject.person) return stores.users.findById(subject.person.userId);
  const known = facts.accounts.get(subject.ref);
  if (known) return stores.users.findById(known);
  const { connectionId, subject: name } = subject.person.federated;
  const association = await stores.users.findAssociation(connectionId, name);
  const userId = association?.userId ?? facts.proving;
  return userId && stores.users.findById(userId);
}

/** `sub` of a person: the account's, else the one that an account made later would keep. */
export async function findSub(
  stores: Pick<Stores, 'users'>,
  box: Pick<CryptoBox, 'mac'>,
  person: ProvenPerson,
): Promise<string | null> {
  const account = await findAccountOf(stores, person);
  if (account || 'userId' in person) return account?.subject ?? null;
  return subjectWithoutAccount(box, person.federated);
}

/** A connection that somebody came in through and that is disabled or gone by now, as a sentence for the admin; or null. */
export async function findLostConnection(stores: Pick<Stores, 'connections'>, facts: Facts): Promise<string | null> {
  for (const person of facts.federated.values()) {
    const loss = findLoss(await stores.connections.findById(person.connectionId), person);
    if (loss !== null) return loss;
  }
  return null;
}

export async function makeStepContext(
  { database, authenticators, clock, box, typed }: LoginDeps,
  visit: StepVisit,
  option: StepOption,
  { user, enrolmentAllowed }: { user: User | null; enrolmentAllowed: boolean },
): Promise<StepContext> {
  const connection: Connection | null =
    option.idp === localIdp ? null : await database.read.connections.findByName(option.idp);
  const { login, waiting, application, request, language } = visit;
  const { subject, claimed } = visit.facts;
  const parameters = await openParameters(
    typed,
    login,
    option,
    parametersFor(waiting.parameters, option, authenticators),
  );
  const sub = subject && (await findSub(database.read, box, subject.person));
  return {
    login: {
      id: login.id,
      request,
      application,
      expiresAt: login.expiresAt,
    },
    seq: waiting.seq,
    step: waiting.step,
    connection,
    user,
    subject: subject && sub !== null ? { person: subject.person, sub, session: visit.facts.start.session } : null,
    claimed: claimed && {
      identifier: claimed.identifier,
      user: claimed.userId && (await database.read.users.findById(claimed.userId)),
    },
    parameters,
    codeMail: await findCodeMail(database.read, visit, parameters['notificationTemplate']),
    enrolment: { allowed: enrolmentAllowed },
    language,
    waited: visit.waited,
    now: clock.now(),
  };
}

/** From the flow that the login began with. */
async function findCodeMail(
  { applications }: Pick<Stores, 'applications'>,
  { application, login, language }: StepVisit,
  name: string | undefined,
): Promise<MailWords | null> {
  if (!name) return null;
  const version = await applications.findVersion(application.id, login.version);
  return version && readCodeMail(version.flow, language, name);
}

/** A password that the person typed in an earlier step can be handed to the one that checks it, and to nobody else. */
async function openParameters(
  typed: LoginDeps['typed'],
  { id }: Login,
  option: StepOption,
  parameters: Record<string, string>,
): Promise<Record<string, string>> {
  const { password } = parameters;
  if (password === undefined || option.authenticator !== passwordName) return parameters;
  return { ...parameters, password: await typed.reveal(id, password) };
}

/** A move that refuses, for rules that authenticators do not know. */
export function refuse(problem: StepProblem): Move & { kind: 'failed' } {
  return { kind: 'failed', problem };
}

/**
 * May this person be who passed the step? A login is for one person: whoever passes a later step must be the same, by
 * account or by the provider's own name; or, where the script links accounts, the two sides of a link that is not there yet:
 * the login cannot succeed before it is (`findUnlinked`). Locked and disabled accounts are refused whichever door they come through.
 */
export async function checkPerson(
  stores: Pick<Stores, 'users' | 'connections'>,
  facts: Facts,
  person: StepPerson,
): Promise<{ account: User | null; provesLink?: true } | { problem: StepProblem }> {
  // Whether a name has an account, and how that is, is nobody's business who has only typed it.
  if ('claimed' in person) return { account: null };
  const account = await findAccountOf(stores, person);
  if ('federated' in person) {
    const connection = await stores.connections.findById(person.federated.connectionId);
    const detail = connection && findDomainFault(connection, person.federated.claims);
    if (detail) return { problem: { code: 'DOMAIN_NOT_ALLOWED', detail } };
  }
  if ('userId' in person && !account)
    return { problem: { code: 'INVALID_CREDENTIALS', detail: 'The account is gone.' } };
  if (account?.disabled) return { problem: { code: 'ACCOUNT_DISABLED' } };
  if (account?.locked) return { problem: { code: 'ACCOUNT_LOCKED' } };
  const named = account && { id: account.id, names: [account.username, readClaims(account)[claims.email]] };
  if (facts.claimed && !isClaimed(facts.claimed, named, 'federated' in person ? person.federated : null)) {
    return { problem: { code: 'WRONG_SUBJECT' } };
  }
  if (!facts.subject) return { account };

  const before = facts.subject.person;
  const same =
    'federated' in before && 'federated' in person
      ? before.federated.connectionId === person.federated.connectionId &&
        before.federated.subject === person.federated.subject
      : false;
  if (same) return { account };
  const subjectAccount = await findSubjectAccount(stores, facts);
  if (account && subjectAccount && account.id === subjectAccount.id) return { account };
  if (facts.start.links && (account === null) !== (subjectAccount === null)) return { account, provesLink: true };
  return { problem: { code: 'WRONG_SUBJECT' } };
}

/** Somebody who passed a step to prove a link that was not made, as a sentence for the admin; null when all are one person. */
export async function findUnlinked(stores: Pick<Stores, 'users'>, facts: Facts): Promise<string | null> {
  const proof = facts.passed.find(({ provesLink }) => provesLink);
  if (!proof) return null;
  const { subject } = facts;
  const account = subject && (await findAccountOf(stores, subject.person));
  for (const { proves, person } of facts.passed) {
    if (!proves || 'claimed' in person) continue;
    const own = await findAccountOf(stores, person);
    if (!account || own?.id !== account.id) return describeUnlinked(proof);
  }
  return null;
}

export function describeUnlinked({ step }: { step: number }): string {
  return `Step ${step} was passed to prove a link that the script did not make.`;
}

async function findAccountOf({ users }: Pick<Stores, 'users'>, person: ProvenPerson): Promise<User | null> {
  if ('userId' in person) return users.findById(person.userId);
  const association = await users.findAssociation(person.federated.connectionId, person.federated.subject);
  return association && users.findById(association.userId);
}
