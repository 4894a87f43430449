import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import { type ApplicationId, type LoginId, newId, type UserId } from '../kernel/ids.ts';
import type { Stores } from '../stores.ts';
import { type EndStores, forgetSession } from './end.ts';
import type { SignInFacts, SsoSession } from './session.ts';
import { mergeSteps, openSteps, sealSteps } from './steps.ts';

/** A sign-in whose result has reached its browser. */
export interface FinishedSignIn {
  browserUid: string;
  subject: string;
  userId: UserId | null;
  loginId: LoginId;
  /** Null while the person has not agreed to let the application know who it is. */
  applicationId: ApplicationId | null;
  /** When a session that it opens will be over. */
  expiresAt: number;
  facts: SignInFacts;
}

/** Opens the browser's session, or adds a sign-in of the same person to it. Adding the same one again changes nothing. */
export async function keepSession(
  stores: EndStores,
  box: CryptoBox,
  signIn: FinishedSignIn,
  now: number,
): Promise<void> {
  const known = await stores.sessions.findByBrowser(signIn.browserUid);
  if (known && known.subject === signIn.subject && known.expiresAt > now) {
    await extend(stores, box, known, signIn, now);
    return attachUpstream(stores, signIn, known.expiresAt);
  }
  if (known) await forgetSession(stores, known, { actor: 'person', reason: 'another person', at: now });
  await open(stores, box, signIn, now);
  await attachUpstream(stores, signIn, signIn.expiresAt);
}

/** What was signed in for at providers on the way ends with the session from now on, and the session with it. */
async function attachUpstream(
  { upstreamSessions }: Pick<Stores, 'upstreamSessions'>,
  { loginId, browserUid }: FinishedSignIn,
  expiresAt: number,
): Promise<void> {
  for (const each of await upstreamSessions.listByLogin(loginId)) {
    await upstreamSessions.update({ ...each, browserUid, expiresAt });
  }
}

async function open(
  { sessions, audit }: Pick<Stores, 'sessions' | 'audit'>,
  box: CryptoBox,
  { browserUid, subject, userId, loginId, applicationId, expiresAt, facts }: FinishedSignIn,
  now: number,
): Promise<void> {
  const id = newId('session');
  await sessions.insert({
    id,
    browserUid,
    subject,
    userId,
    ip: facts.ip,
    userAgent: facts.userAgent.slice(0, 500),
    loginTime: now,
    lastAccessTime: now,
    expiresAt,
    applications: applicationId === null ? [] : [applicationId],
    stepsSealed: sealSteps(box, id, mergeSteps([], facts.steps)),
    revision: 1,
  });
  await audit.append({
    id: newId('event'),
    at: now,
    type: 'session.opened',
    actor: 'person',
    target: userId,
    loginId,
    reference: null,
    code: null,
    details: { session: id },
  });
}

async function extend(
  { sessions }: Pick<Stores, 'sessions'>,
  box: CryptoBox,
  before: SsoSession,
  { userId, applicationId, facts }: FinishedSignIn,
  now: number,
): Promise<void> {
  const { applications } = before;
  const isNew = applicationId !== null && !applications.includes(applicationId);
  const kept = await sessions.update({
    ...before,
    userId,
    ip: facts.ip,
    userAgent: facts.userAgent.slice(0, 500),
    lastAccessTime: now,
    applications: isNew ? [...applications, applicationId] : applications,
    stepsSealed: sealSteps(box, before.id, mergeSteps(openSteps(box, before), facts.steps)),
  });
  if (!kept) throw new AppError('CONFLICT', { detail: 'Another request changed the session.' });
}
