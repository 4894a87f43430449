import { directions, type Language } from '../kernel/languages.ts';
import { type Hole, type Html, html } from './html.ts';

/**
 * Names come from people and from other systems and may run the other way than the page, or hold characters that
 * turn the text around them. Every name that is shown goes through here.
 */

/** A name as it can be shown: on one line, without characters that change the direction of what follows, not too long. */
export function cleanName(name: string): string {
  const line = name
    .slice(0, longestName * 4)
    .replace(directionControls, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toWellFormed();
  const characters = [...line];
  return characters.length > longestName ? `${characters.slice(0, longestName).join('')}…` : line;
}

/** A text that somebody else wrote, without what would turn its neighbours round. */
export function withoutDirections(text: string): string {
  return text.replace(directionControls, '');
}

/** A name inside other text on a page: it keeps its own direction and leaves its neighbours theirs. */
export function nameHtml(name: string): Html {
  return html`<bdi>${cleanName(name)}</bdi>`;
}

/** A name inside other plain text, where there is no markup to isolate it: Unicode's isolates do it where that is needed. */
export function nameText(language: Language, name: string): string {
  const shown = cleanName(name);
  return directions[language] === 'rtl' || rightToLeft.test(shown) ? `\u2068${shown}\u2069` : shown;
}

/** Puts names into a text with places such as `{application}`, as plain text. */
export function fillText(language: Language, text: string, names: Readonly<Record<string, string>>): string {
  return text.replace(place, (whole, key: string) =>
    Object.hasOwn(names, key) ? nameText(language, names[key] ?? '') : whole,
  );
}

/** Puts names into a text with places such as `{application}`, as markup. A value that is already markup stays as it is. */
export function fillHtml(text: string, names: Readonly<Record<string, string | Html>>): Html {
  const parts: Hole[] = text.split(place).map((part, index) => {
    if (index % 2 === 0) return part;
    const value = Object.hasOwn(names, part) ? names[part] : undefined;
    if (value === undefined) return `{${part}}`;
    return typeof value === 'string' ? nameHtml(value) : value;
  });
  return html`${parts}`;
}

/** Puts values into a URL with places such as `{application}`: each as a part of the path or the query, and no more. */
export function fillUrl(url: string, values: Readonly<Record<string, string>>): string {
  return url.replace(place, (whole, key: string) =>
    Object.hasOwn(values, key) ? encodeURIComponent(cleanName(values[key] ?? '')) : encodeURI(whole),
  );
}

/** The places of a text, without their braces. */
export function placesOf(text: string): string[] {
  return [...text.matchAll(place)].map(([, key]) => key ?? '');
}

/** In characters. */
const longestName = 100;

const place = /\{([\w-]+)\}/g;

/** Embeddings, overrides and isolates (Unicode UAX #9). The marks LRM, RLM and ALM are harmless and stay. */
const directionControls = /[\u202A-\u202E\u2066-\u2069]/g;

const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
