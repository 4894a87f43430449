import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** What is wrong with a page as it is shown now; nothing may be. */
export async function findFaults(page: Page): Promise<unknown[]> {
  return [...(await axeFindings(page)), ...(await overflow(page))];
}

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
