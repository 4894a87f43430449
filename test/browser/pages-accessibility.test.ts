import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Language } from '../../src/kernel/languages.ts';
import { samples } from '../pages/samples.ts';
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

describe.each(screens)('%s', (_name, language, options) => {
  test('every page is free of findings, overflow and broken policies', async () => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints = collectComplaints(page);
    const findings: Record<string, unknown> = {};
    for (const name of Object.keys(samples)) {
      await page.goto(`${server.url}/${name}?ui_locales=${language}`);
      for (const summary of await page.locator('summary').all()) await summary.click();
      const found = [...(await axeFindings(page)), ...(await overflow(page))];
      if (found.length > 0) findings[name] = found;
    }
    await context.close();
    expect(findings).toEqual({});
    expect(complaints).toEqual([]);
  });
});

async function axeFindings(page: Page): Promise<unknown[]> {
  const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await new AxeBuilder({ page }).withTags(standards).setLegacyMode().analyze();
  return violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
  }));
}

/** Nothing may make the page scroll sideways (WCAG 1.4.10). */
async function overflow(page: Page): Promise<string[]> {
  const sideways = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  return sideways === 0 ? [] : [`scrolls sideways by ${String(sideways)} px`];
}

/** Errors of the page's own script, and what the Content-Security-Policy had to stop. */
function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}
