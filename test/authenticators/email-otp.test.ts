import { describe, expect, test } from 'vitest';
import type { Form, Move, StepContext, StepState } from '../../src/authenticators/authenticator.ts';
import { createEmailOtp } from '../../src/authenticators/email-otp/index.ts';
import { readLimits } from '../../src/authenticators/email-otp/limits.ts';
import type { User } from '../../src/directory/user.ts';
import { minute, second } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { Login } from '../../src/login/login.ts';
import { maskAddress } from '../../src/pages/mail-addresses.ts';
import { writeCodeMail } from '../../src/pages/mails.ts';
import { monday, openFixture, verifiedAddress } from './fixture.ts';

async function openEmailOtp() {
  const fixture = await openFixture();
  const authenticator = createEmailOtp({
    ...fixture,
    writeCodeMail: (of) => writeCodeMail({ ...of, brand: 'Example Org' }),
    maskAddress,
  });
  const user = await fixture.addUser(verifiedAddress('ann@example.com'));
  // One login: its id and step stay the same from request to request.
  const { login } = fixture.context();
  const context = (change: Partial<StepContext> = {}) => fixture.context({ login, user, ...change });
  return {
    ...fixture,
    authenticator,
    user,
    context,
    begin: async (change: Partial<StepContext> = {}) => fixture.settle(await authenticator.begin(context(change))),
    answer: async (state: StepState, form: Form, change: Partial<StepContext> = {}) =>
      fixture.settle(await authenticator.answer(context(change), state, form)),
    /** The codes that were mailed, oldest first. */
    async codes() {
      return (await fixture.readOutbox()).map(({ text }) => /\b\d{8}\b/.exec(text)?.[0] ?? 'none');
    },
  };
}

/** A step whose first code was sent. */
async function openSent() {
  const step = await openEmailOtp();
  const state = shown(await step.begin());
  const [code = 'none'] = await step.codes();
  return { ...step, state, code };
}

function shown(move: Move): StepState {
  if (move.kind !== 'show' && move.kind !== 'wrong') throw new Error(`not shown: ${JSON.stringify(move)}`);
  return move.state;
}

function notThe(code: string): string {
  return code === '00000000' ? '11111111' : '00000000';
}

const wrong = { kind: 'wrong', problem: { code: 'CODE_WRONG', field: 'code' } };
const success = { kind: 'success', amr: ['mail'] };

describe('the first code', () => {
  test('goes to the verified address, and only a keyed hash of it stays', async () => {
    const { state, code, readOutbox, authenticator, context } = await openSent();
    expect(code).toMatch(/^\d{8}$/);
    expect(await readOutbox()).toMatchObject([{ to: 'ann@example.com', expiresAt: monday + 10 * minute }]);
    expect(JSON.stringify(state)).not.toContain(code);
    expect(authenticator.view(context(), state)).toEqual({
      view: 'email-otp',
      model: { maskedAddress: 'a•••@example.com', lifetime: 600, canResend: true, sentAgain: false },
    });
  });

  test('is right once typed, with spaces or without', async () => {
    const { state, code, answer, user } = await openSent();
    expect(await answer(state, { code: ` ${code.slice(0, 4)} ${code.slice(4)}` })).toMatchObject({
      ...success,
      person: { userId: user.id },
    });
  });

  test.each<[string, Partial<User>]>([
    ['no address', {}],
    ['an address that nobody verified', { ...verifiedAddress('ann@example.com'), verified: [] }],
    ['two addresses in one', verifiedAddress('ann@example.com,eve@example.com')],
    ['a line break in it', verifiedAddress('ann@example.com\r\nBcc: eve@example.com')],
  ])('is not sent where the account has %s', async (_case, address) => {
    const { addUser, begin, readOutbox } = await openEmailOtp();
    const user = await addUser({ username: 'bob', ...address });
    expect(await begin({ user })).toMatchObject({ kind: 'failed', problem: { code: 'NO_VERIFIED_ADDRESS' } });
    expect(await readOutbox()).toEqual([]);
  });

  test('is not sent and not kept when the unit fails', async () => {
    const { authenticator, context, database, readOutbox } = await openEmailOtp();
    const settle = await authenticator.begin(context());
    const unit = database.unit(async (stores) => {
      await settle(stores);
      throw new Error('another request was first');
    });
    await expect(unit).rejects.toThrow('another request was first');
    expect(await readOutbox()).toEqual([]);
  });
});

describe('an answer', () => {
  test.each<[string, (code: string) => Form, object]>([
    ['that is wrong', (code) => ({ code: notThe(code) }), wrong],
    ['that is cut off', (code) => ({ code: code.slice(0, 7) }), wrong],
    ['that is missing', () => ({}), { kind: 'show', problem: { code: 'CODE_MISSING', field: 'code' } }],
  ])('%s', async (_case, form, move) => {
    const { state, code, answer } = await openSent();
    expect(await answer(state, form(code))).toMatchObject(move);
  });

  test('with the code of another login or another step is wrong', async () => {
    const { state, code, answer, context } = await openSent();
    expect(await answer(state, { code }, { login: { ...context().login, id: newId('login') } })).toMatchObject(wrong);
    expect(await answer(state, { code }, { seq: 4 })).toMatchObject(wrong);
  });

  test.each([
    [10 * minute - 1, success],
    [10 * minute, { kind: 'show', problem: { code: 'CODE_EXPIRED', field: 'code' } }],
  ])('after %d ms', async (milliseconds, move) => {
    const { state, code, answer, clock } = await openSent();
    clock.turn(milliseconds);
    expect(await answer(state, { code })).toMatchObject(move);
  });

  test('does not count once the address is no longer the account’s', async () => {
    const { state, code, answer, changeUser, user } = await openSent();
    await changeUser(user, verifiedAddress('new@example.com'));
    expect(await answer(state, { code })).toMatchObject({ kind: 'show', problem: { code: 'CODE_EXPIRED' } });
  });

  test('given a hundred times at once ends the step once', async () => {
    const { state, code, authenticator, context, database } = await openSent();
    const { login, now } = context();
    await database.unit((stores) =>
      stores.logins.insert({ ...storedLogin, id: login.id, createdAt: now, expiresAt: now + 1 }),
    );
    const ends = await Promise.allSettled(
      Array.from({ length: 100 }, async () => {
        const settle = await authenticator.answer(context(), state, { code });
        // As the login does: the entry is written in the same unit, and there is room for one.
        return database.unit(async (stores) => {
          const move = await settle(stores);
          const entry = {
            seq: 3,
            op: 'step',
            contentSealed: 'x',
            note: false,
            at: now,
            line: null,
            column: null,
            library: null,
            cpuUs: null,
          };
          await stores.logins.appendEntry(login.id, entry);
          return move;
        });
      }),
    );
    expect(ends.filter((end) => end.status === 'fulfilled').map(({ value }) => value.kind)).toEqual(['success']);
  });
});

describe('wrong codes', () => {
  test('are limited by the script, over all codes of the step', async () => {
    const { state, code, answer } = await openSent();
    const change = { parameters: { maximumAllowedFailureAttempts: '2' } };
    const once = shown(await answer(state, { code: notThe(code) }, change));
    const again = shown(await answer(once, { action: 'resend' }, change));
    expect(await answer(again, { code: 'no' }, change)).toMatchObject({
      kind: 'failed',
      problem: { code: 'TOO_MANY_ATTEMPTS' },
    });
  });

  test.each(['0', 'many', '99', '-1'])('a script that sets %s leaves it at five', async (value) => {
    const { state, code, answer } = await openSent();
    const change = { parameters: { maximumAllowedFailureAttempts: value } };
    let now = state;
    for (let guess = 1; guess <= 4; guess++) now = shown(await answer(now, { code: notThe(code) }, change));
    expect(await answer(now, { code: notThe(code) }, change)).toMatchObject({ kind: 'failed' });
  });

  test('make the account wait, in whichever login they are given', async () => {
    const { state, code, answer, clock } = await openSent();
    for (let guess = 0; guess < 11; guess++) await answer(state, { code: notThe(code) });
    expect(await answer(state, { code })).toMatchObject({
      kind: 'show',
      problem: { code: 'TRY_LATER', params: { wait: '10' } },
    });
    clock.turn(10 * second);
    expect(await answer(state, { code })).toMatchObject(success);
  });
});

describe('asking for a new code', () => {
  test('makes the old one worthless and the new one last from now', async () => {
    const { state, code, answer, codes, clock, authenticator, context } = await openSent();
    clock.turn(9 * minute);
    const renewed = shown(await answer(state, { action: 'resend' }));
    const [, fresh = 'none'] = await codes();
    expect(await answer(renewed, { code })).toMatchObject(code === fresh ? success : wrong);
    clock.turn(9 * minute);
    expect(await answer(renewed, { code: fresh })).toMatchObject(success);
    expect(authenticator.view(context(), renewed)).toMatchObject({ model: { sentAgain: true } });
  });

  test.each([
    ['five times', {}, 5, { kind: 'show', problem: { code: 'RESEND_TOO_OFTEN' } }],
    [
      'as often as the script says',
      { maximumAllowedResendAttempts: '1' },
      1,
      { kind: 'show', problem: { code: 'RESEND_TOO_OFTEN' } },
    ],
    [
      'never, if the script says so',
      { maximumAllowedResendAttempts: '0' },
      0,
      { kind: 'show', problem: { code: 'RESEND_TOO_OFTEN' } },
    ],
    [
      'once, and then the step ends if the script says so',
      { maximumAllowedResendAttempts: '1', terminateOnResendLimitExceeded: 'true' },
      1,
      { kind: 'failed', problem: { code: 'RESEND_TOO_OFTEN' } },
    ],
  ])('works %s', async (_case, parameters, times, move) => {
    const { state, answer, codes, authenticator, context } = await openSent();
    let now = state;
    for (let resend = 0; resend < times; resend++) now = shown(await answer(now, { action: 'resend' }, { parameters }));
    expect(await codes()).toHaveLength(times + 1);
    expect(authenticator.view(context({ parameters }), now)).toMatchObject({ model: { canResend: false } });
    expect(await answer(now, { action: 'resend' }, { parameters })).toMatchObject(move);
    expect(await codes()).toHaveLength(times + 1);
    const newest = (await codes()).at(-1) ?? '';
    expect(await answer(now, { code: newest }, { parameters })).toMatchObject(success);
  });

  test.each([
    ['100', 100],
    ['999', 100],
    ['1000', 5],
    ['-1', 5],
    ['1.5', 5],
    ['', 5],
  ])('where the script says %j, works %d times', (maximumAllowedResendAttempts, resends) => {
    expect(readLimits({ parameters: { maximumAllowedResendAttempts } })).toMatchObject({ resends });
  });

  test('is slowed down for an account that never uses its codes', async () => {
    const { begin, codes, clock, answer } = await openEmailOtp();
    for (let mail = 0; mail < 21; mail++) await begin();
    const late = await begin();
    expect(late).toMatchObject({ kind: 'show', problem: { code: 'TRY_LATER', params: { wait: '60' } } });
    expect(await codes()).toHaveLength(21);
    expect(await answer(shown(late), { code: '12345678' })).toMatchObject(wrong);
    clock.turn(minute);
    expect(await answer(shown(late), { action: 'resend' })).toMatchObject({ kind: 'show', state: { sent: 1 } });
  });
});

const storedLogin: Omit<Login, 'id' | 'createdAt' | 'expiresAt'> = {
  interactionUid: 'interaction',
  applicationId: newId('app'),
  version: 1,
  browserHash: 'x',
  status: 'running',
  cursor: 3,
  waitingSealed: null,
  resultSealed: null,
  userId: null,
  reference: null,
  failureCode: null,
  endedAt: null,
  revision: 1,
};

test.each<[boolean, Partial<User>]>([
  [true, verifiedAddress('ann@example.com')],
  [false, { ...verifiedAddress('ann@example.com'), verified: [] }],
  [false, {}],
])('can be passed as things are: %j', async (usable, address) => {
  const { addUser, authenticator, database } = await openEmailOtp();
  const user = await addUser({ username: 'bob', ...address });
  expect(await authenticator.isUsable?.(database.read, user)).toBe(usable);
});
