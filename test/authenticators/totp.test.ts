import { Secret, TOTP, URI } from 'otpauth';
import { describe, expect, test } from 'vitest';
import type { Form, StepContext, StepState } from '../../src/authenticators/authenticator.ts';
import { createTotp } from '../../src/authenticators/totp/index.ts';
import { findTimeStep } from '../../src/authenticators/totp/time-code.ts';
import type { User } from '../../src/directory/user.ts';
import { day, hour, second } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/ids.ts';
import { writeFactorAddedMail } from '../../src/pages/mails.ts';
import { monday, openFixture, verifiedAddress } from './fixture.ts';

const key = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** What an app shows at a time. */
function codeAt(time: number, secret = key): string {
  return TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: time });
}

async function openTotp() {
  const fixture = await openFixture();
  const { box, database, clock } = fixture;
  const authenticator = createTotp({
    ...fixture,
    issuer: 'Example Org',
    writeFactorAddedMail: (of) => writeFactorAddedMail({ ...of, brand: 'Example Org' }),
  });
  return {
    ...fixture,
    authenticator,
    begin: async (change: Partial<StepContext>) => fixture.settle(await authenticator.begin(fixture.context(change))),
    answer: async (form: Form, change: Partial<StepContext>, state: StepState = {}) =>
      fixture.settle(await authenticator.answer(fixture.context(change), state, form)),
    async addFactor(user: User) {
      const id = newId('factor');
      const secretSealed = box.seal(key, `factors/${id}/secret`);
      const factor = {
        id,
        userId: user.id,
        type: 'totp',
        secretSealed,
        lastTimeStep: null,
        createdAt: clock.now(),
      } as const;
      await database.unit(({ users }) => users.insertFactor(factor));
    },
  };
}

const wrong = { kind: 'wrong', problem: { code: 'CODE_WRONG', field: 'code' } };

describe('the vectors of RFC 6238, appendix B (SHA-1, the last six digits)', () => {
  const rfcKey = Secret.fromLatin1('12345678901234567890').base32;
  test.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at %d seconds the code is %s', (seconds, code) => {
    expect(findTimeStep(rfcKey, code, seconds * second)).toBe(Math.floor(seconds / 30));
  });
});

describe('a code', () => {
  // Monday at ten is the beginning of a time step.
  test.each([
    ['of now', 0, true],
    ['of the step before', -30, true],
    ['of the step after', 30, true],
    ['of two steps before', -60, false],
    ['of two steps after', 60, false],
  ])('%s', async (_case, seconds, counts) => {
    const { addUser, addFactor, answer } = await openTotp();
    const user = await addUser();
    await addFactor(user);
    const move = await answer({ code: codeAt(monday + seconds * second) }, { user });
    expect(move).toMatchObject(counts ? { kind: 'success', person: { userId: user.id }, amr: ['otp'] } : wrong);
  });

  test.each([
    ['with a space in the middle', (code: string) => ` ${code.slice(0, 3)} ${code.slice(3)} `, { kind: 'success' }],
    ['with a dash', (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`, { kind: 'success' }],
    [
      'in Arabic digits',
      (code: string) => code.replace(/\d/g, (digit) => '٠١٢٣٤٥٦٧٨٩'[Number(digit)] ?? ''),
      { kind: 'success' },
    ],
    [
      'in wide digits',
      (code: string) => code.replace(/\d/g, (digit) => '0123456789'[Number(digit)] ?? ''),
      { kind: 'success' },
    ],
    ['with a digit too many', (code: string) => `${code}0`, wrong],
    ['that is no number', () => 'abcdef', wrong],
    ['that is missing', () => '  ', { kind: 'show', problem: { code: 'CODE_MISSING', field: 'code' } }],
  ])('%s', async (_case, write, move) => {
    const { addUser, addFactor, answer } = await openTotp();
    const user = await addUser();
    await addFactor(user);
    expect(await answer({ code: write(codeAt(monday)) }, { user })).toMatchObject(move);
  });

  test('counts once, and none older than it counts after it', async () => {
    const { addUser, addFactor, answer, clock } = await openTotp();
    const user = await addUser();
    await addFactor(user);
    expect(await answer({ code: codeAt(monday) }, { user })).toMatchObject({ kind: 'success' });
    const used = { kind: 'wrong', problem: { code: 'CODE_USED', field: 'code' } };
    expect(await answer({ code: codeAt(monday) }, { user })).toMatchObject(used);
    expect(await answer({ code: codeAt(monday - 30 * second) }, { user })).toMatchObject(used);
    clock.turn(30 * second);
    expect(await answer({ code: codeAt(monday + 30 * second) }, { user })).toMatchObject({ kind: 'success' });
  });

  test('used a hundred times at once counts once', async () => {
    const { addUser, addFactor, answer } = await openTotp();
    const user = await addUser();
    await addFactor(user);
    const moves = await Promise.all(Array.from({ length: 100 }, () => answer({ code: codeAt(monday) }, { user })));
    expect(moves.filter((move) => move.kind === 'success')).toHaveLength(1);
  });

  test('can be guessed at more and more slowly, from wherever', async () => {
    const { addUser, addFactor, answer, clock } = await openTotp();
    const user = await addUser();
    await addFactor(user);
    for (let guess = 0; guess < 11; guess++) expect(await answer({ code: '000000' }, { user })).toMatchObject(wrong);
    const wait = (seconds: string) => ({ kind: 'show', problem: { code: 'TRY_LATER', params: { wait: seconds } } });
    expect(await answer({ code: codeAt(clock.now()) }, { user })).toMatchObject(wait('10'));
    clock.turn(10 * second);
    for (let guess = 0; guess < 12; guess++) {
      await answer({ code: '000000' }, { user });
      clock.turn(hour);
    }
    await answer({ code: '000000' }, { user });
    expect(await answer({ code: codeAt(clock.now()) }, { user })).toMatchObject(wait('3600'));
    clock.turn(hour);
    expect(await answer({ code: codeAt(clock.now()) }, { user })).toMatchObject({ kind: 'success' });
  });
});

describe('setting up', () => {
  const allowed = { enrolment: { allowed: true } };

  async function beginEnrolment(rest: Partial<User> = verifiedAddress('ann@example.com')) {
    const totp = await openTotp();
    const user = await totp.addUser(rest);
    const shown = await totp.begin({ user, ...allowed });
    if (shown.kind !== 'show') throw new Error('the page was not shown');
    return { ...totp, user, state: shown.state, newKey: String(shown.state['key']) };
  }

  test('shows a key of 160 bits as text and as a URI', async () => {
    const { authenticator, context, user, state, newKey } = await beginEnrolment();
    const view = authenticator.view(context({ user, ...allowed }), state);
    if (view.view !== 'totp-enrol') throw new Error(view.view);
    expect(view.model.key).toBe(newKey);
    expect(Secret.fromBase32(newKey).bytes).toHaveLength(20);
    expect(URI.parse(view.model.otpauthUri)).toMatchObject({
      issuer: 'Example Org',
      label: 'ann',
      algorithm: 'SHA1',
      digits: 6,
      period: 30,
      secret: Secret.fromBase32(newKey),
    });
  });

  test('ends with the first right code: factor, event and mail in one', async () => {
    const { answer, user, state, newKey, box, database, readOutbox, countEvents } = await beginEnrolment();
    expect(await answer({ code: '000000' }, { user, ...allowed }, state)).toMatchObject({ ...wrong, state });
    expect(await database.read.users.listFactors(user.id)).toEqual([]);

    const move = await answer({ code: codeAt(monday, newKey) }, { user, ...allowed }, state);
    expect(move).toMatchObject({ kind: 'success', person: { userId: user.id }, amr: ['otp'] });
    const [factor, ...others] = await database.read.users.listFactors(user.id);
    expect(others).toEqual([]);
    expect(factor && box.open(factor.secretSealed, `factors/${factor.id}/secret`)).toBe(newKey);
    expect(await readOutbox()).toMatchObject([{ to: 'ann@example.com', expiresAt: monday + 3 * day }]);
    expect(await countEvents()).toMatchObject({ 'factor.added': 1 });
    const [event] = await database.read.audit.list({ after: null, limit: 1, type: 'factor.added' });
    expect(JSON.stringify(event)).not.toContain(newKey);
  });

  test('uses its code up', async () => {
    const { answer, user, state, newKey } = await beginEnrolment();
    await answer({ code: codeAt(monday, newKey) }, { user, ...allowed }, state);
    expect(await answer({ code: codeAt(monday, newKey) }, { user })).toMatchObject({ problem: { code: 'CODE_USED' } });
  });

  test('sends no mail to an address that nobody verified', async () => {
    const { answer, user, state, newKey, readOutbox } = await beginEnrolment({
      ...verifiedAddress('ann@example.com'),
      verified: [],
    });
    expect(await answer({ code: codeAt(monday, newKey) }, { user, ...allowed }, state)).toMatchObject({
      kind: 'success',
    });
    expect(await readOutbox()).toEqual([]);
  });

  test('in two logins at once gives one factor; the other login then asks for its code', async () => {
    const { answer, begin, user, state, newKey, database } = await beginEnrolment();
    const second = await begin({ user, ...allowed });
    if (second.kind !== 'show') throw new Error('the page was not shown');
    const moves = await Promise.all([
      answer({ code: codeAt(monday, newKey) }, { user, ...allowed }, state),
      answer({ code: codeAt(monday, String(second.state['key'])) }, { user, ...allowed }, second.state),
    ]);
    expect(moves).toMatchObject([{ kind: 'success' }, { kind: 'show', state: {} }]);
    expect(await database.read.users.listFactors(user.id)).toHaveLength(1);
  });

  test('is refused where it is not allowed, also when it was allowed before', async () => {
    const { answer, begin, user, state, newKey, database } = await beginEnrolment();
    const failed = { kind: 'failed', problem: { code: 'ENROLMENT_OFF' } };
    expect(await begin({ user })).toMatchObject(failed);
    expect(await answer({ code: codeAt(monday, newKey) }, { user }, state)).toMatchObject(failed);
    expect(await database.read.users.listFactors(user.id)).toEqual([]);
  });
});

test('an account with the factor is asked for a code, even where setting up is allowed', async () => {
  const { addUser, addFactor, authenticator, begin, context } = await openTotp();
  const user = await addUser();
  await addFactor(user);
  expect(await begin({ user, enrolment: { allowed: true } })).toEqual({ kind: 'show', state: {} });
  expect(authenticator.view(context({ user }), {})).toEqual({ view: 'totp-verify', model: {} });
});

test('a factor that was removed meanwhile is not asked for any more', async () => {
  const { addUser, answer } = await openTotp();
  const user = await addUser();
  expect(await answer({ code: codeAt(monday) }, { user })).toMatchObject({ problem: { code: 'ENROLMENT_OFF' } });
});

test('only an account with the factor can pass it as things are', async () => {
  const { addUser, addFactor, authenticator, database } = await openTotp();
  const user = await addUser();
  expect(await authenticator.isUsable?.(database.read, user)).toBe(false);
  await addFactor(user);
  expect(await authenticator.isUsable?.(database.read, user)).toBe(true);
});
