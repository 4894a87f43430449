import type { Question } from '../../sandbox/protocol.ts';
import type { AuthenticatorDefinition, StepPerson } from '../authenticators/authenticator.ts';
import { connectionKey } from '../connections/connection.ts';
import { issuerOf } from '../connections/issuer.ts';
import { claims as claimUris } from '../directory/claims.ts';
import type { User } from '../directory/user.ts';
import { type ErrorCode, isErrorCode } from '../kernel/errors.ts';
import type { SessionId, UserId } from '../kernel/ids.ts';
import { localIdp } from '../kernel/local-idp.ts';
import type { StepAnswer, StepMissed } from '../login/answers.ts';
import { isClaimed } from '../login/claimed.ts';
import { type Facts, personRef, subjectAfter } from '../login/facts.ts';
import type { JournalEntry } from '../login/journal.ts';
import {
  type AuthenticatorNames,
  addParameters,
  filterOptions,
  isSet,
  parametersFor,
  passwordName,
  readStepCall,
  type StepOption,
  type StepOptions,
  skipsPrompt,
} from '../login/options.ts';
import { describeUnlinked } from '../login/visit.ts';
import { findDomainFault } from '../provisioning/allowed-domains.ts';
import { readTrustedAmr } from '../provisioning/trusted-amr.ts';
import type { DryFactors } from './dry-factors.ts';
import { typedBy } from './dry-form.ts';
import { createDryProvisioning, type DryProvided, type DryProvisioning, emptyDirectory } from './dry-provisioning.ts';
import type { DryRunAnswer, DryRunRequest, ScenarioAttempt } from './dry-run-types.ts';
import { accountOf, type createDryWorld, type DryPerson, type PersonAccount } from './dry-world.ts';
import { findConnection, lackOf } from './find-connection.ts';

const sessionId = 'session_dry_run' as SessionId;

type DryWorld = ReturnType<typeof createDryWorld>;

const notProvided: DryProvided = { note: null, problem: null, cancelled: false };

/** Steps as a scenario answers them, by the rules of a live login: attempts, handlers, accounts, one person throughout. */
export interface DrySteps {
  /** The step's outcome with the notes before it; null when the scenario has no answer for it. */
  answer(question: Question, facts: Facts): Promise<{ answer: StepAnswer; notes: JournalEntry[] } | null>;
  provisioning: DryProvisioning;
  /** As `findUnlinked` of a live login. */
  findUnlinked(facts: Facts): string | null;
  /** Every attempt so far, also those after which the page would have been shown again. */
  attempts: DryRunAnswer['steps'];
}

export function createDrySteps({
  request,
  world,
  authenticators,
  factors,
  now,
}: {
  request: DryRunRequest;
  world: DryWorld;
  authenticators: AuthenticatorNames;
  factors: DryFactors;
  now: number;
}): DrySteps {
  const { scenario } = request;
  const attempts: DrySteps['attempts'] = [];
  const taken = new Map<number, number>();
  const provisioning = createDryProvisioning({ directory: request.directory ?? emptyDirectory, world, now });

  /** The next attempt at a step; the last one repeats. */
  function nextAttempt(step: number): ScenarioAttempt | null {
    const given = scenario.steps?.[String(step)];
    if (!given) return null;
    const index = taken.get(step) ?? 0;
    taken.set(step, index + 1);
    return given[Math.min(index, given.length - 1)]!;
  }

  function findOption(
    options: readonly StepOption[],
    { idp, authenticator, subject, claims }: ScenarioAttempt,
  ): StepOption | null {
    const federated = idp === undefined ? subject !== undefined || claims !== undefined : idp !== localIdp;
    const name = authenticator === undefined ? null : (authenticators.find(authenticator)?.name ?? authenticator);
    const fits = options.filter(
      (option) =>
        (idp === undefined || connectionKey(option.idp) === connectionKey(idp)) &&
        (name === null || option.authenticator === name),
    );
    return (
      fits.find((option) => (option.idp !== localIdp) === federated) ?? (idp === undefined ? (fits[0] ?? null) : null)
    );
  }

  async function answer(question: Question, facts: Facts) {
    const { step, given } = readStepCall(question.args);
    const options = filterOptions(step, facts.start.steps[step - 1]!.options, given);
    const lacking = await findLack(options, facts, step);
    if (lacking) {
      attempts.push({ step, idp: lacking.idp, authenticator: lacking.authenticator, outcome: 'fail' });
      const { note } = await provisioning.provide(facts);
      return { answer: lacking, notes: note ? [note] : [] };
    }
    for (let tries = 1; ; tries++) {
      const attempt = nextAttempt(step);
      const option = attempt && findOption(options, attempt);
      if (!attempt || !option) return null;
      const authenticator =
        option.idp === localIdp ? authenticators.find(option.authenticator) : authenticators.federated;
      const tried = await tryOnce(attempt, { step, option, options, authenticator, given, facts, question });
      const { outcome } = tried.answer;
      const provenBy = tried.proof ? { provenBy: tried.proof.name } : {};
      attempts.push({ step, idp: option.idp, authenticator: option.authenticator, outcome, ...provenBy });
      const parameters = parametersFor(addParameters(facts.parameters, given), option, authenticators);
      const retries = !question.handlers.includes('onFail') || parameters['enableRetryFromAuthenticator'] === 'true';
      const again =
        tried.answer.outcome === 'fail' &&
        tried.wrong &&
        retries &&
        !skipsPrompt(question.args) &&
        tries < (authenticator?.attempts ?? 1);
      if (!again) return tried;
    }
  }

  /** A step that fails before anybody answers: all of its ways need an account, and this person will have none. */
  async function findLack(
    options: readonly StepOption[],
    facts: Facts,
    step: number,
  ): Promise<(StepAnswer & { outcome: 'fail' }) | null> {
    const needed = options.map(({ idp, authenticator }) =>
      idp === localIdp ? authenticators.find(authenticator) : null,
    );
    const person = facts.subject ? world.find(facts.subject.ref) : null;
    if (facts.proving || person?.kind !== 'federated' || person.account || !needed.every((each) => each?.needsAccount))
      return null;
    if (!(await provisioning.staysWithout(facts.subject!.ref, facts.skipsProvisioning))) return null;
    const option = options[0]!;
    const params = { connection: person.connection.name, factor: needed[0]!.label };
    return {
      at: now,
      step,
      outcome: 'fail',
      ...option,
      user: facts.subject!.ref,
      failure: { code: lackOf(person.connection), params, detail: null },
    };
  }

  async function tryOnce(
    attempt: ScenarioAttempt,
    about: {
      step: number;
      option: StepOption;
      options: readonly StepOption[];
      authenticator: AuthenticatorDefinition | null;
      given: StepOptions | null;
      facts: Facts;
      question: Question;
    },
  ): Promise<{ answer: StepAnswer; notes: JournalEntry[]; wrong: boolean; proof?: AuthenticatorDefinition | null }> {
    const { step, option, options, authenticator, given, facts, question } = about;
    const { subject, claimed } = facts;
    const parameters = parametersFor(addParameters(facts.parameters, given), option, authenticators);
    const silent = skipsPrompt(question.args) || (parameters['username'] && parameters['password']);
    const typed = silent ? {} : typedBy(attempt.user, option, question.seq);
    const miss = (
      code: ErrorCode,
      params: Record<string, string> = {},
      wrong = false,
      outcome: StepMissed['outcome'] = 'fail',
    ) => ({
      answer: {
        at: now,
        step,
        outcome,
        idp: option.idp,
        authenticator: option.authenticator,
        user: subject?.ref ?? claimed?.ref ?? null,
        ...typed,
        failure: { code, params, detail: null },
      } as StepAnswer,
      notes: [] as JournalEntry[],
      wrong,
    });

    if (!authenticator || authenticator.unavailable) return miss('AUTHENTICATOR_NOT_AVAILABLE');
    const alone = authenticator.passesAlone === true && options.length === 1;
    const answered = option.authenticator === passwordName && (facts.typed || parameters['password']);
    if (skipsPrompt(question.args) && !alone && !answered) return miss('PROMPT_SKIPPED');
    const cancelled = miss('CANCELLED', {}, false, 'abort');
    const fallback = miss('ACCESS_DENIED', {}, false, 'fallback');
    const left = attempt.outcome === 'abort' ? cancelled : attempt.outcome === 'fallback' ? fallback : null;
    const first = await chooseFirst(attempt, options, facts);
    if (first.cancelled) return cancelled;
    let notes = first.note ? [first.note] : [];
    if (authenticator.needsAccount && !(claimed && authenticator.provesClaim)) {
      if (!subject) return miss('NO_SUBJECT');
      const isDone = first.note !== null && first.problem === null;
      const provided = facts.proving || isDone ? notProvided : await provisioning.provide(facts);
      if (provided.note) notes = [...notes, provided.note];
      if (provided.cancelled) return { ...cancelled, notes };
      if (provided.problem) {
        const { code } = provided.problem;
        // Where there is a choice, whoever is refused may still leave.
        const told = (options.length > 1 && left) || miss(isErrorCode(code) ? code : 'PROVISIONING_FAILED');
        return { ...told, notes };
      }
      const person = world.find(subject.ref);
      if (person?.kind === 'federated' && !person.account && !facts.proving) {
        const params = { connection: person.connection.name, factor: authenticator.label };
        return { ...miss(lackOf(person.connection), params), notes };
      }
    }
    const ownerRef = authenticator.needsAccount ? (facts.proving ?? subject?.ref ?? null) : null;
    const owner = ownerRef === null ? null : accountBehind(ownerRef);
    const setUp = ownerRef === null ? undefined : factorsOf(ownerRef);
    const factor = await factors.check({ authenticator, option, options, account: owner, factors: setUp, parameters });
    if ('problem' in factor) return { ...miss(factor.problem, {}, options.length > 1), notes };
    const { proof } = factor;
    if (left) return { ...left, notes };
    if (attempt.outcome !== 'success') {
      const local = authenticator.identifies ? 'USERNAME_UNKNOWN' : 'INVALID_CREDENTIALS';
      const missed = miss(option.idp === localIdp ? local : 'IDP_DENIED', {}, true);
      const named = missed.answer.user === null && attempt.user !== undefined && option.authenticator === passwordName;
      if (named) missed.answer.user = await meetNamed(attempt, option, facts);
      return { ...missed, notes };
    }

    const met = await meet(attempt, option, facts);
    if (met.refusal) return { ...miss(met.refusal), notes };
    const account = met.known.kind === 'local' ? accountOf(met.known.user) : met.known.account;
    const beforeAccount = subject && (accountIn(subject.ref) ?? (facts.proving && accountIn(facts.proving)));
    const names = account && { id: account.id, names: [account.username, account.claims[claimUris.email]] };
    const told = met.known.kind === 'federated' ? met.known.federated : null;
    const named = !claimed || authenticator.identifies || isClaimed(claimed, names, told);
    const one = !subject || subject.ref === met.ref || (account !== null && account.id === beforeAccount?.id);
    const provesLink = !one && facts.start.links === true && (account === null) !== (beforeAccount === null);
    if (!(one || provesLink) || !named) return { ...miss('WRONG_SUBJECT'), notes };
    const { known } = met;
    if (known.kind === 'federated' && !known.connection.enabled) return { ...miss('CONNECTION_DISABLED'), notes };
    if (known.kind === 'federated' && findDomainFault(known.connection, known.federated.claims) !== null) {
      return { ...miss('DOMAIN_NOT_ALLOWED'), notes };
    }
    const trusted = known.kind === 'federated' ? readTrustedAmr(known.connection, known.federated.claims) : [];
    if (subject?.ref !== met.ref) world.meet(met.ref, met.known);
    factors.setUp(authenticator, owner);
    const skips = facts.skipsProvisioning || isSet(given, 'provisionUser', 'false');
    const jit = met.known.kind === 'federated' ? met.known.connection.jit.enabled : false;
    const reused = attempt.reused === true && !isSet(given, 'forceAuth');
    return {
      answer: {
        at: now,
        step,
        outcome: 'success',
        proves: authenticator.proves,
        idp: option.idp,
        authenticator: option.authenticator,
        user: met.ref,
        subject: subjectAfter(facts, given, met.ref),
        amr: [...new Set([...(proof?.amr ?? []), ...authenticator.amr, ...trusted])],
        ...typed,
        person: authenticator.identifies && !subject && account ? nameOnly(account) : met.person,
        ...(provesLink ? { provesLink } : {}),
        ...(met.known.kind === 'federated'
          ? {
              provisioning: {
                result: reused ? 'known' : skips ? 'skipped' : jit ? 'pending' : account ? 'known' : 'disabled',
                userId: (account?.id ?? null) as UserId | null,
              },
            }
          : {}),
        ...(reused ? { reused: { session: sessionId, at: now } } : {}),
      },
      notes,
      wrong: false,
      proof,
    };
  }

  /** The account that another way of the step needs, which the person chose before this one: refused it, they may go on. */
  async function chooseFirst(
    { choseFirst: authenticator }: ScenarioAttempt,
    options: readonly StepOption[],
    facts: Facts,
  ): Promise<DryProvided> {
    const other = authenticator === undefined ? null : findOption(options, { outcome: 'success', authenticator });
    const needsAccount = other?.idp === localIdp && authenticators.find(other.authenticator)?.needsAccount;
    return needsAccount && !facts.proving ? provisioning.provide(facts) : notProvided;
  }

  /** What a person of the scenario has set up; undefined where it does not say. */
  function factorsOf(ref: string): readonly string[] | undefined {
    const person = world.find(ref);
    const user = person?.kind === 'local' ? person.user : person?.owner;
    return user && 'factors' in user ? user.factors : undefined;
  }

  function accountIn(ref: string): PersonAccount | null {
    const person = world.find(ref);
    return person?.kind === 'local' ? accountOf(person.user) : (person?.account ?? null);
  }

  function findUnlinked({ passed, subject }: Facts): string | null {
    const proof = passed.find(({ provesLink }) => provesLink);
    if (!proof) return null;
    const account = subject && accountIn(subject.ref);
    const others = passed.some(({ proves, user }) => proves && (!account || accountIn(user)?.id !== account.id));
    return others ? describeUnlinked(proof) : null;
  }

  /** Whose name came with a wrong password; null for a name that nobody has. */
  async function meetNamed(attempt: ScenarioAttempt, option: StepOption, facts: Facts): Promise<string | null> {
    if (typeof attempt.user === 'string' && !(await request.findUser(attempt.user))) return null;
    const { ref, known } = await meet(attempt, option, facts);
    world.meet(ref, known);
    return ref;
  }

  /** The account of a person of this login, stored or to be made; null for one that the scenario made up. */
  function accountBehind(ref: string): User | null {
    const made = provisioning.accountOf(ref);
    if (made) return made;
    const person = world.find(ref);
    return person?.kind === 'local' && 'attributes' in person.user ? person.user : null;
  }

  /** Who makes an attempt: a later factor is the same person's unless the scenario says otherwise. */
  async function meet(
    { user, subject, claims, reused, provisioning: answers }: ScenarioAttempt,
    option: StepOption,
    facts: Facts,
  ): Promise<{ ref: string; person: StepPerson; known: DryPerson; refusal?: ErrorCode | null }> {
    if (option.idp === localIdp) {
      const needsAccount = authenticators.find(option.authenticator)?.needsAccount === true;
      const proving = needsAccount && facts.proving ? { ref: facts.proving, person: { userId: facts.proving } } : null;
      const before = proving ?? facts.subject ?? facts.claimed;
      const known = before && world.find(before.ref);
      if (user === undefined && before && known) {
        const person = proving?.person ?? facts.subject?.person ?? { userId: before.ref as UserId };
        return { ref: before.ref, person, known };
      }
      const stored = typeof user === 'string' ? await request.findUser(user) : null;
      const made = stored ?? (typeof user === 'string' ? { username: user } : (user ?? { username: 'somebody' }));
      const userId = accountOf(made).id as UserId;
      return { ref: userId, person: { userId }, known: { kind: 'local', user: made } };
    }
    const connection = findConnection(request.connections, option.idp);
    const federated = {
      connectionId: connection.id,
      issuer: issuerOf(connection),
      subject: subject ?? 'somebody',
      claims: { sub: subject ?? 'somebody', ...claims },
    };
    const stored =
      user === undefined
        ? await request.findAssociated?.(connection.id, federated.subject)
        : typeof user === 'string'
          ? await request.findUser(user)
          : null;
    const named = typeof user === 'string' ? { username: user } : (user ?? null);
    // Whom the session knows has an account.
    const owner = stored ?? named ?? (reused ? { username: federated.subject } : null);
    const person: StepPerson = { federated };
    const ref = personRef(person, option.idp);
    provisioning.meet(ref, { connection, federated, answers });
    const refusal = stored?.disabled ? 'ACCOUNT_DISABLED' : stored?.locked ? 'ACCOUNT_LOCKED' : null;
    const known: DryPerson = {
      kind: 'federated',
      federated,
      connection,
      account: owner && accountOf(owner),
      owner,
    };
    return { ref, person, known, refusal };
  }

  return { answer, provisioning, attempts, findUnlinked };
}

function nameOnly({ id, username }: PersonAccount): StepPerson {
  return { claimed: { identifier: username, userId: id as UserId } };
}
