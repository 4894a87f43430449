import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { LoginId, SessionId, UserId } from '../kernel/ids.ts';
import { newId, newReference } from '../kernel/ids.ts';
import { type EndStores, endAllOf, endOffline, endSession } from '../sessions/end.ts';
import { leaveUpstream } from '../sessions/upstream.ts';
import type { Stores } from '../stores.ts';
import { failWithPage } from './ending.ts';
import { moveOn } from './turn.ts';
import { sealEnding } from './waiting.ts';

/**
 * Ends what a person has here at once: sign-ins on the way, sessions, tokens, those for offline use included. Called in the
 * unit of what it is for.
 * @param spared the sign-in that it is for, and the session of its browser: they go on, with the tokens that end with it
 */
export type EndAccess = (stores: AccessStores, userId: UserId, code: ErrorCode, spared?: Spared) => Promise<void>;

type AccessStores = EndStores & Pick<Stores, 'logins' | 'users'>;

interface Spared {
  login: LoginId;
  session: SessionId | null;
}

export function createEndAccess({ box, clock }: { box: CryptoBox; clock: Clock }): EndAccess {
  return async (stores, userId, code, spared) => {
    const now = clock.now();
    for (const login of await stores.logins.listRunning({ userId })) {
      if (login.id === spared?.login) continue;
      for (const each of await stores.upstreamSessions.listByLogin(login.id))
        await leaveUpstream(stores, each, { at: now, byBrowser: false });
      const reference = newReference();
      const { ending } = failWithPage(code);
      await moveOn(stores.logins, {
        ...login,
        status: 'failed',
        reference,
        failureCode: code,
        waitingSealed: null,
        resultSealed: sealEnding(box, login.id, ending),
        endedAt: now,
      });
      await stores.audit.append({
        id: newId('event'),
        at: now,
        type: 'login.failed',
        actor: 'system',
        target: userId,
        loginId: login.id,
        reference,
        code,
        details: {},
      });
    }
    const user = await stores.users.findById(userId);
    if (!user) return;
    const end = { actor: 'system', reason: 'account', code, at: now } as const;
    if (!spared?.session) return endAllOf(stores, user.subject, end);
    await endOffline(stores, user.subject);
    for (const session of await stores.sessions.listBySubject(user.subject)) {
      if (session.id !== spared.session) await endSession(stores, session, end);
    }
  };
}
