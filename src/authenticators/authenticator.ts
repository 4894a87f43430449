import type { Connection } from '../connections/connection.ts';
import type { User } from '../directory/user.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { LoginId, SessionId, UserId } from '../kernel/ids.ts';
import type { LoginRequest } from '../login/login.ts';
import type { MailWords } from '../mail/mail.ts';
import type { Stores } from '../stores.ts';

/** A person as an identity provider describes them. */
export interface FederatedPerson {
  connectionId: Connection['id'];
  /** Who named the person then (`issuerOf`): the connection may lead elsewhere by now. */
  issuer: string;
  /** The provider's own, unchanging name for the person (`sub`). */
  subject: string;
  /** What the provider said: id_token claims, completed by userinfo. JSON values. */
  claims: Record<string, unknown>;
}

/** Whom somebody says they are, before any proof: the name as it was typed, and the account that has it, if one does. */
export interface ClaimedPerson {
  identifier: string;
  userId: UserId | null;
}

/** Who has proven who they are: a local account, or a person from a connection (who may have an account here or not). */
export type ProvenPerson = { userId: UserId } | { federated: FederatedPerson };

/** Who passed a step. */
export type StepPerson = ProvenPerson | { claimed: ClaimedPerson };

/** What a page request has waited for identity providers so far, in milliseconds. Whoever waits for one adds to it. */
export interface Waited {
  ms: number;
}

/** What an authenticator is told about the step it runs in. */
export interface StepContext {
  login: {
    id: LoginId;
    request: LoginRequest;
    application: { id: string; name: string; clientId: string; clientType: 'public' | 'confidential' };
    expiresAt: number;
  };
  /** The number of the journal entry that this step will write: part of every idempotency key. */
  seq: number;
  /** The step's number in the flow, from 1. */
  step: number;
  /** The connection that the chosen option names; null for a local authenticator. */
  connection: Connection | null;
  /** The account of the person this login is for so far, read live; null when none is known (yet). */
  user: User | null;
  /**
   * Who this login is for so far, proven by an earlier step; null before. `sub` is how applications know them, and `session`
   * the SSO session that this browser had when the login began.
   */
  subject: { person: ProvenPerson; sub: string; session: SessionId | null } | null;
  /**
   * Whom an earlier step named, while nobody has proven anything; null otherwise. No page may tell whether the account
   * exists, nor anything that it has.
   */
  claimed: { identifier: string; user: User | null } | null;
  /** authenticatorParams as this authenticator sees them: `common` overlaid by its own. Values are text. */
  parameters: Record<string, string>;
  /** The organisation's own words for a mail with a code, where a script names them (`notificationTemplate`). */
  codeMail?: MailWords | null;
  /** May the person set up this factor now? (see each authenticator) */
  enrolment: { allowed: boolean };
  /** The language of the person's pages. */
  language: 'en' | 'de' | 'ar';
  /** Of all steps that the same page request comes through. */
  waited: Waited;
  now: number;
}

/** JSON that an authenticator keeps between two requests of its step. It is stored encrypted with the login. */
export type StepState = { [key: string]: unknown };

export interface StepProblem {
  code: ErrorCode;
  /** The form field it belongs to. */
  field?: string;
  params?: Record<string, string>;
  /** For the admin: the cause, without secrets. */
  detail?: string;
  /** What the admin finds it by, where an event tells of it. */
  reference?: string;
}

/** What becomes of the step. */
export type Move =
  /** Show the authenticator's page (again). Costs no attempt. */
  | { kind: 'show'; state: StepState; problem?: StepProblem }
  /** Send the browser elsewhere; it comes back to `resume`. */
  | { kind: 'redirect'; state: StepState; url: string }
  /** A wrong answer. Costs an attempt; the page shows again with the problem while attempts are left and no onFail wants it. */
  | { kind: 'wrong'; state: StepState; problem: StepProblem }
  /** The step cannot be passed this way, however often it is tried. */
  | { kind: 'failed'; problem: StepProblem }
  | { kind: 'success'; person: StepPerson; amr: string[] };

/**
 * Decides the move, inside the unit that also writes the journal entry or saves the step's state: what must happen exactly
 * once (taking a code into use, storing a factor, putting a mail into the outbox) happens here. Slow work and the network
 * come before, outside the unit.
 */
export type Settle = (stores: Stores) => Promise<Move>;

/** A form's fields; of a field that came twice, nothing comes. */
export type Form = Readonly<Record<string, string>>;

/** The page to show: a view's name and its model, for `src/pages`. */
export type StepView =
  | { view: 'password'; model: { username: string | null } }
  | { view: 'identifier'; model: Record<never, never> }
  | { view: 'totp-enrol'; model: { otpauthUri: string; key: string } }
  | { view: 'totp-verify'; model: Record<never, never> }
  /** `maskedAddress` is null where the page may not tell whether there is one. */
  | {
      view: 'email-otp';
      model: { maskedAddress: string | null; lifetime: number; canResend: boolean; sentAgain: boolean };
    }
  /** `toEnd` of the sessions have to end; `lastUsed` is how long ago that was, in seconds. */
  | {
      view: 'session-limit';
      model: {
        sessions: { id: string; browser: string; platform: string; ip: string; lastUsed: number }[];
        toEnd: number;
        limit: number;
      };
    }
  /** It has no page of its own: show the ways to pass the step again. */
  | { view: 'choose'; model: Record<never, never> };

/** What an authenticator is, as data: for scripts, flows, dry runs and the validator. */
export interface AuthenticatorDefinition {
  /** As scripts know it: `BasicAuthenticator`, `totp`. */
  readonly name: string;
  /** Other names that flows and scripts may use for it. */
  readonly aliases: readonly string[];
  /** As people and admins read it: «TOTP». */
  readonly label: string;
  /** Does passing it prove who the person is? Only then can it make a login succeed. */
  readonly proves: boolean;
  /** What passing it adds to `amr` (RFC 8176), unless somebody else decides it. */
  readonly amr: readonly string[];
  /** Does it belong to a local account? Then the account is made before it runs, or the step fails. */
  readonly needsAccount: boolean;
  /** Can somebody prove with it to be whom an earlier step only named (`StepContext.claimed`)? Without it, it comes too early. */
  readonly provesClaim?: true;
  /** Does it ask no more than who the person is? Where that is known already, nobody need be asked. */
  readonly identifies?: true;
  /** May it pass as it begins, without anybody noticing? Then it is tried for a sign-in without pages, too. */
  readonly passesAlone?: true;
  /** Can it be set up while signing in? `StepContext.enrolment` says whether it may. */
  readonly enrols?: true;
  /** Parameters that a script may set. */
  readonly parameters: readonly string[];
  /** How often a wrong answer may be given in one step. */
  readonly attempts: number;
  /** A known name that this server has no way for yet: its step fails with AUTHENTICATOR_NOT_AVAILABLE. */
  readonly unavailable?: true;
}

/** A way to pass a step. One folder each under `src/authenticators/`, its definition beside it. */
export interface Authenticator extends AuthenticatorDefinition {
  /**
   * Can this account pass it as things are, without setting anything up? Asked of those that need an account: an account
   * must use a factor that it has before it sets up another.
   */
  isUsable?(stores: Stores, user: User): Promise<boolean>;
  /** The option was chosen. */
  begin(context: StepContext): Promise<Settle>;
  /** A form came for it. */
  answer(context: StepContext, state: StepState, form: Form): Promise<Settle>;
  /** The browser came back from elsewhere, with this query. Only for those that redirect. */
  resume?(context: StepContext, state: StepState, query: Form): Promise<Settle>;
  view(context: StepContext, state: StepState): StepView;
}

/** Checks a definition's shape at compile time. */
export function defineAuthenticatorData<const D extends AuthenticatorDefinition>(definition: D): D {
  return definition;
}

/** Checks an authenticator's shape at compile time; each factory returns its result. */
export function defineAuthenticator<const A extends Authenticator>(authenticator: A): A {
  return authenticator;
}
