/** The languages that pages and mails are written in, the default first. */
export const languages = ['en', 'de', 'ar'] as const;

export type Language = (typeof languages)[number];

/** The cookie with the language that a person picked on one of our pages; it counts before what the application asks for. */
export const languageCookie = 'sg_language';

/** Which way a language is written: the value of HTML's `dir`. */
export const directions = { en: 'ltr', de: 'ltr', ar: 'rtl' } as const satisfies Record<Language, 'ltr' | 'rtl'>;

/**
 * The language to show: the first one that we have in `ui_locales` (OpenID Connect Core section 3.1.2.1: tags with spaces
 * between, best first), else the best of `Accept-Language` (RFC 9110 section 12.5.4), else English. A regional tag counts
 * as its language: `de-CH` is German.
 */
export function pickLanguage({
  uiLocales,
  acceptLanguage,
}: {
  uiLocales?: string | null | undefined;
  acceptLanguage?: string | null | undefined;
}): Language {
  const asked = (uiLocales ?? '').slice(0, longestList).split(' ');
  for (const tag of [...asked, ...accepted((acceptLanguage ?? '').slice(0, longestList))]) {
    const language = findLanguage(tag);
    if (language) return language;
  }
  return 'en';
}

/** The language of a tag such as `ar`, `de-CH` or `EN_us`, or null when we do not have it. */
export function findLanguage(tag: string): Language | null {
  const primary = tag.trim().toLowerCase().split(/[-_]/, 1)[0];
  return languages.find((language) => language === primary) ?? null;
}

/** Nobody prefers this many languages: what is longer is not read. */
const longestList = 500;

/** The tags of an Accept-Language header, best first; those with `q=0` are not wanted. */
function accepted(header: string): string[] {
  return header
    .split(',')
    .map((range) => {
      const [tag = '', ...params] = range.split(';');
      const q = params.map((param) => /^\s*q=(\d(?:\.\d{0,3})?)\s*$/i.exec(param)?.[1]).find(Boolean);
      return { tag, weight: q === undefined ? 1 : Number(q) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}
