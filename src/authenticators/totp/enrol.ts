import type { User } from '../../directory/user.ts';
import { findVerifiedAddress } from '../../directory/verified-address.ts';
import { day } from '../../kernel/clock.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { newId } from '../../kernel/ids.ts';
import type { Language } from '../../kernel/languages.ts';
import type { MailTexts } from '../../mail/mail.ts';
import type { MailSender } from '../../mail/sender.ts';
import type { Stores } from '../../stores.ts';
import type { Move, StepContext } from '../authenticator.ts';
import { findTimeStep } from './time-code.ts';

export interface EnrolmentDeps {
  box: CryptoBox;
  mail: Pick<MailSender, 'putIntoOutbox'>;
  /** @param of `at`: when it was added, in milliseconds since the epoch. */
  writeFactorAddedMail(of: { language: Language; person: string; factor: 'totp'; at: number }): MailTexts;
}

/**
 * Stores the factor if the code shows that an app has the key; that code is used up by it. Called only where the account
 * has no such factor, in the unit that it stores in. A wrong code is no guess at a secret (the page shows the key), so it
 * is not counted beyond the step's attempts.
 */
export async function finishEnrolment(
  { box, mail, writeFactorAddedMail }: EnrolmentDeps,
  {
    context,
    user,
    key,
    code,
    stores,
  }: {
    context: StepContext;
    user: User;
    key: string;
    code: string;
    stores: Pick<Stores, 'users' | 'audit' | 'outbox'>;
  },
): Promise<Move> {
  const { now, login, language } = context;
  const timeStep = findTimeStep(key, code, now);
  if (timeStep === null) return { kind: 'wrong', state: { key }, problem: { code: 'CODE_WRONG', field: 'code' } };

  const id = newId('factor');
  await stores.users.insertFactor({
    id,
    userId: user.id,
    type: 'totp',
    secretSealed: box.seal(key, `factors/${id}/secret`),
    lastTimeStep: timeStep,
    createdAt: now,
  });
  await stores.audit.append({
    id: newId('event'),
    at: now,
    type: 'factor.added',
    actor: 'person',
    target: user.id,
    loginId: login.id,
    reference: null,
    code: null,
    details: { factor: id, type: 'totp' },
  });
  // To the address as it is now, not as it was when the step began.
  const account = await stores.users.findById(user.id);
  const to = account && findVerifiedAddress(account);
  if (to) {
    const texts = writeFactorAddedMail({ language, person: user.username, factor: 'totp', at: now });
    await mail.putIntoOutbox(stores, { ...texts, to, expiresAt: now + 3 * day });
  }
  return { kind: 'success', person: { userId: user.id }, amr: ['otp'] };
}
