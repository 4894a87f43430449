import type { Language } from '../kernel/languages.ts';

/** What was wrong with an answer. `field` is the name of the form's field, when it was about one. */
export interface PageError {
  field?: string;
  /** A whole sentence in the page's language: `personSentence`. */
  text: string;
  /** What an admin finds it by. */
  reference?: string;
}

/** What every page knows, whatever it shows. */
export interface PageContext {
  language: Language;
  /** The name of the organisation that runs the server. */
  brand: string;
  /** The application that asks for the sign-in; `uri` is its home page. */
  application: { name: string; uri?: string } | null;
  /** Who signs in, as that person would recognise it; null until it is known. */
  person: string | null;
  /** The URL that the page's forms are posted to. */
  action: string;
  /** Goes into each form as the hidden field `csrf`. */
  csrf: string;
  errors: readonly PageError[];
  /** What was typed before, by field; shown again after an error. Passwords are never shown, even if they are in here. */
  values: Readonly<Record<string, string>>;
  /** The URL of the same page in another language. */
  languageUrl: (language: Language) => string;
  /** The path that the files in `public/` are served under, without a slash at the end. */
  assets: string;
}
