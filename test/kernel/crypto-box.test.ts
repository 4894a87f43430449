import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';

const keys = new Map([
  ['new', randomBytes(32)],
  ['old', randomBytes(32)],
]);
const macKey = randomBytes(32);
const box = createCryptoBox({ keys, macKey });
const oldBox = createCryptoBox({ keys: new Map([...keys].filter(([name]) => name === 'old')), macKey });

describe('a sealed value', () => {
  test.each(['', 'secret', 'ünïcödé 🔑', 'x'.repeat(100_000)])('opens at its place', (plain) => {
    const sealed = box.seal(plain, 'factors/factor_1/secret');
    expect(box.open(sealed, 'factors/factor_1/secret')).toBe(plain);
    if (plain) expect(sealed).not.toContain(plain);
  });

  test('never looks the same twice', () => {
    expect(box.seal('same', 'p')).not.toBe(box.seal('same', 'p'));
  });

  test('opens under every key that is held, and not without', () => {
    const sealed = oldBox.seal('secret', 'p');
    expect(box.open(sealed, 'p')).toBe('secret');
    expect(() => oldBox.open(box.seal('secret', 'p'), 'p')).toThrow('no key named "new" to open p');
  });

  const sealed = box.seal('secret', 'p');
  const dot = sealed.indexOf('.');
  const flip = (at: number) => {
    const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url');
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return `new.${bytes.toString('base64url')}`;
  };
  test.each([
    ['moved to another place', sealed, 'q'],
    ['with a changed nonce', flip(0), 'p'],
    ['with a changed tag', flip(12), 'p'],
    ['with a changed body', flip(28), 'p'],
    ['cut off', sealed.slice(0, -2), 'p'],
    ['cut off within its tag', sealed.slice(0, dot + 25), 'p'],
    // A shorter tag would be quicker to guess (NIST SP 800-38D, appendix C).
    ['with a tag of four bytes', box.seal('', 'p').slice(0, 'new.'.length + 21) + 'A', 'p'],
    ['under another key’s name', `old${sealed.slice(dot)}`, 'p'],
    ['without a key’s name', sealed.slice(dot + 1), 'p'],
    ['empty', '', 'p'],
  ])('does not open %s', (_, text, place) => {
    expect(() => box.open(text, place)).toThrow();
  });
});

describe('a keyed hash', () => {
  test('is the same for the same purpose and text, whatever keys seal', () => {
    expect(box.mac('subject', 'ann')).toBe(oldBox.mac('subject', 'ann'));
    expect(box.mac('subject', 'ann')).toMatch(/^[\w-]{43}$/);
  });

  test.each([
    ['another purpose', box.mac('other', 'ann')],
    ['another text', box.mac('subject', 'bob')],
    ['another key', createCryptoBox({ keys, macKey: randomBytes(32) }).mac('subject', 'ann')],
  ])('differs for %s', (_, other) => {
    expect(other).not.toBe(box.mac('subject', 'ann'));
  });
});

test('a box without a key is not made', () => {
  expect(() => createCryptoBox({ keys: new Map(), macKey })).toThrow('at least one key');
});
