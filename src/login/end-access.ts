import type { Clock } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { newId, newReference } from '../kernel/ids.ts';
import { endAllOf } from '../sessions/end.ts';
import type { Stores } from '../stores.ts';
import { failWithPage } from './ending.ts';
import { moveOn } from './turn.ts';
import { sealEnding } from './waiting.ts';

/** Ends what a person has here at once: sign-ins on the way, sessions, tokens. Called in the unit of what it is for. */
export type EndAccess = (stores: Stores, userId: UserId, code: ErrorCode) => Promise<void>;

export function createEndAccess({ box, clock }: { box: CryptoBox; clock: Clock }): EndAccess {
  return async (stores, userId, code) => {
    const now = clock.now();
    for (const login of await stores.logins.listRunning({ userId })) {
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
    if (user) await endAllOf(stores, user.subject, { actor: 'system', reason: 'account', code, at: now });
  };
}
