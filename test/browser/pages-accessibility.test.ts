import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Language } from '../../src/kernel/languages.ts';
import { samples } from '../pages/samples.ts';
import { findFaults } from './accessibility.ts';
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

const wide = { width: 900, height: 900 };
const narrow = { width: 320, height: 640 };

const screens: [name: string, language: Language, options: BrowserContextOptions][] = [
  ['light', 'en', { viewport: wide, colorScheme: 'light' }],
  ['dark', 'en', { viewport: wide, colorScheme: 'dark' }],
  ['right to left', 'ar', { viewport: wide, colorScheme: 'light' }],
  ['320 px, the longest language', 'de', { viewport: narrow, colorScheme: 'dark' }],
  ['320 px, right to left', 'ar', { viewport: narrow, colorScheme: 'light' }],
  ['forced colours', 'en', { viewport: wide, forcedColors: 'active' }],
];

describe.concurrent.each(screens)('%s', (_name, language, options) => {
  test('every page is free of findings, overflow and broken policies', async ({ expect }) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints = collectComplaints(page);
    const findings: Record<string, unknown> = {};
    for (const name of Object.keys(samples)) {
      await page.goto(`${server.url}/${name}?ui_locales=${language}`);
      for (const summary of await page.locator('summary').all()) await summary.click();
      const found = await findFaults(page);
      if (found.length > 0) findings[name] = found;
    }
    await context.close();
    expect(findings).toEqual({});
    expect(complaints).toEqual([]);
  }, 180_000);
});

/** Errors of the page's own script, and what the Content-Security-Policy had to stop. */
function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}
