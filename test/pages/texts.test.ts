import { describe, expect, test } from 'vitest';
import { errors } from '../../src/kernel/errors.ts';
import { placesOf } from '../../src/pages/names.ts';
import { texts } from '../../src/pages/texts/index.ts';

type Flat = Map<string, string>;
const flatten = (language: keyof typeof texts): Flat =>
  new Map(
    Object.entries(texts[language]).flatMap(([group, entries]) =>
      Object.entries(entries).map(([key, text]): [string, string] => [`${group}.${key}`, text]),
    ),
  );
const english = flatten('en');

describe.each(['de', 'ar'] as const)('the texts in %s', (language) => {
  const own = flatten(language);

  test('have the places of the English ones', () => {
    for (const [key, text] of english)
      expect([key, placesOf(own.get(key) ?? '').sort()]).toEqual([key, placesOf(text).sort()]);
  });

  test('are translated', () => {
    const sameWord = {
      de: ['step.code', 'error.code', 'claims.fullname', 'claims.url', 'claims.organization'],
      ar: [] as string[],
    }[language];
    const untranslated = [...english].filter(([key, text]) => own.get(key) === text && !sameWord.includes(key));
    expect(untranslated).toEqual([]);
  });
});

test('the Arabic texts are in Arabic letters', () => {
  const names = /\{\w+\}|\bJIT\b|\bQR\b/g;
  expect([...flatten('ar')].filter(([, text]) => /[a-z]/i.test(text.replace(names, '')))).toEqual([]);
});

test('every text says something and is written with care', () => {
  for (const language of ['en', 'de', 'ar'] as const) {
    for (const [key, text] of flatten(language)) {
      expect(text.trim(), `${language} ${key}`).not.toBe('');
      expect(text, `${language} ${key}: no double spaces, no straight apostrophes`).not.toMatch(/ {2}|\w'\w/);
    }
  }
});

describe('the sentences', () => {
  const sentences = Object.keys(texts.en.sentences);

  test('belong to codes that exist', () => {
    const known = [...Object.keys(errors), 'SCRIPT_FAILED'];
    expect(sentences.filter((code) => !known.includes(code))).toEqual([]);
  });

  /** Programs and admins meet these; where a person is concerned, another code stands for them. */
  const withoutSentence =
    /^(UNAUTHORIZED|NOT_FOUND|VALIDATION_FAILED|CONFLICT|CHANGED_MEANWHILE|SETTING_INVALID|RULES_BROKEN|SCENARIOS_FAILED|(CALL|EGRESS|SCRIPT)_.*)$/;

  test('exist for every code that a person can meet', () => {
    const missing = Object.keys(errors).filter((code) => !sentences.includes(code) && !withoutSentence.test(code));
    expect(missing, 'give these codes a sentence in src/pages/texts/*.ts, or list them above').toEqual([]);
  });
});
