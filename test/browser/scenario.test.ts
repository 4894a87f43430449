import { URI } from 'otpauth';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { qrCodeUri } from '../../src/pages/qr-code.ts';
import { password, startWorld, type World } from '../stories/world.ts';
import { launchChromium } from './chromium.ts';
import {
  asksApplication,
  beginsSignIn,
  comesToSecondStep,
  isAt,
  presses,
  readsCode,
  readsKey,
  readsMail,
  readsProblem,
  typesCode,
  typesPassword,
} from './moves.ts';
import { createVisitors, type Visitors } from './visitors.ts';

let browser: Browser;
let world: World;
let visitors: Visitors;

beforeAll(async () => {
  [browser, world] = await Promise.all([launchChromium(), startWorld()]);
  visitors = createVisitors(browser, world);
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});
beforeEach(() => world.happened());
afterEach(async () => expect(await visitors.leave()).toEqual([]));

describe.each([
  ['with scripts', true],
  ['without scripts', false],
])('somebody with an account, %s', (_how, javaScriptEnabled) => {
  const username = javaScriptEnabled ? 'ann' : 'bob';

  test('signs in with an authenticator app: sets it up, and uses it the next time', async () => {
    const { id } = await world.addUser(username);
    const page = await visitors.open({ javaScriptEnabled });
    await beginsSignIn(world, page);
    await page.getByText('to continue to Payroll').waitFor();
    await typesPassword(page, username, 'not the password');
    expect(await readsProblem(page)).toBe('User name and password do not match. Check both and try again.');
    expect(await page.title()).toBe('Error: Sign in – Stepgate');
    expect(await page.getByLabel('Email or user name').inputValue()).toBe(username);
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');

    await typesPassword(page, username);
    await isAt(page, 'Choose how to confirm it’s you');
    await page.getByText(`Signing in as ${username}`).waitFor();
    // No address, so no code by mail; and the app is still to be set up.
    expect(await page.getByRole('main').getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^Authenticator app\s+Set it up on your phone now$/),
    ]);
    await presses(page, 'Authenticator app');
    await isAt(page, 'Set up an authenticator app');

    const { key, app } = await readsKey(world, page);
    const uri = (await page.getByRole('link', { name: 'Open the app on this device' }).getAttribute('href')) ?? '';
    const picture = page.getByRole('img', { name: /^QR code/ });
    expect(await picture.getAttribute('src')).toBe(qrCodeUri(uri));
    expect(await picture.boundingBox()).toMatchObject({ width: 200, height: 200 });
    const parsed = URI.parse(uri);
    expect(parsed).toMatchObject({ issuer: 'Stepgate', label: username, digits: 6, period: 30, algorithm: 'SHA1' });
    expect(parsed.secret.base32).toBe(key.replaceAll(' ', ''));

    await typesCode(page, '000000');
    expect(await readsProblem(page)).toBe('That code is not right. Check it and try again.');
    const code = app.nextCode();
    await typesCode(page, `${code.slice(0, 3)} ${code.slice(3)}`);
    await isAt(page, 'Signed in');
    const first = await asksApplication(world, page);
    expect(first.claims).toMatchObject({ sub: id, amr: ['pwd', 'otp'], preferred_username: username });
    expect(first.userinfo).toMatchObject({ sub: id });

    await page.getByRole('link', { name: 'Sign out' }).click();
    await isAt(page, 'Do you want to sign out?');
    await presses(page, 'Sign out');
    await isAt(page, 'Signed out');
    expect((await asksApplication(world, page)).signedIn).toBe(false);

    await comesToSecondStep(world, page, username.toUpperCase());
    await presses(page, 'Authenticator app');
    await isAt(page, 'Enter the code from your app');
    expect(await page.getByText('Try another way').count()).toBe(0);
    await typesCode(page, app.nextCode());
    await isAt(page, 'Signed in');
    expect((await asksApplication(world, page)).claims).toMatchObject({ sub: id, amr: ['pwd', 'otp'] });
    expect(await world.happened()).toEqual({ 'factor.added': 1, 'session.ended': 1, 'login.succeeded': 2 });
  });
});

test('a mailed code: a new one can be sent, and only the newest counts', async () => {
  await world.addUser('cem', { email: 'cem@example.com' });
  const page = await visitors.open();
  await comesToSecondStep(world, page, 'cem@example.com');
  await presses(page, /^Code by email/);
  await isAt(page, 'Check your email');
  await page.getByText('We sent an 8-digit code to c•••@example.com. It works for 10 minutes.').waitFor();
  const old = await readsCode(world, 'cem@example.com');
  await presses(page, 'Send a new code');
  await page.getByRole('status').filter({ hasText: 'A new code is on its way.' }).waitFor();
  const fresh = await readsCode(world, 'cem@example.com', old.number);

  await typesCode(page, old.code);
  expect(await readsProblem(page)).toBe('That code is not right. Check it and try again.');
  await typesCode(page, fresh.code);
  await isAt(page, 'Signed in');
  expect((await asksApplication(world, page)).claims).toMatchObject({ amr: ['pwd', 'mail'], email: 'cem@example.com' });
  expect(world.mails.mails({ to: 'cem@example.com' })).toHaveLength(2);
  expect(await world.happened()).toEqual({ 'login.succeeded': 1 });
});

test('an app is set up only after the code that the account can take already, and the page says why', async () => {
  await world.addUser('dee', { email: 'dee@example.com' });
  const page = await visitors.open();
  await comesToSecondStep(world, page, 'dee');
  await presses(page, /^Authenticator app/);
  await isAt(page, 'Check your email');
  await page.getByText('To set up an authenticator app, first confirm that it’s you').waitFor();
  const { code, number } = await readsCode(world, 'dee@example.com');
  await typesCode(page, code);
  await isAt(page, 'Set up an authenticator app');
  await typesCode(page, (await readsKey(world, page)).app.nextCode());
  await isAt(page, 'Signed in');
  expect((await readsMail(world, 'dee@example.com', number)).text).toContain('Authenticator app');
  expect((await asksApplication(world, page)).claims['amr']).toEqual(['pwd', 'mail', 'otp']);
});

test('somebody from Google: an account at the first time, the same at the second, no second step', async () => {
  const comesFromGoogle = async () => {
    const page = await visitors.open();
    await beginsSignIn(world, page);
    await presses(page, 'Continue with Google');
    await isAt(page, 'Choose an account');
    expect(new URL(page.url()).origin).toBe(world.identityProvider.url);
    await presses(page, /^Grace Hopper/);
    await isAt(page, 'Signed in');
    return asksApplication(world, page);
  };
  const before = (await world.users()).length;
  const first = await comesFromGoogle();
  expect(first.claims).toMatchObject({ name: 'Grace Hopper', email: 'grace.hopper@example.com' });
  expect(first.claims['amr'] ?? []).not.toContain('otp');
  expect(await world.users()).toHaveLength(before + 1);
  const second = await comesFromGoogle();
  expect(second.claims['sub']).toBe(first.claims['sub']);
  expect(await world.users()).toHaveLength(before + 1);
  expect(await world.happened()).toMatchObject({ 'user.created': 1, 'login.succeeded': 2 });
});

test('who turns back at Google can try again or go another way', async () => {
  await world.addUser('eve');
  const page = await visitors.open();
  await beginsSignIn(world, page);
  await presses(page, 'Continue with Google');
  await isAt(page, 'Choose an account');
  await page.goBack();
  await isAt(page, 'Sign in');
  await presses(page, 'Continue with Google');
  await presses(page, "Don't sign in");
  expect(await readsProblem(page)).toContain('did not let you through');
  await typesPassword(page, 'eve');
  await isAt(page, 'Choose how to confirm it’s you');
});

test('with JIT and script off: the reason with a reference, and the way back to the application', async () => {
  await world.changeConnection((connection) => ({ ...connection, jit: { ...connection.jit, enabled: false } }));
  await world.publish({ scriptEnabled: false });
  const page = await visitors.open();
  await beginsSignIn(world, page);
  await presses(page, 'Continue with Google');
  await presses(page, /^Alan Turing/);
  await isAt(page, 'You are not signed in');
  await page
    .getByText(
      'Sign-in needs an account here: connection «Google» signs people in without one (JIT provisioning is off), and «TOTP» belongs to an account.',
    )
    .waitFor();
  const reference = (await page.locator('dd code').first().textContent()) ?? '';
  const [event] = await world.app.database.read.audit.list({ after: null, limit: 1, reference });
  expect(event).toMatchObject({ type: 'login.failed', code: 'ACCOUNT_REQUIRED' });

  await page.getByRole('link', { name: 'Back to Payroll' }).click();
  await isAt(page, 'Sign-in was refused');
  expect((await asksApplication(world, page)).failure).toMatchObject({ error: 'access_denied' });
  // The page still tells, but the application has its answer.
  await page.goBack();
  await isAt(page, 'You are not signed in');
  expect(await page.locator('dd code').first().textContent()).toBe(reference);
  expect(await page.getByRole('link', { name: 'Back to Payroll' }).count()).toBe(0);

  await world.changeConnection((connection) => ({ ...connection, jit: { ...connection.jit, enabled: true } }));
  await world.publish({});
});

test('a forgotten password: by mail to a new one, and back to the sign-in that was open', async () => {
  await world.addUser('fay', { email: 'fay@example.com' });
  const page = await visitors.open();
  await beginsSignIn(world, page);
  await page.getByRole('link', { name: 'Forgot password?' }).click();
  await isAt(page, 'Reset your password');
  await page.getByLabel('Email or user name').fill('fay');
  await presses(page, 'Send the link');
  await isAt(page, 'Check your email');
  const { number } = await readsMail(world, 'fay@example.com');

  const inbox = await visitors.openTab(page);
  await inbox.goto(`${world.mails.url}/mails/${number}`);
  await inbox.getByRole('link', { name: '/reset?token=' }).click();
  await isAt(inbox, 'Choose a new password');
  await inbox.getByText('For the account fay').waitFor();
  await inbox.getByLabel('New password', { exact: true }).fill('a different horse');
  await inbox.getByLabel('New password once more').fill('another one');
  await presses(inbox, 'Save the password');
  expect(await readsProblem(inbox)).toBe('The two passwords differ. Type the new password again.');
  await inbox.getByLabel('New password', { exact: true }).fill('a different horse');
  await inbox.getByLabel('New password once more').fill('a different horse');
  await presses(inbox, 'Save the password');
  await isAt(inbox, 'Your password is changed');
  await inbox.goto(`${world.mails.url}/mails/${number}`);
  await inbox.getByRole('link', { name: '/reset?token=' }).click();
  await isAt(inbox, 'This link does not work any more');

  await page.getByRole('link', { name: 'Back to sign-in' }).click();
  await isAt(page, 'Sign in');
  await typesPassword(page, 'fay', password);
  expect(await readsProblem(page)).toContain('do not match');
  await typesPassword(page, 'fay', 'a different horse');
  await isAt(page, 'Choose how to confirm it’s you');
});
