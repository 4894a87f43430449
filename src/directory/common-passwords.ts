import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
let common: ReadonlySet<string> | null = null;

/**
 * Is it among the passwords that are tried first? Capitals make no difference to those who try. The list, read when the
 * first new password comes (it takes longer than much of the server's start), has some 49,000 that leaked again and
 * again, in lower case; from zxcvbn (MIT licence), the longest list that is small.
 * @param password normalised
 */
export function isCommonPassword(password: string): boolean {
  common ??= new Set(
    (require('@zxcvbn-ts/language-common') as typeof import('@zxcvbn-ts/language-common')).dictionary[
      'passwords-common'
    ],
  );
  return common.has(password.toLowerCase());
}
