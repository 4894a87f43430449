import fc from 'fast-check';
import { expect, test } from 'vitest';
import { languages, pickLanguage } from '../../src/kernel/languages.ts';

test.each([
  [{}, 'en'],
  [{ uiLocales: 'de' }, 'de'],
  [{ uiLocales: 'fr-CA ar de' }, 'ar'],
  [{ uiLocales: 'DE-ch', acceptLanguage: 'ar' }, 'de'],
  [{ uiLocales: 'fr', acceptLanguage: 'ar-EG,en;q=0.9' }, 'ar'],
  [{ acceptLanguage: 'en;q=0.5, de;q=0.9' }, 'de'],
  [{ acceptLanguage: 'de;q=0, ar;q=0.1' }, 'ar'],
  [{ acceptLanguage: 'fr, *;q=0.5' }, 'en'],
  [{ acceptLanguage: 'de-AT' }, 'de'],
  [{ uiLocales: null, acceptLanguage: undefined }, 'en'],
  [{ acceptLanguage: 'den' }, 'en'],
  [{ acceptLanguage: `${'x,'.repeat(100_000)}de` }, 'en'],
] as const)('%j is answered in %s', (asked, language) => {
  expect(pickLanguage(asked)).toBe(language);
});

test('whatever is asked, the answer is a language we have', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (uiLocales, acceptLanguage) =>
      languages.includes(pickLanguage({ uiLocales, acceptLanguage })),
    ),
  );
});
