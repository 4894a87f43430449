import type { Language } from '../kernel/languages.ts';
import { durationText } from './durations.ts';
import { fillText, placesOf } from './names.ts';
import { texts } from './texts/index.ts';

/**
 * The sentence for the person who signs in. No sentence tells whether an account exists, except those that only somebody
 * who has proven to own it can come to. A code without a sentence of its own (those of the admin API) gets the general
 * one, and so does a sentence whose names are missing from `params`.
 *
 * @param code an error code; every one that begins with `SCRIPT_` is told as a fault of the application's sign-in (but for
 *   the one that says that the machine was too busy),
 *   with `CALL_` or `EGRESS_` as a check that could not be made.
 * @param params names in the sentence. ACCOUNT_REQUIRED: `connection`, `factor`; ACCOUNT_NOT_MADE: `factor`; SESSIONS_TOO_MANY: `count`;
 *   PASSWORD_TOO_SHORT: `minimum` (characters); TRY_LATER: `wait` (seconds, may be missing).
 */
export function personSentence(
  language: Language,
  code: string,
  params: Readonly<Record<string, string>> = {},
): string {
  const { sentences, time } = texts[language];
  const known: Readonly<Record<string, string>> = sentences;
  const key = keyOf(code);
  const sentence = Object.hasOwn(known, key) ? known[key] : undefined;
  if (sentence === undefined) return sentences.INTERNAL;

  const seconds = Number(params['wait']);
  const wait = seconds > 0 && Number.isFinite(seconds) ? durationText(language, seconds) : time.aWhile;
  const names = { ...params, wait };
  const complete = placesOf(sentence).every((place) => Object.hasOwn(names, place));
  return complete ? fillText(language, sentence, names) : sentences.INTERNAL;
}

function keyOf(code: string): string {
  if (code === 'SCRIPT_WALL_TIMEOUT') return 'OVERLOADED';
  if (code.startsWith('SCRIPT_')) return 'SCRIPT_FAILED';
  return /^(CALL|EGRESS)_/.test(code) ? 'CALL_FAILED' : code;
}
