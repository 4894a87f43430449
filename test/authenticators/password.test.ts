import { hash as argon2Hash } from '@node-rs/argon2';
import { describe, expect, test } from 'vitest';
import type { Form, StepContext } from '../../src/authenticators/authenticator.ts';
import { createPassword } from '../../src/authenticators/password/index.ts';
import { minute } from '../../src/kernel/clock.ts';
import { openFixture, verifiedAddress } from './fixture.ts';

async function openPassword() {
  const fixture = await openFixture();
  const authenticator = createPassword(fixture);
  return {
    ...fixture,
    authenticator,
    begin: async (change: Partial<StepContext> & { ip?: string } = {}) =>
      fixture.settle(await authenticator.begin(fixture.context(change))),
    answer: async (form: Form, change: Partial<StepContext> & { ip?: string } = {}) =>
      fixture.settle(await authenticator.answer(fixture.context(change), {}, form)),
  };
}

const wrong = { kind: 'wrong', problem: { code: 'INVALID_CREDENTIALS', field: 'password' } };

describe('what is typed', () => {
  test.each([
    ['the right password', 'ann', 'correct horse', { kind: 'success', amr: ['pwd'] }],
    ['the name in capitals and with spaces round it', '  ANN ', 'correct horse', { kind: 'success' }],
    ['the verified address', 'ann@example.com', 'correct horse', { kind: 'success' }],
    ['a wrong password', 'ann', 'wrong horse', wrong],
    ['the password of somebody else', 'ann', 'battery staple', wrong],
    ['an unknown name', 'carol', 'correct horse', wrong],
    ['a name that nobody can have', 'a\u202enn', 'correct horse', wrong],
    ['an address that nobody verified', 'bob@example.com', 'battery staple', wrong],
    ['an address that two accounts have', 'family@example.com', 'shared secret', wrong],
    ['the name of an account without a password', 'federated', 'correct horse', wrong],
    ['no name', ' ', 'correct horse', { kind: 'show', problem: { code: 'USERNAME_MISSING', field: 'username' } }],
    ['no password', 'ann', '', { kind: 'show', problem: { code: 'PASSWORD_MISSING', field: 'password' } }],
    [
      'the password of a locked account',
      'locked',
      'correct horse',
      { kind: 'failed', problem: { code: 'ACCOUNT_LOCKED' } },
    ],
    ['a wrong one for a locked account', 'locked', 'wrong horse', wrong],
    [
      'the password of a disabled account',
      'gone',
      'correct horse',
      { kind: 'failed', problem: { code: 'ACCOUNT_DISABLED' } },
    ],
    ['a wrong one for a disabled account', 'gone', 'wrong horse', wrong],
  ])('%s', async (_case, username, password, move) => {
    const { addUser, answer } = await openPassword();
    await addUser({ password: 'correct horse', ...verifiedAddress('ann@example.com') });
    await addUser({ username: 'bob', password: 'battery staple', ...verifiedAddress('bob@example.com'), verified: [] });
    await addUser({ username: 'dora', password: 'shared secret', ...verifiedAddress('family@example.com') });
    await addUser({ username: 'dave', password: 'shared secret', ...verifiedAddress('family@example.com') });
    await addUser({ username: 'federated' });
    await addUser({ username: 'locked', password: 'correct horse', locked: true });
    await addUser({ username: 'gone', password: 'correct horse', disabled: true, locked: true });
    expect(await answer({ username, password })).toMatchObject(move);
  });
});

test('an unknown name costs the work of a wrong password, and gets its answer', async () => {
  const { addUser, answer, passwords } = await openPassword();
  await addUser({ password: 'correct horse' });
  const cost = async (username: string) => {
    const before = passwords.load().finished;
    const move = await answer({ username, password: 'wrong horse' });
    const problem = 'problem' in move ? { ...move.problem, detail: undefined } : undefined;
    return { hashings: passwords.load().finished - before, move: { ...move, problem } };
  };
  expect(await cost('carol')).toEqual(await cost('ann'));
});

describe('somebody who is known already', () => {
  test('is asked for the password alone', async () => {
    const { addUser, authenticator, context, begin, answer } = await openPassword();
    const user = await addUser({ password: 'correct horse' });
    expect(await begin({ user })).toEqual({ kind: 'show', state: {} });
    expect(authenticator.view(context({ user }), {})).toEqual({ view: 'password', model: { username: 'ann' } });
    const other = context({ user, parameters: { username: 'ANN' } });
    expect(authenticator.view(other, {})).toEqual({ view: 'password', model: { username: 'ann' } });
    expect(await answer({ password: 'correct horse' }, { user })).toMatchObject({ person: { userId: user.id } });
    expect(await answer({ password: 'wrong horse' }, { user })).toMatchObject(wrong);
  });

  test('cannot go on as somebody else', async () => {
    const { addUser, begin, answer } = await openPassword();
    const user = await addUser({ password: 'correct horse' });
    await addUser({ username: 'bob', password: 'battery staple' });
    const failed = { kind: 'failed', problem: { code: 'WRONG_SUBJECT' } };
    expect(await answer({ username: 'bob', password: 'battery staple' }, { user })).toMatchObject(failed);
    expect(await answer({ password: 'battery staple' }, { user })).toMatchObject(wrong);
    expect(await begin({ user, parameters: { username: 'bob' } })).toMatchObject(failed);
  });
});

describe('a script', () => {
  test('can settle the name', async () => {
    const { addUser, authenticator, context, answer } = await openPassword();
    const user = await addUser({ password: 'correct horse' });
    await addUser({ username: 'bob', password: 'battery staple' });
    const parameters = { username: 'ann' };
    expect(authenticator.view(context({ parameters }), {})).toEqual({ view: 'password', model: { username: 'ann' } });
    const right = await answer({ username: 'bob', password: 'correct horse' }, { parameters });
    expect(right).toMatchObject({ kind: 'success', person: { userId: user.id } });
    expect(await answer({ username: 'bob', password: 'battery staple' }, { parameters })).toMatchObject(wrong);
  });

  test('can sign somebody in without a page, and shows it if the password is wrong', async () => {
    const { addUser, begin } = await openPassword();
    const user = await addUser({ password: 'correct horse' });
    expect(await begin({ parameters: { username: 'ann', password: 'correct horse' } })).toMatchObject({
      person: { userId: user.id },
    });
    expect(await begin({ parameters: { username: 'ann', password: 'wrong horse' } })).toMatchObject(wrong);
  });

  test.each<Record<string, string>>([
    {},
    { username: 'ann' },
    { password: 'correct horse' },
    { username: '', password: 'correct horse' },
  ])('asks with %j alone', async (parameters) => {
    const { addUser, begin } = await openPassword();
    await addUser({ password: 'correct horse' });
    expect(await begin({ parameters })).toEqual({ kind: 'show', state: {} });
  });

  test('that settles no name lets the person type one', async () => {
    const { authenticator, context } = await openPassword();
    const parameters = { username: '' };
    expect(authenticator.view(context({ parameters }), {})).toEqual({ view: 'password', model: { username: null } });
  });
});

describe('guessing', () => {
  test.each(['ann', 'carol'])(
    'at the name %s has to wait longer and longer, and costs no hashing meanwhile',
    async (username) => {
      const { addUser, answer, clock, passwords } = await openPassword();
      await addUser({ password: 'correct horse' });
      for (let guess = 0; guess < 11; guess++) await answer({ username, password: 'wrong horse' });
      const before = passwords.load().finished;
      const wait = (seconds: string) => ({ kind: 'show', problem: { code: 'TRY_LATER', params: { wait: seconds } } });
      expect(await answer({ username, password: 'correct horse' })).toMatchObject(wait('2'));
      expect(passwords.load().finished).toBe(before);
      clock.turn(2000);
      expect(await answer({ username, password: 'wrong horse' })).toMatchObject(wrong);
      expect(await answer({ username, password: 'wrong horse' })).toMatchObject(wait('4'));
    },
  );

  test('a hundred times at once gets no further than ten guesses and one', async () => {
    const { addUser, answer } = await openPassword();
    await addUser({ password: 'correct horse' });
    const moves = await Promise.all(
      Array.from({ length: 100 }, (_, guess) => answer({ username: 'ann', password: `guess ${guess}` })),
    );
    expect(moves.filter((move) => move.kind === 'wrong')).toHaveLength(11);
    expect(moves.filter((move) => move.kind === 'show')).toHaveLength(89);
  });

  test('ends with the right password, and starts from nothing again', async () => {
    const { addUser, answer, database, throttling, clock } = await openPassword();
    await addUser({ password: 'correct horse' });
    for (let guess = 0; guess < 10; guess++) await answer({ username: 'ann', password: 'wrong horse' });
    expect(await answer({ username: 'ann', password: 'correct horse' })).toMatchObject({ kind: 'success' });
    const attempt = { kind: 'password', subject: 'ann', ip: '198.51.100.9' } as const;
    for (let guess = 0; guess < 10; guess++) await answer({ username: 'ann', password: 'wrong horse' });
    expect(await throttling.findWait(database.read.throttle, attempt, clock.now())).toBe(0);
  });

  test('by strangers does not keep out somebody who signed in from their network before', async () => {
    const { addUser, answer, clock } = await openPassword();
    await addUser({ password: 'correct horse' });
    await answer({ username: 'ann', password: 'correct horse' });
    for (let guess = 0; guess < 40; guess++) {
      await answer({ username: 'ann', password: 'wrong horse' }, { ip: `198.51.100.${guess}` });
      clock.turn(15 * minute);
    }
    expect(await answer({ username: 'ann', password: 'correct horse' })).toMatchObject({ kind: 'success' });
  });
});

describe('what changes between the check and the unit', () => {
  const right = { username: 'ann', password: 'correct horse' };

  test.each([
    ['disabled', { disabled: true }, 'ACCOUNT_DISABLED'],
    ['locked', { locked: true }, 'ACCOUNT_LOCKED'],
  ])('an account that is %s lets nobody in', async (_case, change, code) => {
    const { addUser, changeUser, authenticator, context, settle } = await openPassword();
    const user = await addUser({ password: 'correct horse' });
    const checked = await authenticator.answer(context(), {}, right);
    await changeUser(user, change);
    expect(await settle(checked)).toMatchObject({ kind: 'failed', problem: { code } });
  });

  test('a password that was replaced is not right any more', async () => {
    const { addUser, authenticator, context, settle, database, passwords } = await openPassword();
    const user = await addUser({ password: 'correct horse' });
    const checked = await authenticator.answer(context(), {}, right);
    const hash = await passwords.hash('another horse');
    await database.unit(({ users }) => users.setPasswordHash(user.id, hash));
    expect(await settle(checked)).toMatchObject({ kind: 'show', problem: { code: 'INVALID_CREDENTIALS' } });
  });
});

test('a hash with old parameters is replaced when the password comes', async () => {
  const { addUser, answer, database, passwords } = await openPassword();
  const user = await addUser();
  const old = await argon2Hash('correct horse', { memoryCost: 8192, timeCost: 1 });
  await database.unit(({ users }) => users.setPasswordHash(user.id, old));
  expect(await answer({ username: 'ann', password: 'wrong horse' })).toMatchObject(wrong);
  expect(await database.read.users.findPasswordHash(user.id)).toBe(old);
  expect(await answer({ username: 'ann', password: 'correct horse' })).toMatchObject({ kind: 'success' });
  const fresh = await database.read.users.findPasswordHash(user.id);
  expect(fresh !== null && passwords.needsRehash(fresh)).toBe(false);
  expect(await answer({ username: 'ann', password: 'correct horse' })).toMatchObject({ kind: 'success' });
});
