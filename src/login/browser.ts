import { createHash, timingSafeEqual } from 'node:crypto';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import type { Login } from './login.ts';

export function hashBrowserSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** @throws AppError WRONG_BROWSER */
export function checkBrowser(login: Login, secret: string | undefined): void {
  if (secret === undefined || !same(hashBrowserSecret(secret), login.browserHash)) throw new AppError('WRONG_BROWSER');
}

/** The token in every form of a step: bound to login, entry and browser, so no other page's token serves. */
export function csrfToken(box: Pick<CryptoBox, 'mac'>, login: Login, seq: number): string {
  return box.mac('login-csrf', `${login.id} ${seq} ${login.browserHash}`);
}

/**
 * @throws AppError STEP_NOT_CURRENT for the page of a step that is over (the back button, a second tab), CSRF_INVALID for
 *   anything else than the current step's token.
 */
export function checkCsrf(box: Pick<CryptoBox, 'mac'>, login: Login, seq: number, token: string | undefined): void {
  if (token === undefined) throw new AppError('CSRF_INVALID');
  if (same(token, csrfToken(box, login, seq))) return;
  for (let earlier = seq - 1; earlier > 0; earlier--) {
    if (same(token, csrfToken(box, login, earlier))) throw new AppError('STEP_NOT_CURRENT');
  }
  throw new AppError('CSRF_INVALID');
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
