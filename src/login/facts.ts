import type { Entry } from '../../sandbox/protocol.ts';
import type { ClaimedPerson, FederatedPerson, ProvenPerson, StepPerson } from '../authenticators/authenticator.ts';
import type { UserId } from '../kernel/ids.ts';
import { scriptFunctions } from '../script-api/index.ts';
import { readRoleChange } from '../script-api/role-changes.ts';
import type { RoleChange } from '../script-api/world.ts';
import {
  type ProvisioningNote,
  provisioningOp,
  type StartAnswer,
  type StepAnswer,
  type StepPassed,
} from './answers.ts';
import {
  type AuthenticatorParameters,
  addParameters,
  isSet,
  noParameters,
  readStepCall,
  type StepOptions,
} from './options.ts';

/** What a login's journal says about it. Derived anew whenever it is needed, so it cannot disagree with the journal. */
export interface Facts {
  start: StartAnswer;
  /** Steps that came to an outcome, whichever it was. */
  ran: Set<number>;
  /** Steps that were passed, oldest first. */
  passed: StepPassed[];
  /** Who the login is for: the person of the step marked so, else of the first; null while nobody has passed one. */
  subject: { ref: string; person: ProvenPerson; step: number; marked: boolean } | null;
  /** Whom the newest step named that asks for no more; null when there was none, and once somebody has proven who they are. */
  claimed: (ClaimedPerson & { ref: string }) | null;
  /** People from connections, by reference. */
  federated: Map<string, FederatedPerson>;
  /** The account that a later step has proven, while the login's person from a connection is linked to none. */
  proving: UserId | null;
  /** Accounts that provisioning found or made in this login, by reference. */
  accounts: Map<string, UserId>;
  /** People for whom it is settled that they have none in this login, by reference. */
  accountless: Set<string>;
  /** People whom functions of the script found, and whom failed steps were about, by reference. */
  found: Set<string>;
  /** Claims that the script wrote on people who had no account, by reference. */
  writes: Map<string, { uri: string; value: string | null }[]>;
  /** Roles that the script gave and took, by reference: people who had no account get them with it. */
  roleChanges: Map<string, RoleChange[]>;
  /** Cookies that the script has set, oldest first: the arguments of each call, and when it was made. */
  cookies: { args: string; at: number }[];
  parameters: AuthenticatorParameters;
  /** Whose attributes go to the application: the person of the step that was marked so last. */
  attributes: { ref: string; person: ProvenPerson } | null;
  /** What was typed on the newest step's page: the user name, and what stands for the password. */
  typed: { username: string; password: string } | null;
  /** Did the script ask for no provisioning? */
  skipsProvisioning: boolean;
}

export function readFacts(journal: readonly (Entry & { at?: number })[]): Facts {
  const facts: Facts = {
    start: JSON.parse(journal[0]!.answer),
    ran: new Set(),
    passed: [],
    subject: null,
    claimed: null,
    federated: new Map(),
    proving: null,
    accounts: new Map(),
    accountless: new Set(),
    found: new Set(),
    writes: new Map(),
    roleChanges: new Map(),
    cookies: [],
    parameters: noParameters,
    attributes: null,
    typed: null,
    skipsProvisioning: false,
  };
  for (const { op, args, answer, at = facts.start.at } of journal) {
    if (op === 'step') {
      const { step, given } = readStepCall(args);
      const result = JSON.parse(answer) as StepAnswer;
      facts.ran.add(step);
      facts.parameters = addParameters(facts.parameters, given);
      if (isSet(given, 'provisionUser', 'false')) facts.skipsProvisioning = true;
      if (result.params) facts.typed = readTyped(result.params);
      if (result.outcome !== 'success') {
        if (result.user !== null) facts.found.add(result.user);
        continue;
      }
      facts.passed.push(result);
      // What an account needs to know was told it when the session came to be.
      if (result.reused && result.provisioning?.userId) facts.accounts.set(result.user, result.provisioning.userId);
      if ('federated' in result.person) facts.federated.set(result.user, result.person.federated);
      if (result.provesLink && 'userId' in result.person) facts.proving = result.person.userId;
      if ('claimed' in result.person) {
        if (!facts.subject) facts.claimed = { ...result.person.claimed, ref: result.user };
        continue;
      }
      if (result.proves && takesOver(facts, given)) {
        facts.subject = { ref: result.user, person: result.person, step: result.step, marked: isMarked(given) };
        facts.claimed = null;
      }
      if (result.proves && isSet(given, 'markAsSubjectAttributeStep')) {
        facts.attributes = { ref: result.user, person: result.person };
      }
    } else if (op === provisioningOp) {
      const { step, provisioning } = JSON.parse(answer) as ProvisioningNote;
      const person = facts.passed.findLast((passed) => passed.step === step);
      // Whoever was refused has no account to go on with.
      if (!person || provisioning.problem) continue;
      if (provisioning.userId) facts.accounts.set(person.user, provisioning.userId);
      else facts.accountless.add(person.user);
    } else if (op === setCookieOp) {
      if (args !== '[]') facts.cookies.push({ args, at });
    } else if (op === 'user.write') {
      const [ref, uri, value] = JSON.parse(args) as [string, string, string | null];
      facts.writes.set(ref, [...(facts.writes.get(ref) ?? []), { uri, value }]);
    } else if (scriptFunctions.get(op)?.result.holds) {
      for (const ref of [JSON.parse(answer) as string | string[] | null].flat()) if (ref !== null) facts.found.add(ref);
    } else if (answer === 'true') {
      const changed = readRoleChange(op, args, facts.subject?.ref ?? null);
      if (changed) {
        facts.roleChanges.set(changed.ref, [...(facts.roleChanges.get(changed.ref) ?? []), changed.change]);
      }
    }
  }
  return facts;
}

/** Whom the login is for when this person has passed a step that was called so. */
export function subjectAfter(facts: Pick<Facts, 'subject'>, given: StepOptions | null, user: string): string {
  return facts.subject && !takesOver(facts, given) ? facts.subject.ref : user;
}

/** The person of the first marked step is who signs in, else that of the first. */
function takesOver({ subject }: Pick<Facts, 'subject'>, given: StepOptions | null): boolean {
  return !subject || (isMarked(given) && !subject.marked);
}

function isMarked(given: StepOptions | null): boolean {
  return isSet(given, 'markAsSubjectIdentifierStep');
}

function readTyped({ username, password }: Record<string, string[]>): Facts['typed'] {
  return username?.[0] && password?.[0] ? { username: username[0], password: password[0] } : null;
}

const setCookieOp = 'setCookie';

/** The reference of a person in this login. */
export function personRef(person: StepPerson, connection: string): string {
  if ('userId' in person) return person.userId;
  if ('claimed' in person) return person.claimed.userId ?? `claimed:${person.claimed.identifier}`;
  return `federated:${connection}:${person.federated.subject}`;
}
