import { Secret, TOTP } from 'otpauth';
import { second } from '../../kernel/clock.ts';

/** What every authenticator app understands (RFC 6238 with the defaults of the Key Uri Format). */
const shape = { algorithm: 'SHA1', digits: 6, period: 30 } as const;

/** Codes of the step before and the step after count, too: clocks differ, and typing takes time (RFC 6238, section 5.2). */
const window = 1;

/** A new key: 160 random bits (RFC 4226, section 4), in base32 as it is typed into an app. */
export function newTotpKey(): string {
  return new Secret({ size: 20 }).base32;
}

/** The key as a URI for an app to scan: `otpauth://totp/<issuer>:<account>?secret=…`. */
export function totpUri({ key, issuer, account }: { key: string; issuer: string; account: string }): string {
  return new TOTP({ ...shape, secret: key, issuer, label: account }).toString();
}

/**
 * The time step (periods since 1970) whose code this is, or null when it is none of those that count now.
 * @param now milliseconds since the epoch
 */
export function findTimeStep(key: string, code: string, now: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = TOTP.validate({ ...shape, secret: Secret.fromBase32(key), token: code, timestamp: now, window });
  return delta === null ? null : Math.floor(now / (shape.period * second)) + delta;
}
