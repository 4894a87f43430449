import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanUsername, isUsername, maxUsernameLength, usernameKey } from '../../src/directory/usernames.ts';

describe('one name in several spellings', () => {
  test.each<[string, ...string[]]>([
    ['case', 'ann.lee', 'Ann.Lee', 'ANN.LEE'],
    ['spaces around and doubled', 'ann lee', ' Ann Lee ', 'ann  lee'],
    ['composed and decomposed', 'jos\u00e9', 'jose\u0301', 'JOS\u00c9'],
    ['fullwidth and halfwidth', 'ann', '\uff21\uff4e\uff4e', 'Ann'],
    ['halfwidth katakana', '\u30ac\u30f3', '\uff76\uff9e\uff9d'],
    ['the wide space', 'ann lee', 'ann\u3000lee'],
    ['sharp s', 'strasse', 'stra\u00dfe', 'STRASSE'],
    ['final sigma', '\u03bf\u03b4\u03bf\u03c3', '\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c2'],
    ['dotless i', 'ilk', '\u0131lk', 'ILK'],
    ['a ligature', 'office', 'o\ufb03ce'],
    ['the Kelvin sign', 'kim', '\u212aim'],
  ])('%s', (_name, first, ...others) => {
    for (const other of others) expect(usernameKey(other)).toBe(usernameKey(first));
  });
});

test.each([
  'ann',
  'ann@example.com',
  'o\u2019neill'.replace('\u2019', "'"),
  'иван@example.com',
  'Ελένη',
  '王小明',
  '田中さくら',
  'محمد',
  'דנה',
  'สมชาย',
  'राम',
  '홍길동',
  'ann_lee-1+work',
  'משה.cohen',
])('«%s» is a user name', (name) => {
  expect(isUsername(name)).toBe(true);
});

describe('refused', () => {
  test.each<[string, string]>([
    ['nothing', ''],
    ['only spaces', '   '],
    ['a null byte', 'ann\u0000'],
    ['a line break', 'ann\nlee'],
    ['a tab', 'ann\tlee'],
    ['an escape character', '\u001b[31mann'],
    ['a zero-width space', 'an\u200bn'],
    ['a zero-width joiner', 'an\u200dn'],
    ['a byte order mark', '\ufeffann'],
    ['a soft hyphen', 'an\u00adn'],
    ['a right-to-left override', 'ann\u202egro'],
    ['a bidi isolate', '\u2066ann\u2069'],
    ['a variation selector', 'ann\ufe0f'],
    ['a Hangul filler', 'ann\u3164'],
    ['a combining grapheme joiner', 'a\u034fnn'],
    ['a no-break space', 'ann\u00a0lee'],
    ['a letter of mathematics', '\ud835\udc1ann'],
    ['a Roman numeral', 'henry\u2163'],
    ['an emoji', 'ann\u{1f600}'],
    ['punctuation beyond ASCII', 'ann\u2024lee'],
    ['half a surrogate pair', 'ann\ud800'],
    ['a private character', 'ann\ue000'],
    ['a character nobody has defined', 'ann\u0378'],
    ['a mark without a letter', '\u0301ann'],
    ['a pile of marks', 'a\u0316\u0317\u0318\u0319nn'],
    ['Latin with a Cyrillic a', 'p\u0430ypal'],
    ['Latin with a Greek o', 'micr\u03bfsoft'],
    ['Greek with a Cyrillic letter', '\u03b1\u0431'],
    ['Latin with an Armenian letter', 'a\u0578n'],
    ['the same inside an address', 'ann@p\u0430ypal.com'],
    ['two directions in a word', 'ann\u05d0'],
    ['a digit before right-to-left letters', '1\u05d0\u05d1'],
    ['two kinds of digits', 'ann1\u0661'],
    ['too many characters', 'a'.repeat(maxUsernameLength + 1)],
    ['too many once they are folded', 'ß'.repeat(maxUsernameLength)],
  ])('%s', (_name, name) => {
    expect(() => usernameKey(name)).toThrow(expect.objectContaining({ code: 'USERNAME_INVALID' }));
  });
});

describe('for any text', () => {
  const names = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...'aßıİǰςΣаАοΟ１ ﾞｶ\u0301\u200d@.'), maxLength: 12 }),
  );

  test('a key is its own key', () => {
    fc.assert(
      fc.property(names.filter(isUsername), (name) => {
        expect(usernameKey(usernameKey(name))).toBe(usernameKey(name));
      }),
    );
  });

  test('case, composition and spaces around it make no other name', () => {
    fc.assert(
      fc.property(names.filter(isUsername), (name) => {
        const key = usernameKey(name);
        for (const other of [key.toUpperCase(), key.normalize('NFD'), ` ${key} `]) {
          if (other.length <= maxUsernameLength) expect(usernameKey(other)).toBe(key);
        }
      }),
    );
  });

  test('no key has an invisible character, and none is too long', () => {
    fc.assert(
      fc.property(names.filter(isUsername), (name) => {
        const key = usernameKey(name);
        expect(key).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
        expect(key).toBe(key.trim());
        expect(key.length).toBeGreaterThan(0);
        expect(key.length).toBeLessThanOrEqual(maxUsernameLength);
      }),
    );
  });

  test('the name that is kept has the same key', () => {
    fc.assert(
      fc.property(names.filter(isUsername), (name) => {
        expect(usernameKey(cleanUsername(name))).toBe(usernameKey(name));
      }),
    );
  });

  test('a refusal is always the same error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        try {
          usernameKey(name);
        } catch (error) {
          expect(error).toMatchObject({ code: 'USERNAME_INVALID' });
        }
      }),
    );
  });
});
