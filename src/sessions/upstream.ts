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
  deleteByBrowser(browserUid: string): Promise<void>;
  deleteExpired(now: number, limit: number): Promise<number>;
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
