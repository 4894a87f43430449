import type { PlayEnd, ScriptState } from '../../sandbox/protocol.ts';
import type { Application } from '../applications/application.ts';
import type { User } from '../directory/user.ts';
import { second } from '../kernel/clock.ts';
import { type ApplicationId, newId, newReference } from '../kernel/ids.ts';
import { personSentence } from '../pages/errors.ts';
import { passThroughClaims } from '../provisioning/pass-through.ts';
import type { Questions } from '../provisioning/provision.ts';
import { subjectWithoutAccount } from '../provisioning/subject.ts';
import { findLive } from '../sessions/find.ts';
import type { SignInFacts } from '../sessions/session.ts';
import { isEndedUpstream } from '../sessions/upstream.ts';
import type { Stores } from '../stores.ts';
import type { StepPassed } from './answers.ts';
import { askRules } from './ask-rules.ts';
import type { LoginDeps } from './deps.ts';
import {
  endsWell,
  type Failure,
  type FindAllowedUrl,
  failWithPage,
  grantAcr,
  readFailure,
  scriptClaims,
} from './ending.ts';
import { type Facts, readFacts } from './facts.ts';
import { signedInAt } from './freshness.ts';
import type { LoginFinisher, LoginResult } from './handoff.ts';
import type { JournalEntry } from './journal.ts';
import type { Login } from './login.ts';
import { provideAccount } from './provide-account.ts';
import { keepsNoAccount, redactJournal } from './redact.ts';
import { moveOn } from './turn.ts';
import { findLostConnection, findSubjectAccount, findUnlinked } from './visit.ts';
import { type Ending, type StoredEnding, sealEnding } from './waiting.ts';

export interface FinishDeps extends LoginDeps {
  finisher: Pick<LoginFinisher, 'finish'>;
  /** May a script send the browser to this URL (`sendError`)? */
  findAllowedUrl: FindAllowedUrl;
}

/**
 * Ends a login with what the script decided. Success is not taken from the sandbox: the journal must hold a passed step
 * that proves the person, and account, application and connection must be in order now. The account is made here if
 * nothing needed it before; all of it is one unit.
 */
export async function finishLogin(
  deps: FinishDeps,
  {
    login,
    journal,
    application,
    end,
    state,
  }: {
    login: Login;
    journal: JournalEntry[];
    application: Application;
    end: PlayEnd & { kind: 'ends' | 'differs' };
    state: ScriptState;
  },
): Promise<Finished> {
  const fail = async (failure: Failure): Promise<Finished> => ({
    kind: 'ended',
    login: await failLogin(deps, login, application, failure),
  });
  if (!endsWell(end)) return fail(readFailure(end, deps.findAllowedUrl));
  try {
    return await succeed(deps, { login, journal, application, state });
  } catch (failure) {
    // Refused at the last moment: the unit kept nothing of it.
    if (failure instanceof Refusal) return fail(failure.failure);
    throw failure;
  }
}

/** A login has ended, or it ends well as soon as the person has answered; then nothing has been written. */
export type Finished = { kind: 'ended'; login: Login } | { kind: 'asks'; questions: Questions };

class Refusal extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.code);
    this.failure = failure;
  }
}

async function succeed(
  deps: FinishDeps,
  {
    login,
    journal,
    application,
    state,
  }: { login: Login; journal: JournalEntry[]; application: Application; state: ScriptState },
): Promise<Finished> {
  const { database, clock, box } = deps;
  const facts = readFacts(journal);
  if (!facts.subject || !facts.passed.some(({ proves }) => proves)) throw new Refusal(failWithPage('NO_STEP_PASSED'));
  const amr = [...new Set(facts.passed.flatMap((step) => step.amr))];
  const acr = grantAcr(state.selectedAcr, amr);
  const session = facts.passed.find(({ proves, reused }) => proves && reused)?.reused?.session ?? null;

  return database.unit(async (stores) => {
    const now = clock.now();
    if (session && !(await findLive(stores.sessions, session, now))) throw new Refusal(failWithPage('SESSION_ENDED'));
    const unlinked = await findUnlinked(stores, facts);
    if (unlinked !== null) throw new Refusal(failWithPage('WRONG_SUBJECT', {}, unlinked));
    const people = facts.passed.flatMap(({ person, reused }) =>
      'federated' in person && !reused ? [person.federated] : [],
    );
    if (await isEndedUpstream(stores, login.id, people))
      throw new Refusal(failWithPage('SESSION_ENDED', {}, 'The provider has signed the person out.'));
    const provided = await provideAccount(deps, stores, { login, facts, now });
    if (provided.questions) return { kind: 'asks', questions: provided.questions };
    if (provided.problem) {
      // What provisioning wrote is why: it is kept.
      const failure = failWithPage(provided.problem.code, {}, provided.problem.detail ?? null);
      return { kind: 'ended', login: await writeFailure(deps, stores, provided.login, application, failure) };
    }
    const whole = provided.note ? [...journal, provided.note] : journal;
    const told = provided.note ? readFacts(whole) : facts;
    const { subject, claims, keepsAccount } = await describeSubject(stores, box, told);
    await refuseAgainstRules(stores, login.applicationId, told);
    const result: LoginResult = {
      ok: true,
      subject,
      account: keepsAccount,
      acr,
      amr,
      authTime: Math.floor(Math.max(...facts.passed.map((step) => provenAt(facts, step))) / second),
      loginId: login.id,
      claims: { ...claims, ...scriptClaims(state, facts) },
      facts: signInFacts(facts),
      session,
    };
    if (!keepsAccount) await redactJournal(deps.journals, stores, login, whole);
    await recordEnd(stores, provided.login, application, now, 'login.succeeded', {
      subject,
      amr,
      acr,
      ...(state.selectedAcr !== acr ? { acrRefused: state.selectedAcr } : {}),
    });
    const ending: Ending = { kind: 'application', result };
    return { kind: 'ended', login: await end(deps, stores, { ...provided.login, status: 'succeeded' }, ending, now) };
  });
}

/** The application's rules, as they are now. They are no matter of the script, nor of what the login began with. */
async function refuseAgainstRules(stores: Stores, applicationId: ApplicationId, facts: Facts): Promise<void> {
  const application = await stores.applications.findById(applicationId);
  const failure = application && (await askRules(stores, application.signInRules, facts));
  if (failure) throw new Refusal(failure);
}

/** When the person was last asked, here or where they came from: not when a session answered for them. */
function provenAt({ start }: Facts, { at, reused, proves, person }: StepPassed): number {
  return proves ? signedInAt(start, reused?.at ?? at, person) : 0;
}

/** What later sign-ins in the same browser need not ask again. */
function signInFacts({ start, passed }: Facts): SignInFacts {
  const { ip, headers } = start.asked;
  const steps = passed.flatMap(({ proves, reused, idp, authenticator, amr, at, person }) =>
    proves && !reused && !('claimed' in person)
      ? [{ idp, authenticator, amr, at: signedInAt(start, at, person), person }]
      : [],
  );
  return { ip, userAgent: headers['user-agent'] ?? '', steps };
}

/** Who the application gets to know, read live: a locked or disabled account does not come in at the last moment either. */
async function describeSubject(
  stores: Stores,
  box: LoginDeps['box'],
  facts: Facts,
): Promise<{ subject: string; claims: Record<string, unknown>; keepsAccount: boolean }> {
  const { person } = facts.subject!;
  const account = await findSubjectAccount(stores, facts);
  if (account?.disabled) throw new Refusal(failWithPage('ACCOUNT_DISABLED'));
  if (account?.locked) throw new Refusal(failWithPage('ACCOUNT_LOCKED'));
  const lost = await findLostConnection(stores, facts);
  if (lost !== null) throw new Refusal(failWithPage('CONNECTION_DISABLED', {}, lost));
  if (account) {
    return { subject: account.subject, claims: await readAttributes(stores, facts, account), keepsAccount: true };
  }
  if ('userId' in person) throw new Refusal(failWithPage('ACCESS_DENIED', {}, 'The account was deleted meanwhile.'));
  const { connectionId, claims } = person.federated;
  const connection = (await stores.connections.findById(connectionId))!;
  return {
    subject: subjectWithoutAccount(box, person.federated),
    claims: passThroughClaims(connection, claims),
    keepsAccount: false,
  };
}

/**
 * What the provider said of the person of the marked step, as far as they are who signs in. Somebody without an account has
 * told nothing else anyway, and an account's own attributes are read when the application asks.
 */
async function readAttributes(
  { connections, users }: Pick<Stores, 'connections' | 'users'>,
  { attributes }: Facts,
  account: User,
): Promise<Record<string, unknown>> {
  if (!attributes || !('federated' in attributes.person)) return {};
  const { connectionId, subject, claims } = attributes.person.federated;
  const association = await users.findAssociation(connectionId, subject);
  if (association?.userId !== account.id) return {};
  const connection = await connections.findById(connectionId);
  return connection ? passThroughClaims(connection, claims) : {};
}

/** Ends a login as failed, with a reference under which everything about it is found. */
export async function failLogin(
  deps: FinishDeps,
  login: Login,
  application: Pick<Application, 'id' | 'name'>,
  failure: Failure,
): Promise<Login> {
  return deps.database.unit((stores) => writeFailure(deps, stores, login, application, failure));
}

async function writeFailure(
  deps: FinishDeps,
  stores: Stores,
  login: Login,
  application: Pick<Application, 'id' | 'name'>,
  { code, params, detail, limit, turn, ending }: Failure,
): Promise<Login> {
  const { clock, journals, log } = deps;
  const reference = newReference();
  const sentence = personSentence('en', code, params);
  const now = clock.now();
  const journal = await journals.read(stores.logins, login.id);
  if (keepsNoAccount(readFacts(journal))) await redactJournal(journals, stores, login, journal);
  const about = { ...(limit ? { limit } : {}), ...(turn === undefined ? {} : { turn }) };
  const details = { sentence, ...(detail === null ? {} : { detail }), ...about };
  await recordEnd(stores, { ...login, reference }, application, now, 'login.failed', details, code);
  const failed = await end(deps, stores, { ...login, status: 'failed', reference, failureCode: code }, ending, now);
  log.warn({ loginId: login.id, reference, code, application: application.name, detail, ...about }, sentence);
  return failed;
}

/** What the application gets at once is handed over here, in the same unit: no result is on its way outside of both. */
async function end(
  { box, metrics, finisher }: FinishDeps,
  stores: Stores,
  login: Login,
  ending: Ending,
  now: number,
): Promise<Login> {
  const stored: StoredEnding =
    ending.kind === 'application'
      ? { kind: 'delivered', ...(await finisher.finish(stores, login.interactionUid, ending.result)), page: null }
      : ending;
  metrics.loginEnded(login.status === 'succeeded' ? 'succeeded' : 'failed', login.failureCode);
  return moveOn(stores.logins, {
    ...login,
    waitingSealed: null,
    resultSealed: sealEnding(box, login.id, stored),
    endedAt: now,
  });
}

async function recordEnd(
  { audit }: Pick<Stores, 'audit'>,
  login: Login,
  application: Pick<Application, 'id' | 'name'>,
  now: number,
  type: 'login.succeeded' | 'login.failed',
  details: Record<string, unknown>,
  code: Failure['code'] | null = null,
): Promise<void> {
  await audit.append({
    id: newId('event'),
    at: now,
    type,
    actor: 'person',
    target: login.userId,
    loginId: login.id,
    reference: login.reference,
    code,
    details: { application: application.name, version: login.version, ...details },
  });
}
