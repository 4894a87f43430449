import type { Attempt } from '../../directory/throttling.ts';
import { findVerifiedAddress } from '../../directory/verified-address.ts';
import { second } from '../../kernel/clock.ts';
import type { Stores } from '../../stores.ts';
import { attackedSubject } from '../attacked-subject.ts';
import type { Move, StepContext } from '../authenticator.ts';
import { tryLater } from '../wait.ts';
import { findAccount } from './account.ts';
import { hashMailCode, newMailCode } from './code.ts';
import type { EmailOtpDeps } from './deps.ts';
import { codeLifetime, type EmailOtpState, toStepState } from './state.ts';

/**
 * Puts a mail with a new code into the outbox, which makes older codes of the step worthless. How many an account gets is
 * throttled over all logins: the page is shown all the same, and a code can be asked for later.
 */
export async function sendCode(
  { box, throttling, mail, writeCodeMail }: EmailOtpDeps,
  {
    context,
    stores,
    before,
  }: {
    context: StepContext;
    stores: Pick<Stores, 'users' | 'throttle' | 'outbox' | 'audit'>;
    before: EmailOtpState;
  },
): Promise<Move> {
  const { login, seq, language, now } = context;
  const account = await findAccount(context, stores);
  const address = account && findVerifiedAddress(account);
  if (address === null && !context.claimed) return { kind: 'failed', problem: { code: 'NO_VERIFIED_ADDRESS' } };

  const attempt: Attempt = { kind: 'code-mails', subject: attackedSubject(context, account), ip: login.request.ip };
  const wait = await throttling.findWait(stores.throttle, attempt, now);
  if (wait > 0) return { kind: 'show', state: toStepState(before), problem: tryLater(wait) };
  await throttling.count(stores.throttle, attempt, now);
  // Whoever only named the account does not learn that no mail is on its way.
  if (address === null) return { kind: 'show', state: toStepState({ ...before, code: null, sent: before.sent + 1 }) };

  const code = newMailCode();
  const expiresAt = now + codeLifetime;
  const { codeMail: words = null } = context;
  const lifetime = codeLifetime / second;
  const texts = writeCodeMail({ language, application: login.application.name, code, lifetime, words });
  await mail.putIntoOutbox(stores, { ...texts, to: address, expiresAt });
  return {
    kind: 'show',
    state: toStepState({
      code: { hash: hashMailCode(box, { loginId: login.id, seq, code }), address, expiresAt },
      sent: before.sent + 1,
      wrong: before.wrong,
    }),
  };
}
