import { TOTP } from 'otpauth';

const stepSeconds = 30;
/** A code that is read now may reach the server this much later. */
const typingMs = 3_000;

export interface AuthenticatorApp {
  /** A code that the server takes now and has not seen yet. */
  nextCode(): string;
}

/**
 * An authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds) of somebody in a hurry. A code counts once and servers take
 * the codes of one time step before and after; so the steps are used up in order, and three codes come without waiting.
 */
export function createAuthenticatorApp(key: string, clock: { now(): number }): AuthenticatorApp {
  const totp = new TOTP({ secret: key.replace(/\s/g, ''), period: stepSeconds });
  let lastStep = 0;
  return {
    nextCode() {
      const now = clock.now();
      const oldest = Math.floor((now + typingMs) / 1000 / stepSeconds) - 1;
      const step = Math.max(oldest, lastStep + 1);
      if (step > Math.floor(now / 1000 / stepSeconds) + 1) throw new Error('All codes of this moment are used up.');
      lastStep = step;
      return totp.generate({ timestamp: step * stepSeconds * 1000 });
    },
  };
}
