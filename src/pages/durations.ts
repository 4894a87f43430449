import type { Language } from '../kernel/languages.ts';

/** A length of time in words, rounded up to what people say: `45 seconds`, `10 Minuten`, `2 hours`. */
export function durationText(language: Language, seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 90) return format(language, whole, 'second');
  if (whole < 90 * 60) return format(language, Math.ceil(whole / 60), 'minute');
  return format(language, Math.ceil(whole / 3600), 'hour');
}

/** How long ago something was: `2 hours ago`, `vor 3 Tagen`. @param seconds not negative */
export function agoText(language: Language, seconds: number): string {
  const [value, unit] =
    seconds < 90
      ? ([0, 'second'] as const)
      : seconds < 90 * 60
        ? ([Math.round(seconds / 60), 'minute'] as const)
        : seconds < 36 * 3600
          ? ([Math.round(seconds / 3600), 'hour'] as const)
          : ([Math.round(seconds / 86_400), 'day'] as const);
  return new Intl.RelativeTimeFormat(locales[language], { numeric: 'auto' }).format(-value, unit);
}

/** A whole number as the language writes it. */
export function numberText(language: Language, value: number): string {
  return new Intl.NumberFormat(locales[language]).format(value);
}

function format(language: Language, value: number, unit: 'second' | 'minute' | 'hour'): string {
  return new Intl.NumberFormat(locales[language], { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/** Arabic with the digits of the codes and addresses beside it. */
const locales = { en: 'en', de: 'de', ar: 'ar-u-nu-latn' } as const satisfies Record<Language, string>;
