import type { ApplicationId, ConnectionId, FactorId, UserId } from '../kernel/ids.ts';

/** Where a value came from. A connection's sync touches only what came from that connection. */
export type Origin = 'admin' | 'person' | 'script' | `connection:${ConnectionId}`;

export interface Attribute {
  /** Claim URI, `http://wso2.org/claims/emailaddress`. */
  uri: string;
  value: string;
  origin: Origin;
}

/** Membership in a role or group, by name. */
export interface Membership {
  name: string;
  origin: Origin;
}

/** A role that a person has in one application alone. */
export interface ApplicationMembership extends Membership {
  applicationId: ApplicationId;
}

/** A person's account in our user store. */
export interface User {
  id: UserId;
  /** What applications get as `sub`: the id, or the subject the person already had while signing in without an account. */
  subject: string;
  username: string;
  /** The user name as it is compared (normalised, case folded); unique. */
  usernameKey: string;
  userStore: string;
  locked: boolean;
  disabled: boolean;
  attributes: Attribute[];
  /** URIs of attributes that are proven to be the person's. */
  verified: string[];
  /** Of the organisation. */
  roles: Membership[];
  applicationRoles: ApplicationMembership[];
  groups: Membership[];
  createdAt: number;
  updatedAt: number;
  revision: number;
}

/** A link: the person that a connection calls `subject` is this user. (connection, subject) is unique. */
export interface Association {
  connectionId: ConnectionId;
  subject: string;
  userId: UserId;
  createdAt: number;
}

/** A second factor of an account. */
export interface Factor {
  id: FactorId;
  userId: UserId;
  type: 'totp';
  /** The shared key, sealed at `factors/<id>/secret`. */
  secretSealed: string;
  /** The newest time step whose code was used (RFC 6238, section 5.2: a code counts once); null before the first. */
  lastTimeStep: number | null;
  createdAt: number;
}

export interface UserStore {
  /** Roles and groups that are not there yet are made. @throws AppError USERNAME_TAKEN */
  insert(user: User): Promise<void>;
  /** As ApplicationStore.update, and as insert. @throws AppError USERNAME_TAKEN */
  update(user: User): Promise<boolean>;
  delete(id: UserId): Promise<void>;
  findById(id: UserId): Promise<User | null>;
  findByUsernameKey(key: string): Promise<User | null>;
  findBySubject(subject: string): Promise<User | null>;
  /** Those whose attribute has exactly this value (mail addresses in any case), at most `limit`. */
  findByAttribute(uri: string, value: string, limit: number): Promise<User[]>;
  /** Those who have all of these attributes, exactly so, at most `limit`. */
  findByAttributes(attributes: readonly Pick<Attribute, 'uri' | 'value'>[], limit: number): Promise<User[]>;
  list(page: { after: string | null; limit: number }): Promise<User[]>;

  /** The argon2id hash in PHC form; null when the account has no password. */
  findPasswordHash(id: UserId): Promise<string | null>;
  setPasswordHash(id: UserId, hash: string | null): Promise<void>;

  insertFactor(factor: Factor): Promise<void>;
  deleteFactor(id: FactorId): Promise<boolean>;
  listFactors(userId: UserId): Promise<Factor[]>;
  /** Takes a time step into use if it is newer than the last one used; false when it is not (one conditional update). */
  useTimeStep(id: FactorId, timeStep: number): Promise<boolean>;

  /** @throws AppError CONFLICT when (connection, subject) is linked already. */
  insertAssociation(association: Association): Promise<void>;
  deleteAssociation(connectionId: ConnectionId, subject: string): Promise<boolean>;
  findAssociation(connectionId: ConnectionId, subject: string): Promise<Association | null>;
  listAssociations(userId: UserId): Promise<Association[]>;
  /** Some people of a connection, at most `limit`. */
  listAssociationsOf(connectionId: ConnectionId, limit: number): Promise<Association[]>;

  insertResetToken(token: { hash: string; userId: UserId; expiresAt: number }): Promise<void>;
  findResetToken(hash: string): Promise<{ userId: UserId; expiresAt: number } | null>;
  /** Removes the token and all others of its user; false when it was gone already. */
  useResetToken(hash: string): Promise<boolean>;
  /** Returns how many. */
  deleteExpiredResetTokens(now: number, limit: number): Promise<number>;
}
