import type { ErrorCode } from '../kernel/errors.ts';
import type { ApplicationId, LoginId, UserId } from '../kernel/ids.ts';

/** What the application asked for, and what is known of the browser that brought it. Pinned when the login begins. */
export interface LoginRequest {
  ip: string;
  /** Lower-case names; without cookies, authorization and other names of ours. */
  headers: Record<string, string>;
  /** The authorization request's parameters, without `state`. */
  params: Record<string, string>;
  cookies: Record<string, string>;
  acrValues: string[];
  /** `acr` demanded as an essential claim (OpenID Connect Core 1.0, section 5.5.1.1). */
  essentialAcr: string[];
  loginHint: string | null;
  uiLocales: string[];
  /** Seconds; null when the application does not say. */
  maxAge: number | null;
  prompt: string[];
  scopes: string[];
}

/** One sign-in, from the application's request to its answer. Everything else about it stands in its journal. */
export interface Login {
  id: LoginId;
  /** The OpenID Connect interaction that it answers. */
  interactionUid: string;
  applicationId: ApplicationId;
  /** The flow version it began with, and stays with. */
  version: number;
  /** SHA-256 of the secret in the cookie of the browser it was started in. */
  browserHash: string;
  status: 'running' | 'succeeded' | 'failed';
  /** How many journal entries there are: the sequence number of the next. */
  cursor: number;
  /** What it waits for, sealed at `logins/<id>/waiting`; null while it is not waiting. */
  waitingSealed: string | null;
  /** What came out, sealed at `logins/<id>/result`; null while it runs. */
  resultSealed: string | null;
  /** The account it is for, once known: disabling that account ends it. */
  userId: UserId | null;
  /** The reference on its error page, and why it failed. */
  reference: string | null;
  failureCode: ErrorCode | null;
  createdAt: number;
  expiresAt: number;
  endedAt: number | null;
  /** Counts the changes. */
  revision: number;
}

/** One whose time is over stays `running` in the store until somebody comes back, or it is removed. */
export type LoginStatus = Login['status'] | 'expired';

/** A journal entry as it is stored. */
export interface StoredEntry {
  seq: number;
  op: string;
  /** JSON of {args, answer}, sealed at `journal/<login>/<seq>`. */
  contentSealed: string;
  /** Told by the host between two questions, not asked by the script. */
  note: boolean;
  at: number;
  line: number | null;
  column: number | null;
  /** The library whose text the place is in; null for the script's. */
  library: string | null;
  /** Thread CPU time, in microseconds, of the turn that this entry's answer opened; null until that turn has run. */
  cpuUs: number | null;
}

/** A line that the script logged. `after` and `ordinal` make it the same line on every play. */
export interface StoredLog {
  /** How many entries stood before it. */
  after: number;
  ordinal: number;
  level: string;
  /** The text, sealed at `logs/<login>/<after>/<ordinal>`. */
  textSealed: string;
  line: number | null;
  column: number | null;
  library: string | null;
}

/** One use of an answer address at an identity provider: bound to one login, one connection, and used once. */
export interface FederationState {
  /** SHA-256 of the `state` parameter. */
  hash: string;
  loginId: LoginId;
  /** The entry that the answer is for. */
  seq: number;
  expiresAt: number;
  /** An answer that waits for the login's browser (`connections/answer.ts`); null while none does. */
  answerSealed: string | null;
}

export interface LoginStore {
  /** @throws AppError CONFLICT when the interaction has a login already. */
  insert(login: Login): Promise<void>;
  /** As ApplicationStore.update: two racers cannot both move a login on. */
  update(login: Login): Promise<boolean>;
  findById(id: LoginId): Promise<Login | null>;
  findByInteraction(uid: string): Promise<Login | null>;
  findByReference(reference: string): Promise<Login | null>;
  /** Newest first, from behind `after`. */
  list(page: {
    after: string | null;
    limit: number;
    applicationId?: string;
    userId?: string;
    state?: { status: LoginStatus; now: number };
  }): Promise<Login[]>;
  /** Running logins of an account that is locked, disabled or deleted, or of a version that was withdrawn. */
  listRunning(of: { userId: UserId } | { applicationId: ApplicationId; version: number }): Promise<Login[]>;

  /** @throws AppError CONFLICT when the login has an entry with this number. */
  appendEntry(id: LoginId, entry: StoredEntry): Promise<void>;
  listEntries(id: LoginId): Promise<StoredEntry[]>;
  setEntryCpu(id: LoginId, seq: number, cpuUs: number): Promise<void>;
  /** Removes entries and log lines: of a person who keeps no account here, nothing stays. */
  eraseJournal(id: LoginId): Promise<void>;
  /** Lines that are stored already are left as they are. @returns for each whether it is new */
  addLogs(id: LoginId, logs: StoredLog[]): Promise<boolean[]>;
  listLogs(id: LoginId): Promise<StoredLog[]>;

  insertFederationState(state: Omit<FederationState, 'answerSealed'>): Promise<void>;
  findFederationState(hash: string): Promise<FederationState | null>;
  /** Keeps the first answer; false when there is one, or no such state. */
  keepFederationAnswer(hash: string, answerSealed: string): Promise<boolean>;
  /** Removes it; false when it was used before. */
  useFederationState(hash: string): Promise<boolean>;

  /**
   * Removes logins that expired before `before` without anybody having ended them, or being known by an account; returns how
   * many. Where anything was told after the beginning, what a connection said of somebody may stand in the journal: those
   * go as soon as they have expired at `now`.
   */
  deleteAbandoned(times: { before: number; now: number }, limit: number): Promise<number>;
  /** Removes ended and expired logins older than `before`, with journal, logs and states; returns how many. */
  deleteOlderThan(before: number, limit: number): Promise<number>;
}
