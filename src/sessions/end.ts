import { type LoginId, newId } from '../kernel/ids.ts';
import type { Stores } from '../stores.ts';
import { oweLogouts } from './owed-logout.ts';
import type { SsoSession } from './session.ts';
import { leaveUpstream } from './upstream.ts';

/** Who ended a session, and why. */
export interface SessionEnd {
  actor: 'admin' | 'person' | 'script' | 'system';
  reason:
    | 'signed out'
    /** Somebody else signed in with the same browser. */
    | 'another person'
    /** The person made room for a new sign-in, or a script did. */
    | 'sessions limit'
    | 'terminated'
    /** The identity provider that the person came from told so. */
    | 'signed out at the provider'
    /** The account was locked, disabled or deleted, or got another password; `code` says which. */
    | 'account';
  code?: string;
  loginId?: LoginId | null;
  at: number;
}

export type EndStores = Pick<
  Stores,
  'sessions' | 'artifacts' | 'audit' | 'upstreamSessions' | 'applications' | 'owedLogouts'
>;

/** Ends a session at once: the record, the browser's own session, and every sign-in that belongs to it with its tokens. */
export async function endSession(stores: EndStores, session: SsoSession, end: SessionEnd): Promise<void> {
  await endInBrowser(stores, session.browserUid);
  await forgetSession(stores, session, end);
}

/** The same for the session that a browser has, if it has one. */
export async function endSessionOfBrowser(stores: EndStores, browserUid: string, end: SessionEnd): Promise<void> {
  await endInBrowser(stores, browserUid);
  const session = await stores.sessions.findByBrowser(browserUid);
  if (session) await forgetSession(stores, session, end);
}

/** All sessions of a person, and every token, those for offline use included. */
export async function endAllOf(stores: EndStores, subject: string, end: SessionEnd): Promise<void> {
  await stores.artifacts.revokeByAccountId(subject);
  for (const session of await stores.sessions.listBySubject(subject)) await forgetSession(stores, session, end);
}

/** Sign-ins that end with no browser's session (`offline_access`), with their tokens. */
export async function endOffline({ artifacts }: Pick<EndStores, 'artifacts'>, subject: string): Promise<void> {
  for (const { id, uid } of await artifacts.listByAccountId('SignIn', subject)) {
    if (uid === null) await endSignIn(artifacts, id);
  }
}

async function endSignIn(artifacts: EndStores['artifacts'], grantId: string): Promise<void> {
  await artifacts.revokeByGrantId(grantId);
  await artifacts.destroy('Grant', grantId);
}

/** Ends the record alone; one that was over by itself ends without an event. */
export async function forgetSession(stores: EndStores, session: SsoSession, end: SessionEnd): Promise<void> {
  const { sessions, audit, upstreamSessions } = stores;
  for (const each of await upstreamSessions.listByBrowser(session.browserUid)) {
    await leaveUpstream(stores, each, { at: end.at, byBrowser: end.reason === 'signed out' });
  }
  if (!(await sessions.delete(session.id)) || session.expiresAt <= end.at) return;
  await oweLogouts(stores, session, end.at);
  await audit.append({
    id: newId('event'),
    at: end.at,
    type: 'session.ended',
    actor: end.actor,
    target: session.userId,
    loginId: end.loginId ?? null,
    reference: null,
    code: end.code ?? null,
    details: { session: session.id, reason: end.reason },
  });
}

/** Sign-ins with `offline_access` stay: they are not the browser's. */
async function endInBrowser({ artifacts }: EndStores, browserUid: string): Promise<void> {
  let signIn = await artifacts.findByUid('SignIn', browserUid);
  while (signIn) {
    await endSignIn(artifacts, signIn.id);
    signIn = await artifacts.findByUid('SignIn', browserUid);
  }
  // Two sign-ins that end at the same moment in two tabs can leave the session twice, under two cookies.
  let session = await artifacts.findByUid('Session', browserUid);
  while (session) {
    await artifacts.destroy('Session', session.id);
    session = await artifacts.findByUid('Session', browserUid);
  }
}
