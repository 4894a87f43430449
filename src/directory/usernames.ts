import { AppError } from '../kernel/errors.ts';

/** UTF-16 code units, before and after folding. */
export const maxUsernameLength = 255;

/**
 * A user name as it is compared: two names with one key are one name. After PRECIS UsernameCaseMapped (RFC 8265,
 * section 3.3): width mapping, case folding, NFC; then only letters, digits, marks, ASCII punctuation and single inner
 * spaces are left, which refuses control, bidi and zero-width characters. Beyond that RFC, names are refused that mix
 * scripts with lookalike letters in one word, or several kinds of digits.
 *
 * @throws AppError USERNAME_INVALID, with the reason
 */
export function usernameKey(name: string): string {
  if (name.length > maxUsernameLength) throw refuse('It is too long.');
  const key = fold(name);
  const reason = findFault(key);
  if (reason !== null) throw refuse(reason);
  return key;
}

/** The name as it is kept and shown: as it was written, but for spaces around it and the form of its letters. */
export function cleanUsername(name: string): string {
  return tidySpaces(name).normalize('NFC');
}

export function isUsername(name: string): boolean {
  try {
    usernameKey(name);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** Full case folding by way of upper case: `ß` and `ss`, both forms of sigma, dotted and dotless i are alike. */
function fold(name: string): string {
  let key = tidySpaces(name.replace(wide, (letter) => letter.normalize('NFKC')));
  // One round may make what the next one changes: a name whose key would not be its own key again is none.
  for (let round = 0; round < 4; round++) {
    // Folding before the marks are in their order would tell equal texts apart (Unicode, section 3.13, D145).
    const next = key.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
    if (next === key) return key;
    key = next;
  }
  return '';
}

/** Fullwidth and halfwidth forms, and the wide space. */
const wide = /[\u3000\uff00-\uffef]/gu;

function tidySpaces(name: string): string {
  return name.replace(/^ +| +$/g, '').replace(/ {2,}/g, ' ');
}

/** What RFC 8264, section 9 (LetterDigits, ASCII7) lets into an identifier, and the space between a name's parts. */
const allowed = /^[\u0020-\u007e\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}]+$/u;
const ignorable = /\p{Default_Ignorable_Code_Point}/u;
const oldHangul = /[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;
const looseMark = /(?:^|[ -/:-@[-`{-~])\p{M}|\p{M}{4}/u;
const digitKinds = [/[0-9]/, /[\u0660-\u0669]/, /[\u06f0-\u06f9]/, /(?![0-9\u0660-\u0669\u06f0-\u06f9])\p{Nd}/u];
const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Hanifi_Rohingya}]/u;
const lookalikes = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
  /\p{Script=Coptic}/u,
  /\p{Script=Lisu}/u,
];

function findFault(key: string): string | null {
  if (key === '') return 'It is empty.';
  if (key.length > maxUsernameLength) return 'It is too long.';
  if (!key.isWellFormed() || !allowed.test(key) || ignorable.test(key) || oldHangul.test(key) || looseMark.test(key)) {
    return 'It has characters that are not letters, digits or ASCII punctuation.';
  }
  if (key.normalize('NFKC') !== key) return 'It has characters that only look like others.';
  if (digitKinds.filter((kind) => kind.test(key)).length > 1) return 'It mixes several kinds of digits.';
  // Words stand for themselves: «иван@example.com» mixes nothing.
  for (const word of key.split(/[^\p{L}\p{M}\p{Nd}]+/u)) {
    if (lookalikes.filter((script) => script.test(word)).length > 1)
      return 'A word of it mixes scripts that look alike.';
    const letters = word.match(/\p{L}/gu) ?? [];
    const backward = letters.filter((letter) => rightToLeft.test(letter));
    if (
      backward.length > 0 &&
      (backward.length < letters.length || !rightToLeft.test(String.fromCodePoint(word.codePointAt(0) ?? 0)))
    ) {
      return 'A word of it mixes directions of writing.';
    }
  }
  return null;
}

function refuse(reason: string): AppError {
  return new AppError('USERNAME_INVALID', { detail: reason });
}
