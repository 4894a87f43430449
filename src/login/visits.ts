import type { Application, FlowVersion } from '../applications/application.ts';
import type { Form, Waited } from '../authenticators/authenticator.ts';
import { AppError } from '../kernel/errors.ts';
import type { LoginId } from '../kernel/ids.ts';
import type { Language } from '../kernel/languages.ts';
import { findLive } from '../sessions/find.ts';
import { advance, type Course, type Stand } from './advance.ts';
import { answerQuestions, endCancelled } from './answer-questions.ts';
import { checkBrowser, checkCsrf, type FormPlace } from './browser.ts';
import { isAbandoned, makeCall, settleCall } from './call.ts';
import { type Failure, failWithPage } from './ending.ts';
import { readFacts } from './facts.ts';
import { type FinishDeps, failLogin } from './finish.ts';
import type { LoginFinisher } from './handoff.ts';
import type { JournalEntry } from './journal.ts';
import type { Login, LoginRequest } from './login.ts';
import { answerPrompt } from './prompt.ts';
import { takeAgain } from './reentry.ts';
import { answerStep, cancelStep, chooseOption, leaveOption, resumeStep, type Stepped } from './step.ts';
import { answeredOption, findOption } from './step-form.ts';
import { findLostConnection, findSubjectAccount, isAt, type StepVisit, type Visit } from './visit.ts';
import { openEnding, openWaiting, type StoredEnding, sealEnding } from './waiting.ts';

/** What one browser's requests do with a login: look, answer, come back, leave. */
export interface Visits {
  /** Shows where the login stands; plays the script on where a crash has left it. */
  look(request: VisitRequest): Promise<ShownStand>;
  /** Answers the current step with a form. */
  answer(request: VisitRequest & { form: Form }): Promise<ShownStand>;
  /** Takes an identity provider's answer. */
  resume(request: VisitRequest & { query: Form }): Promise<ShownStand>;
  /** «Not you?»: gives the login up, and frees its authorization request for a new one. */
  restart(
    request: VisitRequest & { form: Form },
  ): Promise<{ interactionUid: string; clientId: string; request: LoginRequest }>;
  /** Leads everybody who comes to a login that was given up to the one that took its place. */
  passOn(id: string, successor: LoginId): Promise<void>;
  /** Brings an ended login's result to the application, if it is not there; @returns where to send the browser. */
  deliver(login: Login): Promise<string>;
  readEnding(login: Login): StoredEnding;
}

/** Where a login stands for the person to see. */
export type ShownStand = Exclude<Stand, { kind: 'claimed' }>;

/** `from`: the option whose page the form is from. */
type Met = { kind: 'met'; login: Login; course: Course; visit: Visit; from: FormPlace['option'] };

export interface VisitRequest {
  id: string;
  browserSecret: string | undefined;
  /** Picks the language, given what the application asked for. */
  pickLanguage(request: LoginRequest): Language;
}

/** One request, through all its turns. */
type VisitOf<R extends VisitRequest> = R & { waited: Waited };

export interface VisitDeps extends FinishDeps {
  finisher: LoginFinisher;
}

export function createVisits(deps: VisitDeps): Visits {
  const { database, box, clock, journals } = deps;
  const queues = new Map<string, Promise<unknown>>();

  /** Requests of one login in this process take turns; across processes the login's revision decides. */
  async function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = queues.get(id) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => {});
    queues.set(id, settled);
    try {
      return await mine;
    } finally {
      if (queues.get(id) === settled) queues.delete(id);
    }
  }

  /** The login, if this browser may see it. What was disabled or withdrawn meanwhile ends it here. */
  async function meet({
    id,
    browserSecret,
    pickLanguage,
    waited,
  }: VisitOf<VisitRequest>): Promise<{ login: Login; course: Course | null; journal: JournalEntry[] }> {
    const login = await database.read.logins.findById(id as LoginId);
    if (!login) throw new AppError('LOGIN_NOT_FOUND');
    checkBrowser(login, browserSecret);
    if (login.status !== 'running') return { login, course: null, journal: [] };
    const application = await database.read.applications.findById(login.applicationId);
    const version = application && (await database.read.applications.findVersion(application.id, login.version));
    const journal = await journals.read(database.read.logins, login.id);
    const stop = await findStop(login, application, version, journal);
    if (stop || !application || !version) {
      const about = application ?? { id: login.applicationId, name: login.applicationId };
      const failed = await failLogin(deps, login, about, stop ?? failWithPage('CLIENT_UNKNOWN'));
      return { login: failed, course: null, journal };
    }
    const request = readFacts(journal).start.asked;
    const course = { login, flow: version.flow, application, request, language: pickLanguage(request), waited };
    return { login, course, journal };
  }

  async function findStop(
    login: Login,
    application: Application | null,
    version: FlowVersion | null,
    journal: JournalEntry[],
  ): Promise<Failure | null> {
    if (login.expiresAt <= clock.now()) return failWithPage('LOGIN_EXPIRED');
    if (!application) return failWithPage('CLIENT_UNKNOWN');
    if (application.disabled) return failWithPage('CLIENT_DISABLED');
    if (!version || version.withdrawnAt !== null) return failWithPage('VERSION_WITHDRAWN');
    const facts = readFacts(journal);
    const lost = await findLostConnection(database.read, facts);
    if (lost !== null) return failWithPage('CONNECTION_DISABLED', {}, lost);
    const account = await findSubjectAccount(database.read, facts);
    if (account?.disabled) return failWithPage('ACCOUNT_DISABLED');
    if (account?.locked) return failWithPage('ACCOUNT_LOCKED');
    const reused = facts.passed.find(({ proves, reused }) => proves && reused)?.reused;
    if (reused && !(await findLive(database.read.sessions, reused.session, clock.now())))
      return failWithPage('SESSION_ENDED');
    return null;
  }

  /** Where a login stands that waits; null when the script has yet to say. */
  function readVisit(course: Course, journal: JournalEntry[]): Visit | null {
    const { login } = course;
    if (login.waitingSealed === null) return null;
    const { application, request, language, waited } = course;
    const waiting = openWaiting(box, login.id, login.waitingSealed);
    return { login, journal, facts: readFacts(journal), waiting, application, request, language, waited };
  }

  /** Takes turns until the person is needed: a call is made between two of them, so that no other request waits for it. */
  async function inTurns<R extends VisitRequest>(
    given: R,
    work: (request: VisitOf<R>) => Promise<Stand>,
  ): Promise<ShownStand> {
    const request = { ...given, waited: { ms: 0 } };
    let stand = await inTurn(request.id, () => work(request));
    while (stand.kind === 'claimed') {
      const { visit } = stand;
      const answer = await makeCall(deps, stand);
      stand = await inTurn(request.id, async () => {
        const { login, course, journal } = await meet(request);
        if (!course) return { kind: 'ended', login };
        const now = readVisit(course, journal);
        // Whoever was too slow finds that another has made the call again; that one's answer counts.
        if (!now || !isAt(now, 'call') || now.waiting.seq !== visit.waiting.seq) return lookAt(course, journal, now);
        if (now.waiting.attempt !== visit.waiting.attempt) return { kind: 'page', visit: now };
        return advance(deps, { ...course, login: await settleCall(deps, now, answer) });
      });
    }
    if (stand.kind === 'ended') deps.typed.forget(stand.login.id);
    return stand;
  }

  /** What there is to see; where nobody is at work, the script goes on. */
  async function lookAt(course: Course, journal: JournalEntry[], visit: Visit | null): Promise<Stand> {
    if (!visit) return advance(deps, course, journal);
    if (isAt(visit, 'call') && isAbandoned(deps, visit.waiting)) return advance(deps, course, journal);
    // The only way leads elsewhere, and the person is back without an answer: there they go again.
    if (isAt(visit, 'step') && visit.waiting.away && visit.waiting.options.length === 1) {
      return goOn(course, await chooseOption(deps, visit, 0));
    }
    return { kind: 'page', visit };
  }

  async function goOn(course: Course, stepped: Stepped | Stand): Promise<Stand> {
    return stepped.kind === 'done' ? advance(deps, { ...course, login: stepped.login }) : stepped;
  }

  /** The step that a form is for, after its token has been checked. */
  async function meetForm(request: VisitOf<VisitRequest & { form: Form }>): Promise<Met | Stand> {
    const { login, course, journal } = await meet(request);
    if (!course) return { kind: 'ended', login };
    const visit = readVisit(course, journal);
    if (!visit) return advance(deps, course, journal);
    const from = checkCsrf(box, login, visit.waiting.seq, request.form['csrf']);
    return { kind: 'met', login, course, visit, from };
  }

  return {
    look: (given) =>
      inTurns(given, async (request) => {
        const { login, course, journal } = await meet(request);
        return course ? lookAt(course, journal, readVisit(course, journal)) : { kind: 'ended', login };
      }),

    answer: (given) =>
      inTurns(given, async (request) => {
        const met = await meetForm(request);
        if (met.kind !== 'met') return met;
        const { course, visit, from } = met;
        if (isAt(visit, 'step')) return goOn(course, await takeForm(deps, visit, request.form, from));
        if (isAt(visit, 'prompt')) return goOn(course, await answerPrompt(deps, visit, request.form));
        if (isAt(visit, 'reentry')) {
          if (request.form['action'] === 'cancel') return endCancelled(deps, visit, 'The person cancelled.');
          return goOn(course, await takeAgain(deps, visit, request.form));
        }
        if (!isAt(visit, 'account')) return { kind: 'page', visit };
        // What was meant for a step's page is no consent, nor a proof.
        if (from !== 'account') throw new AppError('STEP_NOT_CURRENT');
        return goOn(course, await answerQuestions(deps, visit, request.form));
      }),

    resume: (given) =>
      inTurns(given, async (request) => {
        const { login, course, journal } = await meet(request);
        if (!course) return { kind: 'ended', login };
        const visit = readVisit(course, journal);
        if (!visit) return advance(deps, course, journal);
        if (!isAt(visit, 'step') || !visit.waiting.away) throw new AppError('STEP_NOT_CURRENT');
        return goOn(course, await resumeStep(deps, visit, request.query));
      }),

    restart: (request) =>
      inTurn(request.id, async () => {
        const met = await meetForm({ ...request, waited: { ms: 0 } });
        if (met.kind !== 'met') throw new AppError('STEP_NOT_CURRENT');
        const { login, course } = met;
        const { interactionUid } = login;
        const ended = await failLogin(
          deps,
          login,
          course.application,
          failWithPage('CANCELLED', {}, 'The person started again.'),
        );
        await database.unit(({ logins }) =>
          logins.update({ ...ended, interactionUid: `${interactionUid} ${login.id}` }),
        );
        return { interactionUid, clientId: course.application.clientId, request: course.request };
      }),

    passOn: (id, successor) =>
      inTurn(id, () =>
        database.unit(async ({ logins }) => {
          const login = (await logins.findById(id as LoginId))!;
          const resultSealed = sealEnding(box, login.id, { kind: 'elsewhere', url: `/login/${successor}` });
          await logins.update({ ...login, resultSealed });
        }),
      ),

    readEnding: (login) => openEnding(box, login.id, login.resultSealed!),

    deliver: (login) =>
      inTurn(login.id, async () => {
        const current = (await database.read.logins.findById(login.id)) ?? login;
        const ending = openEnding(box, current.id, current.resultSealed!);
        if (ending.kind === 'delivered') return ending.redirectTo;
        if (ending.kind === 'elsewhere') return ending.url;
        return database.unit(async (stores) => {
          const { redirectTo } = await deps.finisher.finish(stores, current.interactionUid, ending.result);
          const page = { code: ending.code, params: ending.params };
          const resultSealed = sealEnding(box, current.id, { kind: 'delivered', redirectTo, page });
          await stores.logins.update({ ...current, resultSealed });
          return redirectTo;
        });
      }),
  };
}

/** A form for a step: an option, an answer to one, or a way out. */
async function takeForm(deps: FinishDeps, visit: StepVisit, form: Form, from: FormPlace['option']): Promise<Stepped> {
  if (form['action'] === 'cancel') return cancelStep(deps, visit);
  if (form['action'] === 'other') return leaveOption(deps, visit);
  const option = findOption(visit.waiting, form);
  if (option === null) return { kind: 'page', visit };
  if (form['option'] !== undefined) return chooseOption(deps, visit, option);
  // The page of a way that was left, in another tab or by the back button: its answer was for something else.
  if (from !== answeredOption(visit.waiting)) throw new AppError('STEP_NOT_CURRENT');
  if (visit.waiting.chosen === option && !visit.waiting.away) return answerStep(deps, visit, form);
  const begun = await chooseOption(deps, visit, option);
  return begun.kind === 'page' && isAt(begun.visit, 'step') ? answerStep(deps, begun.visit, form) : begun;
}
