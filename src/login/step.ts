import type { Form, Move, Settle, StepPerson, StepProblem, StepView } from '../authenticators/authenticator.ts';
import { findByIdentifier } from '../directory/find-by-identifier.ts';
import type { User } from '../directory/user.ts';
import { AppError, errors } from '../kernel/errors.ts';
import { localIdp } from '../kernel/local-idp.ts';
import type { Stores } from '../stores.ts';
import { ask } from './ask.ts';
import type { LoginDeps } from './deps.ts';
import { findStaleSignIn, findUnableProvider } from './freshness.ts';
import type { Login } from './login.ts';
import { listOpenOptions, parametersFor, passwordName, type StepOption, skipsPrompt } from './options.ts';
import { appendOutcome, missed, passed } from './outcome.ts';
import { provideForStep } from './provide-for-step.ts';
import type { AccountVisit } from './questions.ts';
import { recordMiss } from './record-miss.ts';
import { moveOn } from './turn.ts';
import {
  authenticatorOf,
  checkPerson,
  currentOption,
  findSubjectAccount,
  makeStepContext,
  refuse,
  type StepVisit,
} from './visit.ts';
import { type StepWaiting, sealWaiting } from './waiting.ts';

/** What a request did to the step. */
export type Stepped =
  /** A page of the step is to be shown, or of what is asked before it. */
  | { kind: 'page'; visit: StepVisit | AccountVisit }
  | { kind: 'redirect'; visit: StepVisit; url: string }
  /** The step has its outcome: the script goes on. */
  | { kind: 'done'; login: Login };

/** The person (or the step having no other) chooses an option. */
export async function chooseOption(deps: LoginDeps, visit: StepVisit, chosen: number): Promise<Stepped> {
  const { authenticators } = deps;
  const option = visit.waiting.options[chosen]!;
  const authenticator = authenticatorOf(option, authenticators);
  const fresh: StepWaiting = { ...leave(visit.waiting), chosen };
  if (!authenticator) {
    const problem: StepProblem = { code: 'AUTHENTICATOR_NOT_AVAILABLE', detail: `«${option.authenticator}».` };
    return settle(deps, { ...visit, waiting: fresh }, async () => refuse(problem));
  }
  const at = { ...visit, waiting: fresh };
  // Of somebody who is only named nothing is looked up here: no page may tell whether there is an account.
  if (!authenticator.needsAccount || (visit.facts.claimed && authenticator.provesClaim)) return begin(deps, at);

  const provided = await provideForStep(deps, at, authenticator.label);
  if (provided.kind === 'asks') return ask(deps, provided.visit, { step: at.waiting, questions: provided.questions });
  if (provided.kind === 'problem') return failOption(deps, provided.visit, provided.problem);
  const { user } = provided;
  const proof = await findProof(deps, provided.visit, user);
  return begin(deps, { ...provided.visit, waiting: { ...provided.visit.waiting, proof } });
}

/** A form came for the current option. */
export async function answerStep(deps: LoginDeps, visit: StepVisit, form: Form): Promise<Stepped> {
  const renewed = await renewProof(deps, visit);
  if (renewed) return renewed;
  const { authenticator, context } = await meet(deps, visit);
  const username = form['username']?.slice(0, 255) ?? visit.waiting.username;
  const state = visit.waiting.state ?? {};
  const move = await authenticator.answer(context, state, form);
  return settle(deps, { ...visit, form, waiting: { ...visit.waiting, username } }, move);
}

/** The browser came back from elsewhere. */
export async function resumeStep(deps: LoginDeps, visit: StepVisit, query: Form): Promise<Stepped> {
  const { authenticator, context, option } = await meet(deps, visit);
  if (!authenticator.resume) throw new AppError('STEP_NOT_CURRENT');
  if (!context.connection) return refuseConnection(deps, visit, option);
  return settle(deps, visit, await authenticator.resume(context, visit.waiting.state ?? {}, query));
}

/** The person cancelled: an outcome of its own. */
export async function cancelStep(deps: LoginDeps, visit: StepVisit): Promise<Stepped> {
  const login = await deps.database.unit((stores) =>
    appendOutcome(deps, stores, visit, missed(deps, visit, 'abort', { code: 'CANCELLED' })),
  );
  return { kind: 'done', login };
}

/** Back to the step's options. */
export async function leaveOption(deps: LoginDeps, visit: StepVisit): Promise<Stepped> {
  const waiting = leave(visit.waiting);
  const login = await deps.database.unit(({ logins }) => save(deps, logins, { ...visit, waiting }));
  return { kind: 'page', visit: { ...visit, login, waiting } };
}

/** The page of the option the person is at. */
export async function viewOption(deps: LoginDeps, visit: StepVisit): Promise<StepView> {
  const { authenticator, context } = await meet(deps, visit);
  return authenticator.view(context, visit.waiting.state ?? {});
}

async function meet(deps: LoginDeps, visit: StepVisit) {
  const index = currentOption(visit.waiting)!;
  const option = visit.waiting.options[index]!;
  const authenticator = authenticatorOf(option, deps.authenticators)!;
  const user = await findSubjectAccount(deps.database.read, visit.facts);
  const context = await makeStepContext(deps, visit, option, {
    user,
    enrolmentAllowed: await mayEnrol(deps, visit, option, user),
  });
  return { authenticator, context, option };
}

/** The step at its options, with the state of the option that was left. */
function leave(waiting: StepWaiting): StepWaiting {
  const option = currentOption(waiting);
  const kept =
    option === null || waiting.state === null || waiting.away
      ? waiting.kept
      : { ...waiting.kept, [option]: waiting.state };
  return { ...waiting, kept, chosen: null, proof: null, state: null, away: false, problem: null };
}

async function begin(deps: LoginDeps, visit: StepVisit): Promise<Stepped> {
  const kept = visit.waiting.kept[currentOption(visit.waiting)!];
  if (kept) return settle(deps, visit, async () => ({ kind: 'show', state: kept }));
  const { authenticator, context, option } = await meet(deps, visit);
  if (option.idp !== localIdp && !context.connection?.enabled) return refuseConnection(deps, visit, option);
  const unable = context.connection && findUnableProvider(visit.facts.start, context.connection);
  if (unable) return failOption(deps, visit, unable);
  return settle(deps, visit, await authenticator.begin(context));
}

/** Nobody is sent to a connection that is disabled or gone, nor let in through one that went meanwhile. */
function refuseConnection(deps: LoginDeps, visit: StepVisit, { idp }: StepOption): Promise<Stepped> {
  return settle(deps, visit, async () =>
    refuse({ code: 'CONNECTION_DISABLED', detail: `The connection is «${idp}».` }),
  );
}

/** The step, or its option, cannot be passed for a reason that its authenticator does not know. */
export function failOption(deps: LoginDeps, visit: StepVisit, problem: StepProblem): Promise<Stepped> {
  return settle(deps, visit, async () => refuse(problem));
}

/**
 * Whoever knows only a password must not be able to add a factor of their own: where the account can pass another option
 * of this step as things are, that one comes first.
 */
async function findProof(
  { database, authenticators }: LoginDeps,
  { waiting }: StepVisit,
  user: User,
): Promise<StepWaiting['proof']> {
  const chosen = authenticatorOf(waiting.options[waiting.chosen!]!, authenticators)!;
  if (!chosen.enrols || (await chosen.isUsable?.(database.read, user))) return null;
  for (const [index, option] of waiting.options.entries()) {
    if (index === waiting.chosen) continue;
    const other = authenticatorOf(option, authenticators);
    if (other?.needsAccount && (await other.isUsable?.(database.read, user)))
      return { option: index, passed: false, amr: [] };
  }
  return null;
}

/**
 * The page asked for a factor of the account that is gone by now: what follows is setting up a new one, and what has to be
 * proven before that comes first, as if the option were chosen now.
 */
async function renewProof(deps: LoginDeps, visit: StepVisit): Promise<Stepped | null> {
  const { waiting, facts } = visit;
  if (waiting.chosen === null || waiting.proof !== null) return null;
  const user = await findSubjectAccount(deps.database.read, facts);
  const proof = user && (await findProof(deps, visit, user));
  return proof
    ? begin(deps, { ...visit, waiting: { ...leave(waiting), chosen: waiting.chosen, kept: {}, proof } })
    : null;
}

/** May the option's factor be set up now? Not when the script forbids it, nor before what must be proven is. */
async function mayEnrol(
  { authenticators, database }: LoginDeps,
  { waiting }: StepVisit,
  option: StepOption,
  user: User | null,
): Promise<boolean> {
  const authenticator = authenticatorOf(option, authenticators);
  if (!authenticator?.enrols || !user) return false;
  const wish = parametersFor(waiting.parameters, option, authenticators)['enrolUserInAuthenticationFlow'];
  if (wish === 'false') return false;
  if (waiting.proof) return waiting.proof.passed;
  return !(await authenticator.isUsable?.(database.read, user));
}

// ---- moves -------------------------------------------------------------------------------------------------------------

type Outcome =
  | { kind: 'page'; login: Login; waiting: StepWaiting }
  | { kind: 'redirect'; login: Login; waiting: StepWaiting; url: string }
  | { kind: 'proven'; login: Login; waiting: StepWaiting }
  | { kind: 'done'; login: Login };

/** Decides a move and writes what follows from it, in one unit: of two answers at once, one finds the step moved. */
async function settle(deps: LoginDeps, visit: StepVisit, decide: Settle): Promise<Stepped> {
  const outcome = await deps.database.unit(async (stores): Promise<Outcome> => {
    const move = withoutPage(visit, await decide(stores));
    const { waiting } = visit;
    const keep = async (changes: Partial<StepWaiting>) => {
      const next = { ...waiting, ...changes };
      return { login: await save(deps, stores.logins, { ...visit, waiting: next }), waiting: next };
    };
    switch (move.kind) {
      case 'show':
        return { kind: 'page', ...(await keep({ state: move.state, problem: move.problem ?? null, away: false })) };
      case 'redirect':
        return { kind: 'redirect', url: move.url, ...(await keep({ state: move.state, problem: null, away: true })) };
      case 'wrong':
      case 'failed':
        return missOnce(deps, stores, visit, move, keep);
      case 'success': {
        const { proof } = waiting;
        const checked = await checkPerson(stores, visit.facts, move.person);
        if ('problem' in checked) return missOnce(deps, stores, visit, refuse(checked.problem), keep);
        const stale = await findStale(stores, visit, move.person);
        if (stale) return missOnce(deps, stores, visit, refuse(stale), keep);
        if (proof && !proof.passed) {
          const passed = { ...proof, passed: true, amr: move.amr };
          return { kind: 'proven', ...(await keep({ proof: passed, state: null, problem: null, away: false })) };
        }
        return {
          kind: 'done',
          login: await appendOutcome(deps, stores, visit, await passed(stores, deps, visit, move, checked)),
        };
      }
    }
  });
  if (outcome.kind === 'done') return outcome;
  const next = { ...visit, login: outcome.login, waiting: outcome.waiting };
  if (outcome.kind === 'proven') return begin(deps, next);
  return outcome.kind === 'page' ? { kind: 'page', visit: next } : { kind: 'redirect', visit: next, url: outcome.url };
}

/** Whatever would show something fails a step that is to be passed without (`skipPrompt`). */
function withoutPage({ waiting }: StepVisit, move: Move): Move {
  if ((move.kind !== 'show' && move.kind !== 'redirect') || !skipsPrompt(waiting.args)) return move;
  return refuse((move.kind === 'show' && move.problem) || { code: 'PROMPT_SKIPPED', detail: 'It needs the person.' });
}

/** Did the person sign in at their provider too long ago for the application? */
async function findStale(
  { connections }: Stores,
  { facts }: StepVisit,
  person: StepPerson,
): Promise<StepProblem | null> {
  const connection = 'federated' in person ? await connections.findById(person.federated.connectionId) : null;
  return connection && findStaleSignIn(facts.start, connection, person);
}

/** A wrong answer, or an option that cannot be passed: shown again while attempts are left, unless the script wants to know. */
async function missOnce(
  deps: LoginDeps,
  stores: Stores,
  visit: StepVisit,
  move: Move & { kind: 'wrong' | 'failed' },
  keep: (changes: Partial<StepWaiting>) => Promise<{ login: Login; waiting: StepWaiting }>,
): Promise<Outcome> {
  const { waiting } = visit;
  const index = currentOption(waiting);
  const option = index === null ? null : waiting.options[index]!;
  const authenticator = option && authenticatorOf(option, deps.authenticators);
  const parameters = option ? parametersFor(waiting.parameters, option, deps.authenticators) : {};
  const attempts = waiting.attempts + 1;
  const left = attempts < (authenticator?.attempts ?? 1);
  const retries = !waiting.handlers.includes('onFail') || parameters['enableRetryFromAuthenticator'] === 'true';
  // Whoever was shown the step again until now learns why it is not shown once more.
  const spent = move.kind === 'wrong' && option?.idp === localIdp && retries && attempts > 1 && !left;
  const { code, detail } = move.problem;
  let problem = spent ? { code: 'TOO_MANY_ATTEMPTS' as const, detail: detail ?? errors[code].admin } : move.problem;
  const again =
    left &&
    retries &&
    !skipsPrompt(waiting.args) &&
    (move.kind === 'wrong' || (await hasOtherWay(deps, stores, visit)));
  const elsewhere = option !== null && option.idp !== localIdp;
  if (elsewhere && (again || waiting.handlers.includes('onFail'))) {
    problem = await recordMiss(deps, stores, visit, problem, option.idp);
  }
  if (again) {
    // Whoever went elsewhere without success, or cannot pass this option, chooses again.
    const where = move.kind === 'wrong' && !elsewhere ? { state: move.state } : noOption;
    return { kind: 'page', ...(await keep({ ...where, away: false, attempts, problem })) };
  }
  const named = await findNamed(stores, visit);
  const answer = missed(deps, visit, 'fail', problem, named);
  return { kind: 'done', login: await appendOutcome(deps, stores, visit, answer) };
}

/** The account whose name was typed with a wrong password: only the script learns that there is one. */
async function findNamed({ users }: Pick<Stores, 'users'>, { form, waiting }: StepVisit): Promise<User | null> {
  const index = currentOption(waiting);
  const isPassword = index !== null && waiting.options[index]!.authenticator === passwordName;
  return isPassword && form?.['username'] ? findByIdentifier(users, form['username']) : null;
}

const noOption = { chosen: null, proof: null, state: null } as const;

/** Is there an option that this person could still pass? Without an account, no factor that needs one can be. */
async function hasOtherWay(
  { authenticators }: LoginDeps,
  stores: Pick<Stores, 'connections'>,
  { waiting, facts }: StepVisit,
): Promise<boolean> {
  const { subject, accounts, proving } = facts;
  const mayHaveAccount = !subject || 'userId' in subject.person || accounts.has(subject.ref) || proving !== null;
  const open = await listOpenOptions(stores, waiting.options);
  return open.some((option) => {
    if (waiting.chosen !== null && option === waiting.options[waiting.chosen]) return false;
    const authenticator = authenticatorOf(option, authenticators);
    return authenticator !== null && (!authenticator.needsAccount || mayHaveAccount);
  });
}

function save({ box }: LoginDeps, logins: Stores['logins'], { login, waiting }: StepVisit): Promise<Login> {
  return moveOn(logins, { ...login, waitingSealed: sealWaiting(box, login.id, waiting) });
}
