import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { ApplicationId, SessionId, UserId } from '../kernel/ids.ts';

/**
 * A browser in which somebody is signed in (single sign-on): what later sign-ins in it need not ask again. It begins when a
 * sign-in's result reaches the browser, and ends by itself, by signing out, or when somebody ends it; its tokens end with it.
 * It is a record of ours beside the OpenID provider's own session, whose cookie alone shows that a browser belongs to it.
 */
export interface SsoSession {
  id: SessionId;
  /** Joins it to the provider's session, its sign-ins and their tokens. It is no secret: the cookie is another value. */
  browserUid: string;
  /** `sub` of the one person it is for. */
  subject: string;
  /** The account; null for somebody who has none here (JIT provisioning off). */
  userId: UserId | null;
  /** The address and browser of its last sign-in. */
  ip: string;
  /** The User-Agent header, at most 500 characters. */
  userAgent: string;
  loginTime: number;
  lastAccessTime: number;
  /** Using it does not move this on. */
  expiresAt: number;
  /** Where the person is signed in, in the order of their first sign-in there. */
  applications: ApplicationId[];
  /** JSON of `RememberedStep[]`, sealed at `sessions/<id>/steps`: it may hold what an identity provider said. */
  stepsSealed: string;
  /** Counts the changes. */
  revision: number;
}

/** A step that was passed and proved who the person is, as later sign-ins take it over. */
export interface RememberedStep {
  /** `LOCAL`, or the connection's name at that time. */
  idp: string;
  authenticator: string;
  amr: string[];
  /** When the person passed it: not when it was last taken over. */
  at: number;
  person: { userId: UserId } | { federated: FederatedPerson };
}

/** What a sign-in hands on to the session of the browser that it ends in. */
export interface SignInFacts {
  ip: string;
  userAgent: string;
  /** Steps that were passed in this sign-in itself. */
  steps: RememberedStep[];
}

export interface SessionStore {
  /** @throws AppError CONFLICT when the browser has a session already. */
  insert(session: SsoSession): Promise<void>;
  /** False when it was changed or ended meanwhile. */
  update(session: SsoSession): Promise<boolean>;
  findById(id: SessionId): Promise<SsoSession | null>;
  findByBrowser(browserUid: string): Promise<SsoSession | null>;
  /** All of one person, the newest sign-in first; those that are over too, until they are swept. */
  listBySubject(subject: string): Promise<SsoSession[]>;
  /** Newest first, from behind `after`. */
  list(page: { after: string | null; limit: number; userId?: string }): Promise<SsoSession[]>;
  /** False when it was gone already. */
  delete(id: SessionId): Promise<boolean>;
  deleteExpired(now: number, limit: number): Promise<number>;
}
