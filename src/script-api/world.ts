import type { ErrorCode } from '../kernel/errors.ts';
import type { ScriptCookie } from './cookie.ts';

/** A person as script functions see them, whoever keeps them: the directory, or a dry run's scenario. */
export interface PersonView {
  /** Names the person in this login: a user id, or `federated:<connection>:<subject>`. */
  ref: string;
  identifier: string;
  uniqueId: string;
  username: string;
  userStoreDomain: string;
  tenantDomain: string;
  /** Of the organisation, and of the application that is signed in to. */
  roles: string[];
  applicationRoles: string[];
  /** The account's groups, and those the identity provider named. */
  groups: string[];
  localClaims: Record<string, string>;
  /** What the identity provider said; null for people who signed in here. */
  remoteClaims: Record<string, unknown> | null;
}

/** Whose roles they are: the organisation's, or the application's. */
export type Audience = 'organisation' | 'application';

export interface RoleChange {
  verb: 'give' | 'take';
  audience: Audience;
  roles: string[];
}

/** Why something was not done. */
export interface Refusal {
  code: ErrorCode;
  params: Record<string, string>;
  detail: string | null;
}

/** What functions may do before the unit of work is opened. */
export interface Preparation {
  /**
   * Looks whether a text, or what a person typed, can be a person's new password, and hashes it.
   * @param skipRules takes one that is short or known from leaks
   */
  hashPassword(
    ref: string,
    password: string,
    how: { skipRules: boolean },
  ): Promise<{ hash: string } | { refusal: Refusal }>;
}

/** The people of a login: those who passed a step, and those whom a function of the script found. */
export interface People {
  /** Who signs in; null while nobody has proven who they are. */
  readonly subject: string | null;
  /** @throws ScriptCallError when nobody in this login has the reference. */
  get(ref: string): Promise<PersonView>;
  /** Writes a claim of the person's account; null removes it. */
  writeClaim(ref: string, uri: string, value: string | null): Promise<void>;
  /** False when the person has no account and gets none in this sign-in; whoever gets one later gets the roles with it. */
  changeRoles(ref: string, change: RoleChange): Promise<boolean>;
  /** Sets the password of the person's account, and ends what they have elsewhere. @returns null, or why it was not done */
  setPassword(ref: string, hash: string): Promise<Refusal | null>;
  /** The user name of whom somebody means who typed this; null for nobody, and for more than one. */
  findUsername(typed: string): Promise<string | null>;
  /** Those who have all of these claims (by URI or plain name), at most `limit`; from then on they are people of the login. */
  search(claims: Record<string, string>, limit: number): Promise<string[]>;
}

/** An account by its name. */
export interface LinkTarget {
  username: string;
  tenantDomain: string | undefined;
  userStoreDomain: string | undefined;
}

/** Who people from connections are here. @throws ScriptCallError as `People.get` */
export interface Links {
  /** The account that is linked to somebody from a connection. */
  find(ref: string): Promise<string | null>;
  /** False when nothing was linked, for a reason that the audit log has. */
  make(ref: string, to: LinkTarget): Promise<boolean>;
  /** The same for unlinking. */
  remove(ref: string): Promise<boolean>;
}

export interface Roles {
  exists(name: string, audience: Audience): Promise<boolean>;
  isAdministration(name: string): boolean;
}

/** The organisation's secrets, of the versions that the login began with. Values never come out of here. */
export interface Secrets {
  /** What the script holds in a secret's place; null when there is none of this name. */
  find(name: string): Promise<string | null>;
  /** Is the text the value that the placeholder stands for? It takes as long whatever the difference. */
  compare(placeholder: string, text: string): Promise<boolean>;
}

/** An application that somebody is signed in to. */
export interface SignedInApplication {
  /** `sub`, as it knows the person. */
  subject: string;
  appName: string;
  appId: string;
}

/** A browser in which somebody is signed in. Times are milliseconds since the epoch. */
export interface SessionView {
  id: string;
  ip: string;
  loginTime: number;
  lastAccessTime: number;
  userAgent: { rawString: string; browser: string; platform: string; device: string };
  applications: SignedInApplication[];
}

export interface Sessions {
  /** All of a person, the newest sign-in first. @throws ScriptCallError as `People.get` */
  list(ref: string): Promise<SessionView[]>;
  /** How many of them are in other browsers than this one. */
  countOthers(ref: string): Promise<number>;
  /** Ends one of the person's; false when they have none with this id. */
  end(ref: string, id: string): Promise<boolean>;
  /** Where this browser's person is signed in. */
  applications(): Promise<SignedInApplication[]>;
  /** Has this person passed the step by one of its options, in this sign-in or in this browser's session? */
  satisfies(step: number): Promise<boolean>;
  /** How many steps the flow has. */
  readonly steps: number;
}

export interface Cookies {
  /** Gives it to the browser with the next response. @throws ScriptCallError for another site's domain, and for too many */
  set(cookie: ScriptCookie): Promise<void>;
  /** Null where there is none, where it is over, and where it is not what is demanded. */
  get(name: string, demand: { decrypt: boolean; validateSignature: boolean }): Promise<string | null>;
}

/** Mails by the organisation's templates, in the versions that the flow was published with. */
export interface Mails {
  /**
   * Gives the person a mail, at the address that is proven to be theirs. Placeholders are texts, whatever they hold.
   * @returns false when there is no such address, or too many mails went there of late
   * @throws ScriptCallError when there is no template of this name, and as `People.get`
   */
  send(ref: string, template: string, placeholders: Record<string, string>): Promise<boolean>;
}

/**
 * The world that a function acts on. Live, it is within the unit of work that also writes the journal's entry, so what is
 * changed through it happens once with the answer; a dry run has one that changes nothing outside of itself.
 */
export interface ScriptWorld {
  people: People;
  links: Links;
  roles: Roles;
  secrets: Secrets;
  sessions: Sessions;
  cookies: Cookies;
  mails: Mails;
}
