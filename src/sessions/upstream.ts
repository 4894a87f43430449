import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { ConnectionId, LoginId } from '../kernel/ids.ts';

/**
 * A sign-in at an identity provider, for as long as it counts here: while its login is open, and as long as the session
 * that came of it. The provider ends it by name or `sid`; a login whose sign-in there has ended does not end well.
 */
export interface UpstreamSession {
  loginId: LoginId;
  /** Of the step: a login may have several. */
  seq: number;
  connectionId: ConnectionId;
  /** As the association has it. */
  subject: string;
  /** As the provider calls the person when it tells of a sign-out: `sub`, or NameID. */
  name: string;
  /** The provider's session: `sid`, or SessionIndex; null where it did not say. */
  sid: string | null;
  /** The browser's session here, once there is one. */
  browserUid: string | null;
  /**
   * Is the provider told by a message of ours that the session here has ended? `unless-by-browser`: not where the person
   * signs out here, whose browser goes there.
   */
  backChannel: 'never' | 'always' | 'unless-by-browser';
  /** JSON of `UpstreamContent`, sealed at `upstream_sessions/<login>/<seq>`. */
  contentSealed: string;
  expiresAt: number;
}

export interface UpstreamContent {
  /** What a request to sign out at the provider has to show; null where nobody is signed out there. */
  signOut: Record<string, string> | null;
  /** The provider's access token, where the application asked for it and the connection gives it out. */
  token: FederatedToken | null;
}

export interface FederatedToken {
  accessToken: string;
  /** Seconds from then on; null where the provider did not say. */
  expiresIn: number | null;
  scope: string | null;
}

/**
 * A sign-in at a provider that is over here, and of which the provider has not been told yet. It is written in the unit that
 * ends the session and told afterwards, at least once.
 */
export interface OwedSignOut extends Pick<UpstreamSession, 'loginId' | 'seq' | 'connectionId' | 'contentSealed'> {
  attempts: number;
  nextAttemptAt: number;
  /** The session at the provider is taken to be over by then. */
  expiresAt: number;
}

export interface UpstreamSessionStore {
  /** In place of another one of the same step: whoever was refused after it may try again as somebody else. */
  put(session: UpstreamSession): Promise<void>;
  listByLogin(loginId: LoginId): Promise<UpstreamSession[]>;
  listByBrowser(browserUid: string): Promise<UpstreamSession[]>;
  listByName(connectionId: ConnectionId, name: string): Promise<UpstreamSession[]>;
  listBySid(connectionId: ConnectionId, sid: string): Promise<UpstreamSession[]>;
  /** From now on it is the browser's, with this content. */
  update(
    session: Pick<UpstreamSession, 'loginId' | 'seq' | 'browserUid' | 'contentSealed' | 'expiresAt'>,
  ): Promise<void>;
  delete(session: Pick<UpstreamSession, 'loginId' | 'seq'>): Promise<void>;
  deleteExpired(now: number, limit: number): Promise<number>;
  /** Owing the same one again changes nothing. */
  owe(signOut: OwedSignOut): Promise<void>;
  /** Those due at `now`, the longest due first, and none to these connections. */
  listOwed(of: { now: number; limit: number; except: readonly ConnectionId[] }): Promise<OwedSignOut[]>;
  /** Puts one off that is still due when it was; false where somebody else did, or told it. */
  claimOwed(signOut: OwedSignOut, next: Pick<OwedSignOut, 'attempts' | 'nextAttemptAt'>): Promise<boolean>;
  deleteOwed(signOut: Pick<OwedSignOut, 'loginId' | 'seq'>): Promise<void>;
}

/** Forgets a sign-in at a provider, which is to be told of it where it takes such messages. */
export async function leaveUpstream(
  { upstreamSessions }: { upstreamSessions: Pick<UpstreamSessionStore, 'owe' | 'delete'> },
  session: UpstreamSession,
  { at, byBrowser }: { at: number; byBrowser: boolean },
): Promise<void> {
  const { loginId, seq, connectionId, contentSealed, expiresAt, backChannel } = session;
  await upstreamSessions.delete(session);
  if (backChannel === 'never' || (byBrowser && backChannel === 'unless-by-browser') || expiresAt <= at) return;
  await upstreamSessions.owe({ loginId, seq, connectionId, contentSealed, expiresAt, attempts: 0, nextAttemptAt: at });
}

/** Has a provider ended a sign-in there that a login relies on? */
export async function isEndedUpstream(
  { upstreamSessions }: { upstreamSessions: Pick<UpstreamSessionStore, 'listByLogin'> },
  loginId: LoginId,
  people: readonly Pick<FederatedPerson, 'connectionId' | 'subject'>[],
): Promise<boolean> {
  if (people.length === 0) return false;
  const open = await upstreamSessions.listByLogin(loginId);
  return people.some(
    (person) =>
      !open.some(({ connectionId, subject }) => connectionId === person.connectionId && subject === person.subject),
  );
}

type Place = Pick<UpstreamSession, 'loginId' | 'seq'>;

export function sealUpstream(box: Pick<CryptoBox, 'seal'>, place: Place, content: UpstreamContent): string {
  return box.seal(JSON.stringify(content), placeOf(place));
}

export function openUpstream(
  box: Pick<CryptoBox, 'open'>,
  session: Place & Pick<UpstreamSession, 'contentSealed'>,
): UpstreamContent {
  return JSON.parse(box.open(session.contentSealed, placeOf(session))) as UpstreamContent;
}

function placeOf({ loginId, seq }: Place): string {
  return `upstream_sessions/${loginId}/${seq}`;
}
