import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from '../admin/world.ts';
import { launchChromium } from './chromium.ts';

let browser: Browser;
let world: World;
let url: string;

beforeAll(async () => {
  [browser, world] = await Promise.all([launchChromium(), createWorld()]);
  url = await world.server.listen({ host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await browser.close();
  await world.close();
});

const pages = ['/api', '/api/docs/scripts'];

const looks = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
  ['320 px', { colorScheme: 'light', viewport: { width: 320, height: 640 } }],
] as const;

test.each(pages.flatMap((path) => looks.map(([look, options]) => [path, look, options] as const)))(
  '%s is free of findings, overflow and broken policies: %s',
  async (path, _look, options) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${url}${path}`);
    await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  },
);

test('a keyboard comes past the contents, and a link to an error shows its row', async () => {
  const page = await browser.newPage();
  await page.goto(`${url}/api/docs`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('content');
  await page.goto(`${url}/api/docs#CHANGED_MEANWHILE`);
  expect(await page.locator('#CHANGED_MEANWHILE').boundingBox()).toMatchObject({ y: expect.closeTo(80, -2) });
});
