/** A person as script functions see them, whoever keeps them: the directory, or a dry run's scenario. */
export interface PersonView {
  /** Names the person in this login: a user id, or `federated:<connection>:<subject>`. */
  ref: string;
  identifier: string;
  uniqueId: string;
  username: string;
  userStoreDomain: string;
  tenantDomain: string;
  roles: string[];
  /** The account's groups, and those the identity provider named. */
  groups: string[];
  localClaims: Record<string, string>;
  /** What the identity provider said; null for people who signed in here. */
  remoteClaims: Record<string, unknown> | null;
}

/** The people of a login: those who passed a step, and those whom a function of the script found. */
export interface People {
  /** @throws ScriptCallError when nobody in this login has the reference. */
  get(ref: string): Promise<PersonView>;
  /** Writes a claim of the person's account; null removes it. */
  writeClaim(ref: string, uri: string, value: string | null): Promise<void>;
}

/**
 * The world that a function acts on. Live, it is within the unit of work that also writes the journal's entry, so what is
 * changed through it happens once with the answer; a dry run has one that changes nothing outside of itself.
 */
export interface ScriptWorld {
  people: People;
}
