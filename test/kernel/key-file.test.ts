import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { loadKeys } from '../../src/kernel/key-file.ts';
import { runNode } from './run-node.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stepgate-keys-'));
  file = join(directory, 'keys.json');
});

afterEach(() => rmSync(directory, { recursive: true }));

const good = 'A'.repeat(43);
const write = (content: unknown, mode = 0o600) => {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(file, mode);
};

describe('the first start', () => {
  test('makes a key file that only its owner may use', () => {
    const { keys, macKey } = loadKeys({ file });
    expect([...keys.values(), macKey].map((key) => key.length)).toEqual([32, 32]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['keys.json']);
  });

  test('makes its directory, for the owner only', () => {
    loadKeys({ file: join(directory, 'new', 'keys.json') });
    expect(statSync(join(directory, 'new')).mode & 0o777).toBe(0o700);
  });

  test('never makes the same keys twice, and never a second file', () => {
    const first = loadKeys({ file });
    expect(loadKeys({ file })).toEqual(first);
    rmSync(file);
    const other = loadKeys({ file });
    expect(other.macKey).not.toEqual(first.macKey);
    expect([...other.keys.values()]).not.toEqual([...first.keys.values()]);
  });

  test('makes no keys where a database waits for its own', () => {
    expect(() => loadKeys({ file, create: false })).toThrow(`The key file ${file} is missing. Restore it`);
    expect(existsSync(file)).toBe(false);
  });

  test('of several processes at once, all end with the same keys', async () => {
    const program = `import { loadKeys } from ${JSON.stringify(new URL('../../src/kernel/key-file.ts', import.meta.url).href)};
      console.log(loadKeys({ file: ${JSON.stringify(file)} }).macKey.toString('hex'));`;
    const printed = await Promise.all(Array.from({ length: 4 }, () => runNode(program)));
    expect(new Set(printed).size).toBe(1);
    expect(readdirSync(directory)).toEqual(['keys.json']);
  });
});

test('the first key seals, and all of them open', () => {
  write({ keys: [{ name: 'old', key: good }], macKey: good });
  const sealed = createCryptoBox(loadKeys({ file })).seal('secret', 'here');
  // "2" comes first although it would sort behind, and although objects put numbers first.
  write({
    keys: [
      { name: '2', key: 'B'.repeat(43) },
      { name: 'old', key: good },
    ],
    macKey: good,
  });
  const box = createCryptoBox(loadKeys({ file }));
  expect(box.open(sealed, 'here')).toBe('secret');
  expect(box.seal('secret', 'here')).toMatch(/^2\./);
});

describe('a file is refused, and left as it is,', () => {
  const key = { name: 'a', key: good };
  test.each<[string, unknown, number, string]>([
    ['when its group may read it', { keys: [key], macKey: good }, 0o640, 'chmod 600'],
    ['when everybody may read it', { keys: [key], macKey: good }, 0o604, 'chmod 600'],
    ['when others may write it', { keys: [key], macKey: good }, 0o602, 'chmod 600'],
    ['when it is empty', '', 0o600, 'is not JSON'],
    ['when it is cut off', '{"keys":[{"na', 0o600, 'is not JSON'],
    ['when it is null', 'null', 0o600, 'has no "keys"'],
    ['without keys', { macKey: good }, 0o600, 'has no "keys"'],
    ['with an empty list of keys', { keys: [], macKey: good }, 0o600, 'has no "keys"'],
    ['with a key that is null', { keys: [null], macKey: good }, 0o600, 'keys[0].name'],
    ['with a dot in a name', { keys: [{ name: 'a.b', key: good }], macKey: good }, 0o600, 'keys[0].name'],
    ['with a name twice', { keys: [key, key], macKey: good }, 0o600, 'keys[1].name'],
    ['with a short key', { keys: [{ name: 'a', key: good.slice(1) }], macKey: good }, 0o600, 'keys[0].key'],
    ['with a key in hexadecimal', { keys: [{ name: 'a', key: 'ab'.repeat(32) }], macKey: good }, 0o600, 'keys[0].key'],
    ['without a key for hashes', { keys: [key] }, 0o600, 'macKey'],
  ])('%s', (_, content, mode, message) => {
    write(content, mode);
    const before = readFileSync(file, 'utf8');
    const refusal = expect.objectContaining({ code: 'SETTING_INVALID', message: expect.stringContaining(message) });
    expect(() => loadKeys({ file })).toThrow(refusal);
    expect(() => loadKeys({ file })).toThrow(file);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(statSync(file).mode & 0o777).toBe(mode);
  });
});

test('a place that cannot be used is named', () => {
  writeFileSync(join(directory, 'file'), '');
  const refusal = expect.objectContaining({
    code: 'SETTING_INVALID',
    message: expect.stringContaining('cannot be read'),
  });
  expect(() => loadKeys({ file: join(directory, 'file', 'keys.json') })).toThrow(refusal);
});
