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

/**
 * Where a form belongs: to a journal entry, and in a step to the option that its page asks for, or to what is asked before
 * it (`account`); null on other pages.
 */
export interface FormPlace {
  seq: number;
  option: number | 'account' | null;
}

/** The token in every form: bound to login, place and browser, so no other page's token serves. */
export function csrfToken(box: Pick<CryptoBox, 'mac'>, login: Login, { seq, option }: FormPlace): string {
  const mac = box.mac('login-csrf', JSON.stringify([login.id, seq, option, login.browserHash]));
  return `${option ?? ''}.${mac}`;
}

/**
 * @returns the option whose page the form is from
 * @throws AppError STEP_NOT_CURRENT for the page of a step that is over (the back button, a second tab), CSRF_INVALID for
 *   anything else than a token of the current step.
 */
export function checkCsrf(
  box: Pick<CryptoBox, 'mac'>,
  login: Login,
  seq: number,
  token: string | undefined,
): FormPlace['option'] {
  const given = /^(\d{0,3}|account)\./.exec(token ?? '')?.[1];
  if (token === undefined || given === undefined) throw new AppError('CSRF_INVALID');
  const option = given === '' ? null : given === 'account' ? given : Number(given);
  if (same(token, csrfToken(box, login, { seq, option }))) return option;
  for (let earlier = seq - 1; earlier > 0; earlier--) {
    if (same(token, csrfToken(box, login, { seq: earlier, option }))) throw new AppError('STEP_NOT_CURRENT');
  }
  throw new AppError('CSRF_INVALID');
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
