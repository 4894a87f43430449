import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import { claims as ours } from '../directory/claims.ts';
import type { User } from '../directory/user.ts';
import { type ErrorCode, isErrorCode } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { type ProvisioningNote, provisioningOp } from '../login/answers.ts';
import type { Facts } from '../login/facts.ts';
import type { JournalEntry } from '../login/journal.ts';
import { chooseUsername } from '../provisioning/choose-username.ts';
import { nameQuestions } from '../provisioning/name-questions.ts';
import { type Directory, expectResult, type Plan, planProvisioning } from '../provisioning/plan.ts';
import type { Answers, Questions } from '../provisioning/provision.ts';
import { shortHash, wishUsername } from '../provisioning/wish-username.ts';
import type { DryRunAnswer, ScenarioAttempt, StatedResult } from './dry-run-types.ts';
import { accountOf, type createDryWorld, type DryPerson, viewUser } from './dry-world.ts';

export interface DryProvided {
  note: JournalEntry | null;
  problem: { code: string; detail: string } | null;
  /** The scenario's person does not answer what is asked. */
  cancelled: boolean;
}

/** Provisioning as it would be done: the plan of a live login, with the scenario's person answering what it asks. */
export interface DryProvisioning {
  /** Somebody came from a connection. Whoever comes again goes on as they did, unless the scenario says otherwise. */
  meet(ref: string, person: Omit<Newcomer, 'answers'> & { answers: Newcomer['answers'] | undefined }): void;
  /** Will this person have no account, whatever they answer? */
  staysWithout(ref: string, skip: boolean): Promise<boolean>;
  /** What would be done now, if the login's person has not been provided for. */
  provide(facts: Facts): Promise<DryProvided>;
  /** The account that provisioning found or would have made for this person; null when there is none (yet). */
  accountOf(ref: string): User | null;
  previews: DryRunAnswer['provisioning'];
}

interface Newcomer {
  connection: Connection;
  federated: FederatedPerson;
  answers: NonNullable<ScenarioAttempt['provisioning']>;
}

type Conduct = Extract<Newcomer['answers'], string>;

interface Decision {
  /** Null: the person does not answer. */
  plan: Plan | null;
  asks: string[];
}

export function createDryProvisioning({
  directory,
  world,
  now,
}: {
  directory: Directory;
  world: ReturnType<typeof createDryWorld>;
  now: number;
}): DryProvisioning {
  const people = new Map<string, Newcomer>();
  const accounts = new Map<string, User>();
  const previews: DryProvisioning['previews'] = [];
  /** How many of the stated results have been taken, of each person. */
  const taken = new Map<string, number>();
  const nothing: DryProvided = { note: null, problem: null, cancelled: false };

  function storedOwner(ref: string): User | null {
    const person = world.find(ref);
    return person?.kind === 'federated' && person.owner && 'attributes' in person.owner ? person.owner : null;
  }

  async function decide(ref: string, { connection, federated: person, answers: said }: Newcomer, skip: boolean) {
    const how = typeof said === 'string' ? said : 'accept';
    const known = storedOwner(ref);
    const asks: string[] = [];
    let answers: Answers = {};
    for (;;) {
      const plan = await planProvisioning(directory, { connection, person, known, now, skip, answers });
      if (plan.kind !== 'ask') return { plan, asks } satisfies Decision;
      asks.push(...nameQuestions(plan.questions));
      if (how === 'cancel') return { plan: null, asks } satisfies Decision;
      const given = await answerAll(directory, plan.questions, { connection, person, how });
      answers = { ...answers, ...given, shown: [...(answers.shown ?? []), ...(given.shown ?? [])] };
    }
  }

  async function provide(facts: Facts): Promise<DryProvided> {
    const { subject } = facts;
    const person = subject && world.find(subject.ref);
    const newcomer = subject && people.get(subject.ref);
    if (!subject || !newcomer || person?.kind !== 'federated') return nothing;
    if (facts.accounts.has(subject.ref) || facts.accountless.has(subject.ref)) return nothing;
    if (typeof newcomer.answers !== 'string') {
      if (facts.skipsProvisioning) return nothing;
      return provideAsStated(nextStated(subject.ref, newcomer.answers), { subject, newcomer, person });
    }
    // Linked to somebody of the scenario: there is no account to bring up to date.
    if (person.owner && !('attributes' in person.owner)) return nothing;
    const { plan, asks } = await decide(subject.ref, newcomer, facts.skipsProvisioning);
    const { step } = subject;
    const known = storedOwner(subject.ref);
    const idp = newcomer.connection.name;
    if (plan === null) {
      previews.push({
        step,
        idp,
        result: 'cancelled',
        before: viewOrNull(known),
        account: null,
        changes: [],
        asks,
        problem: null,
      });
      return { ...nothing, cancelled: true };
    }
    const expected = expectResult(plan);
    const { result, changes, problem = null } = expected;
    if (result === 'disabled' || (result === 'skipped' && facts.skipsProvisioning)) return nothing;
    const planned = problem ? null : plannedAccount(plan);
    if (planned) accounts.set(subject.ref, planned);
    const account = problem ? null : planned ? viewUser(planned) : person.account;
    const before = viewOrNull(plan.kind === 'link' ? plan.match.user : known);
    previews.push({ step, idp, result, before, account: account && { ...account }, changes, asks, problem });
    if (!problem) world.meet(subject.ref, { ...person, account, owner: planned ?? person.owner });
    const userId = expected.userId ?? ((account?.id ?? null) as UserId | null);
    return { ...nothing, note: writeNote(step, { ...expected, userId }), problem };
  }

  function nextStated(ref: string, stated: readonly StatedResult[]): StatedResult {
    const index = taken.get(ref) ?? 0;
    taken.set(ref, index + 1);
    return stated[Math.min(index, stated.length - 1)]!;
  }

  /** What the scenario says it comes to; the account is the one that would be there, as far as that is known. */
  async function provideAsStated(
    { result, code = 'PROVISIONING_FAILED' }: StatedResult,
    {
      subject: { ref, step },
      newcomer,
      person,
    }: { subject: NonNullable<Facts['subject']>; newcomer: Newcomer; person: DryPerson & { kind: 'federated' } },
  ): Promise<DryProvided> {
    const idp = newcomer.connection.name;
    const base = { step, idp, result, before: person.account && { ...person.account }, changes: [], asks: [] };
    if (result === 'cancelled') {
      previews.push({ ...base, account: null, problem: null });
      return { ...nothing, cancelled: true };
    }
    const isRefused = result === 'refused' || result === 'failed';
    const known = isErrorCode(code) ? code : 'PROVISIONING_FAILED';
    const problem = isRefused ? { code: known, detail: 'The scenario says so.' } : null;
    let account: ReturnType<typeof accountOf> | null = null;
    if (!problem && result !== 'skipped') {
      const { plan } = await decide(ref, newcomer, false);
      const planned = plan && plannedAccount(plan);
      const { connection, federated } = newcomer;
      const made = planned ?? person.owner ?? { username: wishUsername(connection, federated).username };
      const owner = person.owner && !('attributes' in person.owner) ? person.owner : made;
      if (owner === planned) accounts.set(ref, planned);
      account = accountOf(owner);
      world.meet(ref, { ...person, account, owner });
    }
    previews.push({ ...base, account: account && { ...account }, problem });
    const userId = (account?.id ?? null) as UserId | null;
    const note = writeNote(step, { result, userId, changes: [], ...(problem ? { problem } : {}) });
    return { ...nothing, note, problem };
  }

  function writeNote(step: number, provisioning: ProvisioningNote['provisioning']): JournalEntry {
    const answer: ProvisioningNote = { step, provisioning };
    const note = { op: provisioningOp, args: JSON.stringify([step]), answer: JSON.stringify(answer), note: true };
    return { ...note, at: now, line: null, column: null };
  }

  return {
    meet(ref, { answers, ...person }) {
      if (answers) taken.delete(ref);
      people.set(ref, { ...person, answers: answers ?? people.get(ref)?.answers ?? 'accept' });
    },
    async staysWithout(ref, skip) {
      const newcomer = people.get(ref);
      if (newcomer && typeof newcomer.answers !== 'string' && !skip) {
        return newcomer.answers.every(({ result }) => result === 'skipped');
      }
      const decision = newcomer && (await decide(ref, newcomer, skip));
      return decision?.plan?.kind === 'keep' && decision.plan.user === null;
    },
    provide,
    accountOf: (ref) => accounts.get(ref) ?? storedOwner(ref),
    previews,
  };
}

/** The answers of somebody who goes along, or who cannot prove the account that fits. */
async function answerAll(
  directory: Directory,
  questions: Questions,
  { connection, person, how }: { connection: Connection; person: FederatedPerson; how: Conduct },
): Promise<Answers> {
  if (questions.kind === 'proof') {
    if (how === 'decline') return { declined: questions.userId };
    if (how === 'accept') return { shown: [questions] };
    const code: ErrorCode = 'LINK_REFUSED';
    return { failed: { code, detail: 'In this scenario the person does not prove the account.' } };
  }
  const wish = wishUsername(connection, person).username;
  const hash = shortHash(connection.id, person.subject);
  const free = await chooseUsername(directory, { username: wish, onConflict: 'SUFFIX_USERNAME', hash });
  const attributes = questions.attributes.map((uri): [string, string] => [
    uri,
    uri === ours.email ? 'entered@example.com' : 'entered by the person',
  ]);
  return { profile: { username: free, passwordHash: '', attributes: Object.fromEntries(attributes) } };
}

function viewOrNull(user: User | null): Record<string, unknown> | null {
  return user && { ...viewUser(user) };
}

function plannedAccount(plan: Plan): User | null {
  switch (plan.kind) {
    case 'update':
    case 'link':
    case 'keep':
      return plan.user;
    case 'create': {
      const applicationRoles: User['applicationRoles'] = [];
      return { ...plan.content, applicationRoles, id: 'planned' as UserId } as User;
    }
    default:
      return null;
  }
}

/** Where nothing is stored, nobody has an account. */
export const emptyDirectory: Directory = {
  findByUsernameKey: async () => null,
  findByAttribute: async () => [],
  listAssociations: async () => [],
  findPasswordHash: async () => null,
  listFactors: async () => [],
};
