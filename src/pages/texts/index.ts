import type { Language } from '../../kernel/languages.ts';
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en, type Texts } from './en.ts';

/** The texts of every language. Which language a person gets: `pickLanguage` in kernel/languages.ts. */
export const texts: Record<Language, Texts> = { en, de, ar };
