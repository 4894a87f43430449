import { day } from '../kernel/clock.ts';
import type { ApplicationId, SessionId } from '../kernel/ids.ts';
import type { Stores } from '../stores.ts';
import type { SsoSession } from './session.ts';

/**
 * A session that is over, and of which an application that takes such messages has not been told yet. It is written in the
 * unit that ends the session and told afterwards, at least once.
 */
export interface OwedLogout extends Pick<SsoSession, 'browserUid' | 'subject'> {
  sessionId: SessionId;
  applicationId: ApplicationId;
  attempts: number;
  nextAttemptAt: number;
  /** The application is not told later than that. */
  expiresAt: number;
}

export interface OwedLogoutStore {
  /** Owing the same one again changes nothing. */
  owe(logout: OwedLogout): Promise<void>;
  /** Those due at `now`, the longest due first, and none to these applications. */
  listDue(of: { now: number; limit: number; except: readonly ApplicationId[] }): Promise<OwedLogout[]>;
  /** Puts one off that is still due when it was; false where somebody else did, or told it. */
  claim(logout: OwedLogout, next: Pick<OwedLogout, 'attempts' | 'nextAttemptAt'>): Promise<boolean>;
  delete(logout: Pick<OwedLogout, 'sessionId' | 'applicationId'>): Promise<void>;
}

/** A session that is over at an application, as its logout token tells of it. */
export interface EndedAtApplication {
  clientId: string;
  subject: string;
  browserUid: string;
  /** Is the session named? Otherwise all that the person has at the application is over. */
  namesSession: boolean;
}

export type WriteLogoutToken = (of: EndedAtApplication) => Promise<string>;

/** Whoever has been down for longer has no session of that time any more. */
const lifetime = day;

/** The applications of a session that has just ended are to be told, those that have an address for it. */
export async function oweLogouts(
  { applications, owedLogouts }: Pick<Stores, 'applications' | 'owedLogouts'>,
  { id: sessionId, browserUid, subject, applications: signedIn }: SsoSession,
  at: number,
): Promise<void> {
  for (const applicationId of signedIn) {
    const application = await applications.findById(applicationId);
    if (!application?.backchannelLogoutUri) continue;
    const due = { attempts: 0, nextAttemptAt: at, expiresAt: at + lifetime };
    await owedLogouts.owe({ sessionId, applicationId, browserUid, subject, ...due });
  }
}
