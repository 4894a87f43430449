import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { World } from '../stories/world.ts';

/** People with a browser of their own each, and what their browsers had to complain about. */
export interface Visitors {
  /** A new browser with no cookies; its first tab. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** Another tab of the same browser. */
  openTab(page: Page): Promise<Page>;
  /** Closes all browsers; @returns what none of their pages may do, one line each. */
  leave(): Promise<string[]>;
}

/**
 * Counted as complaints: errors of scripts, everything that the Content-Security-Policy had to stop, files that did not
 * come, and requests to anywhere but the parts of this world and `others`, origins beside it.
 */
export function createVisitors(browser: Browser, world: World, others: readonly string[] = []): Visitors {
  const ours = [world.url, world.application.url, world.identityProvider.url, world.mails.url, ...others];
  let complaints: string[] = [];
  let contexts: BrowserContext[] = [];

  function watch(context: BrowserContext): void {
    context.on('console', (message) => {
      // Chromium reports every answer of 400 and above; pages may well be one, files are looked at below.
      const status = message.text().startsWith('Failed to load resource: the server responded');
      if (message.type() === 'error' && !status) complaints.push(message.text());
    });
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'data:' && !ours.includes(url.origin)) complaints.push(`a request to ${url.href}`);
    });
    context.on('response', (response) => {
      const file = response.request().resourceType() !== 'document';
      if (file && response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`);
    });
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      if (reason !== 'net::ERR_ABORTED') complaints.push(`${reason} at ${request.url()}`);
    });
  }

  return {
    async open(options = {}) {
      const context = await browser.newContext({ viewport: { width: 900, height: 800 }, ...options });
      context.setDefaultTimeout(10_000);
      contexts.push(context);
      watch(context);
      return context.newPage();
    },
    openTab: (page) => page.context().newPage(),
    async leave() {
      await Promise.all(contexts.map((context) => context.close()));
      const heard = complaints;
      contexts = [];
      complaints = [];
      return heard;
    },
  };
}
