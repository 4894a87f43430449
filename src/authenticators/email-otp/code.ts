import { randomInt } from 'node:crypto';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import type { LoginId } from '../../kernel/ids.ts';

/** 26.6 bits: six digits would be 19.9, and a code by mail is to have at least 20. */
const codeDigits = 8;

export function newMailCode(): string {
  return String(randomInt(10 ** codeDigits)).padStart(codeDigits, '0');
}

/** What is kept of a code: it cannot be read back, and fits no other step or login. */
export function hashMailCode(box: CryptoBox, of: { loginId: LoginId; seq: number; code: string }): string {
  return box.mac('email-otp', `${of.loginId}:${of.seq}:${of.code}`);
}
