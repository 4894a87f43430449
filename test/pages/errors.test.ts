import { describe, expect, test } from 'vitest';
import { personSentence } from '../../src/pages/errors.ts';
import { texts } from '../../src/pages/texts/index.ts';

describe('the sentence for a person', () => {
  test('tells why a sign-in without an account fails at a factor, word for word', () => {
    expect(personSentence('en', 'ACCOUNT_REQUIRED', { connection: 'Google', factor: 'TOTP' })).toBe(
      'Sign-in needs an account here: connection «Google» signs people in without one (JIT provisioning is off), and «TOTP» belongs to an account.',
    );
  });

  test.each([
    ['SCRIPT_TIMEOUT', 'SCRIPT_FAILED'],
    ['SCRIPT_OF_TOMORROW', 'SCRIPT_FAILED'],
    ['UNAUTHORIZED', 'INTERNAL'],
    ['no such code', 'INTERNAL'],
    ['toString', 'INTERNAL'],
    ['__proto__', 'INTERNAL'],
  ] as const)('of %s is that of %s', (code, sentence) => {
    for (const language of ['en', 'de', 'ar'] as const) {
      expect(personSentence(language, code)).toBe(texts[language].sentences[sentence]);
    }
  });

  test('is the general one when its names are missing', () => {
    expect(personSentence('en', 'ACCOUNT_REQUIRED', { connection: 'Google' })).toBe(texts.en.sentences.INTERNAL);
    expect(personSentence('en', 'PASSWORD_TOO_SHORT')).toBe(texts.en.sentences.INTERNAL);
  });

  test.each([
    ['en', '45', 'Wait 45 seconds, then'],
    ['en', '601', 'Wait 11 minutes, then'],
    ['de', '120', 'Warten Sie 2 Minuten und'],
    ['de', '36000', 'Warten Sie 10 Stunden und'],
    ['ar', '300', '5 دقائق'],
    ['en', '', 'Wait a little while, then'],
    ['en', 'NaN', 'Wait a little while, then'],
    ['en', '-3', 'Wait a little while, then'],
  ] as const)('in %s says how long to wait: %j', (language, wait, words) => {
    expect(personSentence(language, 'TRY_LATER', { wait })).toContain(words);
  });

  test('does not tell that a user name belongs to somebody else', () => {
    for (const language of ['en', 'de', 'ar'] as const) {
      expect(personSentence(language, 'USERNAME_TAKEN')).toBe(personSentence(language, 'PROVISIONING_FAILED'));
    }
  });

  test('isolates names that run the other way', () => {
    expect(personSentence('en', 'ACCOUNT_REQUIRED', { connection: 'شركة', factor: '\u202ETOTP' })).toContain(
      '«\u2068شركة\u2069» signs people in without one (JIT provisioning is off), and «TOTP»',
    );
  });
});
