import { hash as argon2Hash } from '@node-rs/argon2';
import { describe, expect, test } from 'vitest';
import { checkNewPassword, createPasswords } from '../../src/directory/passwords.ts';
import { createWorkQueue } from '../../src/directory/work-queue.ts';

const passwords = createPasswords({ concurrency: 1 });

describe('a password', () => {
  test('is kept as argon2id with 19 MiB, two passes and a salt of its own', async () => {
    const [one, two] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(two).not.toBe(one);
    expect(await passwords.verify(one, 'correct horse')).toBe(true);
    expect(await passwords.verify(one, 'correct horsf')).toBe(false);
  });

  test.each([
    ['an accent typed in one or two characters', 'caf\u00e9 au lait', 'cafe\u0301 au lait'],
    ['wide letters', '\uff43\uff4f\uff52\uff52\uff45\uff43\uff54 horse', 'correct horse'],
  ])('is the same with %s', async (_case, stored, typed) => {
    expect(await passwords.verify(await passwords.hash(stored), typed)).toBe(true);
  });

  test('is never cut off', async () => {
    const long = 'x'.repeat(1023);
    const hash = await passwords.hash(`${long}a`);
    expect(await passwords.verify(hash, `${long}b`)).toBe(false);
    expect(await passwords.verify(hash, `${long}a`)).toBe(true);
  });

  test('that is too long or not Unicode matches nothing, not even the hash of an empty one', async () => {
    const empty = await passwords.hash('');
    expect(await passwords.verify(empty, 'x'.repeat(1025))).toBe(false);
    expect(await passwords.verify(empty, 'x\ud800')).toBe(false);
  });
});

test.each([
  ['an unknown account', null, 'correct horse'],
  ['a password that is too long', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$b3V0cHV0b3V0cHV0', 'x'.repeat(5000)],
  ['any other', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$b3V0cHV0b3V0cHV0', 'correct horse'],
])('%s costs one hashing like any other', async (_case, hash, password) => {
  const before = passwords.load().finished;
  expect(await passwords.verify(hash, password)).toBe(false);
  expect(passwords.load().finished - before).toBe(1);
});

test('a hash made with other parameters is due for a new one', async () => {
  expect(passwords.needsRehash(await passwords.hash('correct horse'))).toBe(false);
  expect(passwords.needsRehash(await argon2Hash('correct horse', { memoryCost: 12_288, timeCost: 3 }))).toBe(true);
});

test.each([
  ['seven characters', 'sevench', 'PASSWORD_TOO_SHORT'],
  ['one that everybody tries', 'password1', 'PASSWORD_COMMON'],
  ['digits in a row', '1234567890', 'PASSWORD_COMMON'],
  ['a name with capitals', 'SunShine1', 'PASSWORD_COMMON'],
  ['a common one in wide letters', 'ｐａｓｓｗｏｒｄ', 'PASSWORD_COMMON'],
  ['seven characters of two code units', '🐎🐎🐎🐎🐎🐎🐎', 'PASSWORD_TOO_SHORT'],
  ['characters that are fewer after normalisation', 'e\u0301e\u0301e\u0301e\u0301', 'PASSWORD_TOO_SHORT'],
  ['1,025 bytes', 'x'.repeat(1025), 'VALIDATION_FAILED'],
  ['half a surrogate pair', 'correct horse \ud83d', 'VALIDATION_FAILED'],
])('a new password of %s is refused', (_case, password, code) => {
  expect(() => checkNewPassword(password)).toThrow(expect.objectContaining({ code }));
});

test.each(['eightcha', '        ', '🐎🐎🐎🐎🐎🐎🐎🐎', 'x'.repeat(1024)])(
  'a new password like %j is taken',
  (password) => {
    expect(() => checkNewPassword(password)).not.toThrow();
  },
);

describe('the work queue', () => {
  test('runs so many at once, the others in order, and refuses what is more than may wait', async () => {
    const queue = createWorkQueue({ concurrency: 2, waiting: 3 });
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    const begun: number[] = [];
    const ends = gates.map((gate, index) =>
      queue.run(async () => {
        begun.push(index);
        await gate.promise;
      }),
    );
    await expect(queue.run(async () => {})).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(queue.load()).toEqual({ running: 2, waiting: 3, finished: 0 });
    expect(begun).toEqual([0, 1]);

    gates[1]?.resolve();
    await ends[1];
    await expect.poll(() => begun).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve();
    await Promise.all(ends);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    expect(queue.load()).toEqual({ running: 0, waiting: 0, finished: 5 });
  });

  test('gives the place of failed work to the next', async () => {
    const queue = createWorkQueue({ concurrency: 1, waiting: 1 });
    const first = queue.run(() => Promise.reject(new Error('broken')));
    const second = queue.run(async () => 'done');
    await expect(first).rejects.toThrow('broken');
    expect(await second).toBe('done');
  });

  test('a password check that finds no place is refused as overload', async () => {
    const narrow = createPasswords({ concurrency: 1, waiting: 0 });
    const first = narrow.hash('correct horse');
    await expect(narrow.verify(null, 'correct horse')).rejects.toMatchObject({ code: 'OVERLOADED' });
    await first;
  });
});
