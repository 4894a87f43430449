import { identifierKeys } from '../../directory/find-by-identifier.ts';
import type { Throttling } from '../../directory/throttling.ts';
import type { User } from '../../directory/user.ts';
import type { Stores } from '../../stores.ts';

/** Forgets the wrong answers that were counted against an account, so that its person need not wait. */
export async function forgiveUser(
  throttling: Throttling,
  { throttle }: Pick<Stores, 'throttle'>,
  user: User,
): Promise<void> {
  for (const subject of identifierKeys(user)) {
    await throttling.forgive(throttle, { kind: 'password', subject });
    await throttling.forgive(throttle, { kind: 'reset-mails', subject });
  }
  for (const kind of ['totp', 'email-otp', 'code-mails'] as const) {
    await throttling.forgive(throttle, { kind, subject: user.id });
  }
}
