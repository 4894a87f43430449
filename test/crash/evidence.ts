import type { Tokens } from './application.ts';

/** How somebody signs in. */
export type Kind = 'totp' | 'mail' | 'new' | 'known' | 'without account';

/** A sign-in that came to its end: the application holds tokens. */
export interface SignIn {
  kind: Kind;
  /** The user name here, or the identity provider's name for the person. */
  who: string;
  /** From the address of its pages. */
  loginId: string;
  tokens: Tokens;
  /** The authenticator app's code that was taken, as `<key> <code>`. */
  appCode: string | null;
}

/** What people and applications were told: none of it may be lost, whenever the server dies. */
export interface Evidence {
  signIns: SignIn[];
  /** Keys of authenticator apps that people were told are set up, by user name. */
  enrolled: Map<string, string>;
  /** How often a code of an app was typed that had been taken before. */
  usedCodesTried: number;
  /** Sign-ins that had to be begun again, by what stood on the page that led nowhere. */
  begunAgain: Map<string, number>;
  /** What must never happen, and did. */
  faults: string[];
}

export function noEvidence(): Evidence {
  return { signIns: [], enrolled: new Map(), usedCodesTried: 0, begunAgain: new Map(), faults: [] };
}
