import type { Attempt } from '../../directory/throttling.ts';
import { findVerifiedAddress } from '../../directory/verified-address.ts';
import type { Stores } from '../../stores.ts';
import { attackedSubject } from '../attacked-subject.ts';
import type { Move, StepContext } from '../authenticator.ts';
import { tryLater } from '../wait.ts';
import { findAccount } from './account.ts';
import { hashMailCode } from './code.ts';
import type { EmailOtpDeps } from './deps.ts';
import { readLimits } from './limits.ts';
import { type EmailOtpState, toStepState } from './state.ts';

/**
 * Checks a code against the newest one. It counts once because the step ends with it: the unit that this runs in also
 * writes the step's journal entry, of which there can be only one.
 */
export async function verifyMailCode(
  { box, throttling }: EmailOtpDeps,
  {
    context,
    stores,
    before,
    code,
  }: {
    context: StepContext;
    stores: Pick<Stores, 'users' | 'throttle'>;
    before: EmailOtpState;
    code: string;
  },
): Promise<Move> {
  const { login, seq, now } = context;
  const account = await findAccount(context, stores);
  if (!account && !context.claimed) return { kind: 'failed', problem: { code: 'NO_VERIFIED_ADDRESS' } };
  const attempt: Attempt = { kind: 'email-otp', subject: attackedSubject(context, account), ip: login.request.ip };
  const wait = await throttling.findWait(stores.throttle, attempt, now);
  const state = toStepState(before);
  if (wait > 0) return { kind: 'show', state, problem: { ...tryLater(wait), field: 'code' } };

  const sent = before.code;
  // Both sides are keyed hashes: how long the comparison takes tells nothing about the code.
  if (!sent || !account || hashMailCode(box, { loginId: login.id, seq, code }) !== sent.hash) {
    await throttling.count(stores.throttle, attempt, now);
    const wrong = before.wrong + 1;
    if (wrong >= readLimits(context).failures) return { kind: 'failed', problem: { code: 'TOO_MANY_ATTEMPTS' } };
    return { kind: 'wrong', state: toStepState({ ...before, wrong }), problem: { code: 'CODE_WRONG', field: 'code' } };
  }
  // Somebody who still reads a mailbox that is no longer the account's does not get in with it.
  if (sent.expiresAt <= now || findVerifiedAddress(account) !== sent.address) {
    return { kind: 'show', state, problem: { code: 'CODE_EXPIRED', field: 'code' } };
  }
  await throttling.clear(stores.throttle, attempt, now);
  await throttling.clear(stores.throttle, { ...attempt, kind: 'code-mails' }, now);
  return { kind: 'success', person: { userId: account.id }, amr: ['mail'] };
}
