import type { SessionId } from '../kernel/ids.ts';
import type { SessionStore, SsoSession } from './session.ts';

/** The session with this id, unless it is over. */
export async function findLive(
  sessions: Pick<SessionStore, 'findById'>,
  id: SessionId,
  now: number,
): Promise<SsoSession | null> {
  return unlessOver(await sessions.findById(id), now);
}

/** The session that a browser has, unless it is over. */
export async function findLiveOfBrowser(
  sessions: Pick<SessionStore, 'findByBrowser'>,
  browserUid: string,
  now: number,
): Promise<SsoSession | null> {
  return unlessOver(await sessions.findByBrowser(browserUid), now);
}

/** A person's sessions that are not over, the newest sign-in first. */
export async function listLive(
  sessions: Pick<SessionStore, 'listBySubject'>,
  subject: string,
  now: number,
): Promise<SsoSession[]> {
  return (await sessions.listBySubject(subject)).filter((session) => unlessOver(session, now));
}

function unlessOver(session: SsoSession | null, now: number): SsoSession | null {
  return session && session.expiresAt > now ? session : null;
}
