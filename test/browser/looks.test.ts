import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import { asksForSignIn } from '../stories/moves.ts';
import { addSecondApplication, type SecondApplication } from '../stories/second-application.ts';
import { password, startWorld, type World } from '../stories/world.ts';
import { findFaults } from './accessibility.ts';
import { launchChromium } from './chromium.ts';
import { beginsSignIn, comesToSecondStep, isAt, presses, readsMail } from './moves.ts';
import { createVisitors, type Visitors } from './visitors.ts';

// SCREENSHOTS=<directory> keeps a picture of every page in every look, to be looked at by a person.
// UPDATE_PICTURES=1 makes those in pictures/ anew.
const screenshots = process.env['SCREENSHOTS'];

let browser: Browser;
let world: World;
let visitors: Visitors;
/** Asks for a name first, and lets nobody be signed in twice. */
let wiki: SecondApplication;

beforeAll(async () => {
  [browser, world] = await Promise.all([launchChromium(), startWorld()]);
  wiki = await addSecondApplication(world);
  visitors = createVisitors(browser, world, [wiki.application.url]);
  await wiki.publish({
    steps: ['IdentifierExecutor', 'BasicAuthenticator', 'SessionExecutor'].map((authenticator) => ({
      options: [{ authenticator }],
    })),
    script: null,
    scriptEnabled: false,
  });
  if (screenshots) await mkdir(screenshots, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await wiki?.close();
  await world?.close();
});
afterEach(async () => expect(await visitors.leave()).toEqual([]));

const looks: [name: string, options: BrowserContextOptions][] = [
  ['light', {}],
  ['320 px, dark, German', { locale: 'de-DE', viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
  ['Arabic', { locale: 'ar' }],
];

test('every page on the way is free of findings and fits, in every look', async () => {
  const faults: Record<string, unknown> = {};
  const counts = looks.map(async ([look, options]) => {
    const page = await visitors.open(options);
    let count = 0;
    for await (const shown of wholeWay(page, look.replace(/\W+/g, '-').toLowerCase())) {
      count += 1;
      for (const summary of await page.locator('summary').all()) await summary.click();
      const found = await findFaults(page);
      if (found.length > 0) faults[`${look}: ${shown}`] = found;
      if (!screenshots) continue;
      const file = `${look} ${String(count).padStart(2, '0')} ${shown}.png`;
      await page.screenshot({ path: join(screenshots, file.replaceAll(/[ ,]+/g, '-')), fullPage: true });
    }
    return count;
  });
  expect(await Promise.all(counts)).toEqual(looks.map(() => 32));
  expect(faults).toEqual({});
}, 180_000);

/** Goes through everything that a person can come to, in whatever language; yields the name of each page. */
async function* wholeWay(page: Page, name: string): AsyncGenerator<string> {
  const { application, identityProvider, mails, url } = world;
  const [here, there] = [`ann-${name}`, `bob-${name}`];
  const address = `${here}@example.com`;
  await world.addUser(here, { email: address });
  await world.addUser(there);
  const click = (selector: string) => page.locator(selector).first().click();
  const answers = async (fields: Record<string, string>) => {
    for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
    await click('.button.main');
  };
  const shown = (selector: string) => page.locator(selector).first().waitFor();

  await page.goto(application.url);
  yield 'application';
  await click('a[href="/sign-in"]');
  await shown('#password');
  yield 'password';
  await answers({ username: there, password: 'wrong' });
  await shown('.summary');
  yield 'password-wrong';
  await answers({ password });
  await shown('[value=totp]');
  yield 'choose-app-alone';
  await click('[value=totp]');
  await shown('.qr');
  yield 'totp-enrol';
  await answers({ code: '1' });
  await shown('.summary');
  yield 'totp-enrol-wrong';
  const app = createAuthenticatorApp((await page.locator('.key').textContent()) ?? '', world.clock);
  await answers({ code: app.nextCode() });
  await shown('table');
  yield 'signed-in';
  await click('a[href="/sign-out"]');
  await shown('[name=logout]');
  yield 'logout-confirm';
  await click('[name=logout]');
  await shown('a[href="/sign-in"]');
  yield 'signed-out';

  await click('a[href="/sign-in"]');
  await answers({ username: there, password });
  await click('[value=totp]');
  await shown('#code');
  yield 'totp-verify';
  await click('[value=cancel]');
  await shown('.alarm');
  yield 'refused';
  await page.goBack();
  await shown('h1');
  yield 'login-done';

  await page.goto(`${application.url}/sign-in`);
  await answers({ username: here, password });
  await shown('[value="email-otp-authenticator"]');
  yield 'choose';
  await click('[value=totp]');
  await shown('[value=resend]');
  yield 'email-otp-before-set-up';
  await click('[value=resend]');
  await shown('.notice');
  yield 'email-otp-sent-again';
  const old = page.url();
  await answers({ code: '00000000' });
  await shown('.summary');
  yield 'email-otp-wrong';
  await page.context().clearCookies({ name: 'sg_login' });
  await page.goto(old);
  await shown('.facts');
  yield 'wrong-browser';

  await page.goto(`${application.url}/sign-in`);
  await click('a[href^="/forgot"]');
  await shown('a[href^="/login/"]');
  yield 'forgot';
  await answers({ username: '' });
  await shown('.summary');
  yield 'forgot-empty';
  const before = mails.mails({ to: address })[0]?.number;
  await answers({ username: here });
  await page.waitForURL(/sent/);
  yield 'forgot-sent';
  const mail = await readsMail(world, address, before);
  await page.goto(mails.url);
  yield 'mails';
  await page.goto(`${mails.url}/mails/${mail.number}`);
  yield 'mail';
  await click('pre a');
  await shown('#passwordAgain');
  yield 'reset';
  const link = page.url();
  await answers({ password: 'short', passwordAgain: 'short' });
  await shown('.summary');
  yield 'reset-short';
  await answers({ password: 'another good one', passwordAgain: 'another good one' });
  await page.waitForURL(/done/);
  yield 'reset-done';
  await page.goto(link);
  yield 'reset-invalid';

  await page.goto(`${application.url}/sign-in`);
  await click('[value=Google]');
  await page.waitForURL((at) => at.origin === identityProvider.url);
  yield 'identity-provider';

  const elsewhere = world.somebody();
  await asksForSignIn(wiki, elsewhere);
  await elsewhere.submits({ username: there });
  await elsewhere.submits({ password });
  await page.goto(`${wiki.application.url}/sign-in?prompt=login`);
  await shown('#username');
  yield 'identifier';
  await answers({ username: there });
  await shown('#password');
  yield 'password-of-a-name';
  await answers({ password });
  await shown('.picks');
  yield 'session-limit';
  await click('.button.main');
  await shown('.summary');
  yield 'session-limit-too-few';
  await click('.pick');
  await click('.button.main');
  await shown('table');

  await page.goto(`${url}/nowhere`);
  yield 'not-found';
}

test('the application’s wish for a language counts, until a person picks another', async () => {
  await world.addUser('lea', { email: 'lea@example.com' });
  const page = await visitors.open();
  await beginsSignIn(world, page, { ui_locales: 'de' });
  await isAt(page, 'Anmelden');
  const login = new URL(page.url()).pathname;
  await page.getByRole('link', { name: 'العربية' }).click();
  await isAt(page, 'تسجيل الدخول');
  expect(new URL(page.url()).pathname).toBe(login);
  expect(await page.locator('html').getAttribute('dir')).toBe('rtl');

  await page.locator('#username').fill('lea');
  await page.locator('#password').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'اسم المستخدم وكلمة المرور غير متطابقين' }).waitFor();
  await page.locator('#password').fill(password);
  await page.keyboard.press('Enter');
  await isAt(page, 'اختر كيف تؤكد هويتك');
  await page.locator('[value="email-otp-authenticator"]').click();
  await isAt(page, 'تحقق من بريدك الإلكتروني');
  const { text } = await readsMail(world, 'lea@example.com');
  expect(text).toContain('مرحبًا');
  await page.locator('#code').fill(/^\s*(\d{8})\s*$/m.exec(text)?.[1] ?? '');
  await page.keyboard.press('Enter');
  await isAt(page, 'Signed in');

  // It stays picked: beside another wish, after another site, and on pages that belong to no sign-in.
  await beginsSignIn(world, page, { ui_locales: 'de', prompt: 'login' });
  await page.locator('[value="Google"]').click();
  await presses(page, "Don't sign in");
  await isAt(page, 'تسجيل الدخول');
  await page.goto(`${world.url}/nowhere`);
  expect(await page.locator('html').getAttribute('lang')).toBe('ar');
});

test('the pictures of the documentation', async () => {
  await world.addUser('ann');
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await visitors.open({ colorScheme, viewport: { width: 640, height: 640 } });
    await (colorScheme === 'light' ? beginsSignIn(world, page) : comesToSecondStep(world, page, 'ann'));
    if (colorScheme === 'dark') {
      await presses(page, /^Authenticator app/);
      await isAt(page, 'Set up an authenticator app');
    }
    const picture = await page.screenshot({ fullPage: true });
    expect(picture.length).toBeLessThan(120_000);
    if (process.env['UPDATE_PICTURES'] !== '1') continue;
    const file = colorScheme === 'light' ? 'sign-in.png' : 'totp-enrol.png';
    const directory = fileURLToPath(new URL('pictures/', import.meta.url));
    await mkdir(directory, { recursive: true });
    await page.screenshot({ path: join(directory, file), fullPage: true });
  }
});
