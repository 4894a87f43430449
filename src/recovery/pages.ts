import type { ErrorCode } from '../kernel/errors.ts';
import type { Language } from '../kernel/languages.ts';

export interface PageProblem {
  code: ErrorCode;
  /** The form field it belongs to. */
  field?: string;
  params?: Readonly<Record<string, string>>;
}

/** What each of the pages knows. */
export interface RecoveryPage {
  language: Language;
  /** The URL that its form is posted to. */
  action: string;
  /** For the hidden field `csrf`. */
  csrf: string;
  problems: readonly PageProblem[];
  /** What was typed before, by field; never passwords. */
  values: Readonly<Record<string, string>>;
  /** The URL of the same page in another language. */
  languageUrl(language: Language): string;
}

/** The pages, as HTML. Times are in seconds. */
export interface RecoveryPages {
  /** Asks for `username`. `signInUrl` leads back to an open sign-in. */
  forgot(page: RecoveryPage, model: { signInUrl: string | null }): string;
  forgotSent(page: RecoveryPage, model: { lifetime: number; signInUrl: string | null }): string;
  /** Asks for `password` and `passwordAgain`. */
  reset(page: RecoveryPage, model: { username: string; minimum: number }): string;
  resetDone(page: RecoveryPage, model: { signInUrl: string | null }): string;
  resetInvalid(page: RecoveryPage, model: { forgotUrl: string }): string;
}
