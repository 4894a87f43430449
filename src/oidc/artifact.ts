/** A piece of OpenID Connect state (code, token, grant, session, interaction) as the provider stores it. */
export interface Artifact {
  model: string;
  id: string;
  /** JSON text. */
  payload: string;
  grantId: string | null;
  userCode: string | null;
  uid: string | null;
  /** The account it belongs to, so that a disabled person's tokens can be ended at once. */
  accountId: string | null;
  expiresAt: number | null;
  consumedAt: number | null;
}

export interface ArtifactStore {
  /** Writes all fields, but what was consumed stays consumed. */
  upsert(artifact: Artifact): Promise<void>;
  find(model: string, id: string): Promise<Artifact | null>;
  findByUid(model: string, uid: string): Promise<Artifact | null>;
  findByUserCode(model: string, userCode: string): Promise<Artifact | null>;
  /** Marks it used; false when it was used before or is gone (one conditional update, so of two racers one wins). */
  consume(model: string, id: string, at: number): Promise<boolean>;
  /** False when it was gone already. */
  destroy(model: string, id: string): Promise<boolean>;
  listByAccountId(model: string, accountId: string): Promise<Artifact[]>;
  revokeByGrantId(grantId: string): Promise<void>;
  revokeByAccountId(accountId: string): Promise<void>;
  deleteExpired(now: number, limit: number): Promise<number>;
}
