/**
 * What a new password must be (NIST SP 800-63B-4, section 3.1.1.2). Length is the only rule beside those that everybody
 * would try: no mixture of kinds of characters, no expiry. The standard asks for 15 characters where the password is the only factor and for 8 where it is
 * one of several; an account's password is chosen before it is known which scripts will ask for more, so 8 is what is
 * refused below, and the page asks for several words.
 */
export const passwordRules = {
  /** Code points, after normalisation. */
  minCharacters: 8,
  /** UTF-8, as typed. Nothing is ever cut off. */
  maxBytes: 1024,
} as const;
