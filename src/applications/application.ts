import type { ApplicationId } from '../kernel/ids.ts';
import type { Flow, PublishedFlow } from '../login/flow.ts';
import type { SignInRule } from './sign-in-rule.ts';

/** An application that signs people in through us: an OpenID Connect client, with its own sign-in flow. */
export interface Application {
  id: ApplicationId;
  name: string;
  clientId: string;
  clientType: 'public' | 'confidential';
  /** SHA-256 of the client secret (base64url); null for a public client. The secret has 256 random bits, so a plain hash does. */
  clientSecretHash: string | null;
  redirectUris: string[];
  postLogoutRedirectUris: string[];
  /** Where it is told of sessions that are over (OpenID Connect Back-Channel Logout 1.0, section 2.2); null: it is not. */
  backchannelLogoutUri: string | null;
  /** Is it told which session (`sid`)? Otherwise all that the person has there is over. */
  backchannelLogoutSessionRequired: boolean;
  /** Whether people are asked before their data goes to the application. */
  consent: 'ask' | 'skip';
  disabled: boolean;
  /** What no script can get around. */
  signInRules: SignInRule[];
  draft: Flow | null;
  /** The published version that new logins begin with; null before the first. */
  liveVersion: number | null;
  createdAt: number;
  updatedAt: number;
  /** Counts the changes; its ETag. */
  revision: number;
}

/** A published state of an application's flow. It never changes, but it can be withdrawn. */
export interface FlowVersion {
  applicationId: ApplicationId;
  version: number;
  flow: PublishedFlow;
  note: string | null;
  createdAt: number;
  createdBy: string;
  withdrawnAt: number | null;
}

export interface ApplicationStore {
  /** @throws AppError CONFLICT when the name or the client id is taken. */
  insert(application: Application): Promise<void>;
  /**
   * Writes all fields if `revision` is still the stored one, and counts it up; false when it is not.
   * @throws AppError CONFLICT as insert
   */
  update(application: Application): Promise<boolean>;
  delete(id: ApplicationId): Promise<void>;
  findById(id: ApplicationId): Promise<Application | null>;
  findByClientId(clientId: string): Promise<Application | null>;
  findByName(name: string): Promise<Application | null>;
  /** In the order of their ids, from behind `after`. */
  list(page: { after: string | null; limit: number }): Promise<Application[]>;
  /** @throws AppError CONFLICT when there is a version with this number. */
  insertVersion(version: FlowVersion): Promise<void>;
  findVersion(id: ApplicationId, version: number): Promise<FlowVersion | null>;
  /** Newest first. */
  listVersions(id: ApplicationId): Promise<FlowVersion[]>;
  withdrawVersion(id: ApplicationId, version: number, at: number): Promise<void>;
}
