import { describe, expect, test } from 'vitest';
import type { Form, StepContext } from '../../src/authenticators/authenticator.ts';
import { createEmailOtp } from '../../src/authenticators/email-otp/index.ts';
import { createIdentifierFirst } from '../../src/authenticators/identifier-first/index.ts';
import { createPassword } from '../../src/authenticators/password/index.ts';
import { createTotp } from '../../src/authenticators/totp/index.ts';
import { minute } from '../../src/kernel/clock.ts';
import { maskAddress } from '../../src/pages/mail-addresses.ts';
import { openFixture, verifiedAddress } from './fixture.ts';

type Change = Partial<StepContext> & { ip?: string };

async function openIdentifier() {
  const fixture = await openFixture();
  const authenticator = createIdentifierFirst({
    ...fixture,
    userStoreDomain: 'PRIMARY',
    tenantDomain: 'carbon.super',
  });
  return {
    ...fixture,
    authenticator,
    begin: async (change: Change = {}) => fixture.settle(await authenticator.begin(fixture.context(change))),
    answer: async (form: Form, change: Change = {}) =>
      fixture.settle(await authenticator.answer(fixture.context(change), {}, form)),
  };
}

const validates = { parameters: { ValidateUsername: 'true' } };
const unknown = { kind: 'wrong', problem: { code: 'USERNAME_UNKNOWN', field: 'username' } };

test('it proves nothing', async () => {
  const { authenticator } = await openIdentifier();
  expect(authenticator).toMatchObject({ proves: false, amr: [], aliases: ['identifier-first'], needsAccount: false });
});

describe('what is typed', () => {
  test.each([
    ['a name', 'ann', 'ann', true],
    ['a name in capitals and with spaces round it', '  ANN ', 'ANN', true],
    ['the verified address', 'ann@example.com', 'ann@example.com', true],
    ['a name with store and tenant', 'primary/ann@carbon.super', 'ann', true],
    ['an address with the tenant', 'ann@example.com@carbon.super', 'ann@example.com', true],
    ['a name that nobody has', 'carol', 'carol', false],
    ['an address that nobody verified', 'bob@example.com', 'bob@example.com', false],
    ['a name that nobody can have', 'a\u202enn', 'a\u202enn', false],
    ['the name of a locked account', 'locked', 'locked', true],
    ['the name of a disabled account', 'gone', 'gone', true],
  ])('%s passes, whether somebody has it or not', async (_case, username, identifier, exists) => {
    const { addUser, answer, countEvents } = await openIdentifier();
    const users = [
      await addUser(verifiedAddress('ann@example.com')),
      await addUser({ username: 'bob', ...verifiedAddress('bob@example.com'), verified: [] }),
      await addUser({ username: 'locked', locked: true }),
      await addUser({ username: 'gone', disabled: true }),
    ];
    const move = await answer({ username });
    expect(move).toMatchObject({ kind: 'success', amr: [], person: { claimed: { identifier } } });
    const { userId } = (move as { person: { claimed: { userId: string | null } } }).person.claimed;
    expect(users.some(({ id }) => id === userId)).toBe(exists);
    // Where the admin wants the page to tell, it does, and tells nothing else of the account.
    expect(await answer({ username }, validates)).toMatchObject(exists ? { kind: 'success' } : unknown);
    expect(await countEvents()).toEqual({});
  });

  test('nothing is asked for again, at no cost', async () => {
    const { answer } = await openIdentifier();
    const missing = { kind: 'show', problem: { code: 'USERNAME_MISSING', field: 'username' } };
    for (const form of [{}, { username: '' }, { username: '   ' }, { username: '@carbon.super' }] as Form[]) {
      expect(await answer(form)).toMatchObject(missing);
      expect(await answer(form, validates)).toMatchObject(missing);
    }
  });

  test('with skipIdentifierPreProcess it stays as it was typed', async () => {
    const { addUser, answer } = await openIdentifier();
    const user = await addUser({ username: 'ann@carbon.super' });
    const parameters = { skipIdentifierPreProcess: 'true' };
    expect(await answer({ username: 'ann@carbon.super' }, { parameters })).toMatchObject({
      person: { claimed: { identifier: 'ann@carbon.super', userId: user.id } },
    });
    expect(await answer({ username: 'ann@carbon.super' })).toMatchObject({
      person: { claimed: { identifier: 'ann', userId: null } },
    });
  });

  test('a long text is cut', async () => {
    const { answer } = await openIdentifier();
    const move = await answer({ username: 'a'.repeat(1_000_000) });
    expect(move).toMatchObject({ person: { claimed: { identifier: 'a'.repeat(255) } } });
  });
});

test('somebody who is known already is not asked, whatever is posted', async () => {
  const { addUser, begin, answer } = await openIdentifier();
  const user = await addUser();
  const subject = { person: { userId: user.id }, sub: user.subject, session: null };
  const success = { kind: 'success', person: { userId: user.id }, amr: [] };
  expect(await begin({ user, subject })).toEqual(success);
  expect(await answer({ username: 'bob' }, { user, subject })).toEqual(success);
  expect(await begin()).toEqual({ kind: 'show', state: {} });
});

test('trying many names is slowed down where the page tells about them, and only there', async () => {
  const { answer, clock } = await openIdentifier();
  for (let n = 0; n <= 100; n++) expect(await answer({ username: `name-${n}` }, validates)).toMatchObject(unknown);
  const wait = { kind: 'show', problem: { code: 'TRY_LATER', field: 'username' } };
  expect(await answer({ username: 'name-101' }, validates)).toMatchObject(wait);
  expect(await answer({ username: 'name-101' }, { ...validates, ip: '198.51.100.1' })).toMatchObject(unknown);
  expect(await answer({ username: 'name-101' })).toMatchObject({ kind: 'success' });
  clock.turn(minute);
  expect(await answer({ username: 'name-101' }, validates)).toMatchObject(unknown);
});

describe('what comes after a name was given', () => {
  test('asks for the password of that name, known or not, and takes no other', async () => {
    const { addUser, context, settle, ...fixture } = await openFixture();
    const password = createPassword(fixture);
    const ann = await addUser({ password: 'correct horse', ...verifiedAddress('ann@example.com') });
    await addUser({ username: 'bob', password: 'correct horse' });
    const known = { claimed: { identifier: 'ann@example.com', user: ann } };
    const nobody = { claimed: { identifier: 'carol', user: null } };
    const answer = async (change: Change, form: Form) => settle(await password.answer(context(change), {}, form));
    const view = (change: Change) => password.view(context(change), {});

    expect(view(known)).toEqual({ view: 'password', model: { username: 'ann@example.com' } });
    expect(view(nobody)).toEqual({ view: 'password', model: { username: 'carol' } });
    expect(await answer(known, { password: 'correct horse' })).toMatchObject({ person: { userId: ann.id } });
    const wrong = { kind: 'wrong', problem: { code: 'INVALID_CREDENTIALS' } };
    expect(await answer(known, { password: 'wrong horse' })).toMatchObject(wrong);
    expect(await answer(nobody, { password: 'correct horse' })).toMatchObject(wrong);
    for (const claimed of [known, nobody]) {
      const form = { username: 'bob', password: 'correct horse' };
      expect(await answer(claimed, form)).toMatchObject({ kind: 'failed', problem: { code: 'WRONG_SUBJECT' } });
    }
    expect(await answer(known, { username: 'Ann', password: 'correct horse' })).toMatchObject({ kind: 'success' });
  });

  test('asks for the code of an app, and nobody learns who has one; none is set up', async () => {
    const { addUser, context, settle, ...fixture } = await openFixture();
    const totp = createTotp({
      ...fixture,
      issuer: 'Acme',
      writeFactorAddedMail: () => ({ subject: '', text: '', html: '' }),
    });
    const ann = await addUser();
    const wrong = { kind: 'wrong', state: {}, problem: { code: 'CODE_WRONG', field: 'code' } };
    for (const claimed of [
      { identifier: 'ann', user: ann },
      { identifier: 'carol', user: null },
    ]) {
      const change = { claimed, enrolment: { allowed: true } };
      const begun = await settle(await totp.begin(context(change)));
      expect(begun).toEqual({ kind: 'show', state: {} });
      expect(totp.view(context(change), {})).toEqual({ view: 'totp-verify', model: {} });
      // The same number of tries, and the same waits.
      const moves = [];
      for (let n = 0; n < 13; n++)
        moves.push(await settle(await totp.answer(context(change), {}, { code: `00000${n}` })));
      expect(moves.slice(0, 11)).toEqual(Array(11).fill(wrong));
      expect(moves.at(-1)).toMatchObject({ kind: 'show', problem: { code: 'TRY_LATER' } });
    }
    expect(await fixture.database.read.users.listFactors(ann.id)).toEqual([]);
    expect(await fixture.readOutbox()).toEqual([]);
  });

  test('mails a code where there is an address, and its page says the same to everybody', async () => {
    const { addUser, context, settle, ...fixture } = await openFixture();
    const mail = createEmailOtp({
      ...fixture,
      maskAddress,
      writeCodeMail: ({ code }) => ({ subject: 'Code', text: code, html: code }),
    });
    const ann = await addUser(verifiedAddress('ann@example.com'));
    const bob = await addUser({ username: 'bob' });
    const pages = [];
    for (const claimed of [
      { identifier: 'ann', user: ann },
      { identifier: 'bob', user: bob },
      { identifier: 'carol', user: null },
    ]) {
      const begun = await settle(await mail.begin(context({ claimed })));
      if (begun.kind !== 'show') throw new Error(begun.kind);
      const wrong = await settle(await mail.answer(context({ claimed }), begun.state, { code: '00000000' }));
      const again = await settle(await mail.answer(context({ claimed }), begun.state, { action: 'resend' }));
      if (again.kind !== 'show') throw new Error(again.kind);
      const views = [begun, again].map(({ state }) => mail.view(context({ claimed }), state));
      pages.push({ views, wrong: wrong.kind === 'wrong' && wrong.problem, problem: again.problem });
    }
    expect(pages[0]!.views[0]).toMatchObject({ view: 'email-otp', model: { maskedAddress: null, canResend: true } });
    expect(pages[0]!.wrong).toEqual({ code: 'CODE_WRONG', field: 'code' });
    expect(pages[1]).toEqual(pages[0]);
    expect(pages[2]).toEqual(pages[0]);
    expect((await fixture.readOutbox()).map(({ to }) => to)).toEqual(['ann@example.com', 'ann@example.com']);
  });

  test('the mailed code proves who it is', async () => {
    const { addUser, context, settle, ...fixture } = await openFixture();
    const mail = createEmailOtp({
      ...fixture,
      maskAddress,
      writeCodeMail: ({ code }) => ({ subject: 'Code', text: code, html: code }),
    });
    const ann = await addUser(verifiedAddress('ann@example.com'));
    const at = context({ claimed: { identifier: 'ann', user: ann } });
    const begun = await settle(await mail.begin(at));
    if (begun.kind !== 'show') throw new Error(begun.kind);
    const [sent] = await fixture.readOutbox();
    expect(await settle(await mail.answer(at, begun.state, { code: sent!.text }))).toMatchObject({
      kind: 'success',
      person: { userId: ann.id },
      amr: ['mail'],
    });
  });
});
