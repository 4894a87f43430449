import { type Static, Type } from 'typebox';
import type { Language } from '../kernel/languages.ts';

export const closed = { additionalProperties: false } as const;

const OneText = Type.String({ minLength: 1, maxLength: 2000 });

/** A text of the organisation's. It may have places such as `{name}`, which values of the script fill. */
export const Wording = Type.Union(
  [OneText, Type.Object({ en: OneText, de: Type.Optional(OneText), ar: Type.Optional(OneText) }, closed)],
  { description: 'A text, or one for each language. `{name}` stands for a value of the data that the script gives.' },
);
export type Wording = Static<typeof Wording>;

export function wordingIn(language: Language, wording: Wording): string {
  return typeof wording === 'string' ? wording : (wording[language] ?? wording.en);
}
