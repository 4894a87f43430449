import fc from 'fast-check';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { attributes, html } from '../../src/pages/html.ts';
import { nameHtml } from '../../src/pages/names.ts';
import { launchChromium } from './chromium.ts';
import { type PagesServer, servePages } from './pages-server.ts';

let browser: Browser;
let server: PagesServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchChromium(), servePages()]);
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

beforeEach(() => {
  server.posted.length = 0;
});

async function visit(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(server.url + path);
  return page;
}

const focused = (page: Page) => page.evaluate('document.activeElement.id || document.activeElement.className');
const sent = () => server.posted.map((form) => Object.fromEntries(form));

test('a browser without scripts signs in, and chooses a connection', async () => {
  const page = await visit('/password', { javaScriptEnabled: false });
  await page.getByLabel('Email or user name').fill('ann');
  await page.getByLabel('Password', { exact: true }).fill('secret');
  expect(await page.getByRole('button', { name: 'Show password' }).count()).toBe(0);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'This step is done' }).waitFor();

  await page.goBack();
  await page.getByRole('button', { name: 'Continue with Google' }).click();
  await page.getByRole('heading', { name: 'This step is done' }).waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('heading', { name: 'This step is done' }).waitFor();
  expect(sent()).toEqual([
    { csrf: 'token', username: 'ann', password: 'secret' },
    { csrf: 'token', option: 'Google' },
    { csrf: 'token', action: 'cancel' },
  ]);
});

test('“Not you?” stands with the name and is sent by itself', async () => {
  const page = await visit('/totp-verify', { javaScriptEnabled: false });
  await page.getByLabel('Code').fill('123456');
  await page.getByRole('button', { name: 'Not you?' }).click();
  await page.getByRole('heading', { name: 'This step is done' }).waitFor();
  expect(sent()).toEqual([{ csrf: 'token', action: 'restart' }]);
});

test.each([true, false])(
  'after an error the summary has the focus and leads to the field (scripts: %s)',
  async (scripts) => {
    const page = await visit('/password-errors', { javaScriptEnabled: scripts });
    await page.getByRole('alert').and(page.locator(':focus')).waitFor();
    await page.getByRole('link', { name: 'Enter your password.' }).click();
    await page.keyboard.type('typed');
    expect(await page.locator('#password').inputValue()).toBe('typed');
  },
);

test('the password can be shown, and is hidden again before it is sent', async () => {
  const page = await visit('/password');
  const field = page.locator('#password');
  await field.fill('secret');
  await page.getByRole('button', { name: 'Show password' }).click();
  expect(await field.getAttribute('type')).toBe('text');
  await page.getByRole('button', { name: 'Hide password' }).click();
  expect(await field.getAttribute('type')).toBe('password');

  await page.getByRole('button', { name: 'Show password' }).click();
  await page.evaluate('document.querySelector("form").addEventListener("submit", (event) => event.preventDefault())');
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect(await field.getAttribute('type')).toBe('password');
});

test('a form is sent once however often it is pressed, and again after a while or after coming back', async () => {
  const page = await visit('/totp-verify');
  await page.clock.install();
  // Hears of each press after the page's own script, and whether that has stopped it.
  await page.evaluate(
    'window.stopped = []; addEventListener("submit", (event) => { stopped.push(event.defaultPrevented); event.preventDefault(); })',
  );
  const press = () => page.getByRole('button', { name: 'Continue' }).click();
  const stopped = () => page.evaluate('stopped');

  await press();
  await press();
  expect(await stopped()).toEqual([false, true]);

  await page.clock.fastForward(5000);
  await press();
  await press();
  expect(await stopped()).toEqual([false, true, false, true]);

  await page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
  await press();
  expect(await stopped()).toEqual([false, true, false, true, false]);
});

test('setting up an app begins at the top of the page', async () => {
  const page = await visit('/totp-enrol', { viewport: { width: 320, height: 500 } });
  expect(await page.evaluate('scrollY')).toBe(0);
  expect(await focused(page)).not.toBe('code');
});

test('a browser reads hostile text as nothing but text', async () => {
  const part = fc.constantFrom(
    '<',
    '>',
    '"',
    "'",
    '&',
    '&lt;',
    '`',
    '=',
    '/',
    ' ',
    '\n',
    '<script>',
    '</p>',
    '-->',
    ']]>',
    '\u202E',
    'ä',
    'x',
  );
  const texts = fc.sample(
    fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
    200,
  );
  const page = await browser.newPage();
  await page.setContent(
    String(html`<ol>${texts.map((text) => html`<li title="${text}"${attributes({ lang: text })}>${text}</li>`)}</ol>`),
  );
  const read = await page.evaluate(
    '[...document.querySelectorAll("li")].map((item) => [item.title, item.lang, item.textContent, item.attributes.length, item.children.length])',
  );
  expect(read).toEqual(texts.map((text) => [text, text, text, 2, 0]));
});

test('a name that tries to turn the text around it stays in its place', async () => {
  const page = await browser.newPage();
  const lefts = async (name: string) => {
    await page.setContent(String(html`<p>Hello ${nameHtml(name)}, <b>welcome</b> <i>back</i></p>`));
    return page.evaluate(
      '["b", "i"].map((tag) => document.querySelector(tag).getBoundingClientRect().left)',
    ) as Promise<number[]>;
  };
  for (const name of ['\u202Enna', 'x\u2069\u202Ey', 'שלום', '\u2067a']) {
    const [welcome = 0, back = 0] = await lefts(name);
    expect(welcome, JSON.stringify(name)).toBeLessThan(back);
  }
});
