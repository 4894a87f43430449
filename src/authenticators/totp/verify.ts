import type { Attempt, Throttling } from '../../directory/throttling.ts';
import type { Factor, User } from '../../directory/user.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import type { Stores } from '../../stores.ts';
import { attackedSubject } from '../attacked-subject.ts';
import type { Move, StepContext } from '../authenticator.ts';
import { tryLater } from '../wait.ts';
import { findTimeStep } from './time-code.ts';

/** Checks a code against the account's factors and takes it into use: each code counts once (RFC 6238, section 5.2). */
export async function verifyCode(
  { box, throttling }: { box: CryptoBox; throttling: Throttling },
  {
    context,
    user,
    factors,
    code,
    stores,
  }: {
    context: StepContext;
    /** Null when nobody has the name that was given: every code is wrong then. */
    user: User | null;
    factors: readonly Factor[];
    code: string;
    stores: Pick<Stores, 'users' | 'throttle'>;
  },
): Promise<Move> {
  const { now } = context;
  const attempt: Attempt = { kind: 'totp', subject: attackedSubject(context, user), ip: context.login.request.ip };
  const wait = await throttling.findWait(stores.throttle, attempt, now);
  if (wait > 0) return { kind: 'show', state: {}, problem: { ...tryLater(wait), field: 'code' } };

  let used = false;
  for (const factor of factors) {
    const timeStep = findTimeStep(box.open(factor.secretSealed, `factors/${factor.id}/secret`), code, now);
    if (timeStep === null) continue;
    if (user && (await stores.users.useTimeStep(factor.id, timeStep))) {
      await throttling.clear(stores.throttle, attempt, now);
      return { kind: 'success', person: { userId: user.id }, amr: ['otp'] };
    }
    used = true;
  }
  await throttling.count(stores.throttle, attempt, now);
  return { kind: 'wrong', state: {}, problem: { code: used ? 'CODE_USED' : 'CODE_WRONG', field: 'code' } };
}
