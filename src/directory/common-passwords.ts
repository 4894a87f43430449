import { dictionary } from '@zxcvbn-ts/language-common';

/** Passwords that leaked again and again, some 49,000, in lower case; from zxcvbn (MIT licence), the longest list that is small. */
const common = new Set(dictionary['passwords-common']);

/** Is it among the passwords that are tried first? Capitals make no difference to those who try. @param password normalised */
export function isCommonPassword(password: string): boolean {
  return common.has(password.toLowerCase());
}
