import type { Page } from 'playwright-core';
import { createAuthenticatorApp } from '../../src/cli/demo/authenticator-app.ts';
import type { Me } from '../stories/moves.ts';
import { password, type World } from '../stories/world.ts';

/** What people do with a mouse and a keyboard. Each move ends where the next page is shown. */

/** By its heading; a page that is not shown within the time of the browser's patience is an error. */
export async function isAt(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
}

/** From the application's own page to the sign-in. */
export async function beginsSignIn(world: World, page: Page, parameters: Record<string, string> = {}): Promise<void> {
  if (Object.keys(parameters).length > 0) {
    await page.goto(`${world.application.url}/sign-in?${new URLSearchParams(parameters)}`);
    return;
  }
  await page.goto(world.application.url);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await isAt(page, 'Sign in');
}

export async function typesPassword(page: Page, username: string, typed = password): Promise<void> {
  await page.getByLabel('Email or user name').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(typed);
  await page.keyboard.press('Enter');
}

export async function comesToSecondStep(world: World, page: Page, username: string): Promise<void> {
  await beginsSignIn(world, page);
  await typesPassword(page, username);
  await isAt(page, 'Choose how to confirm it’s you');
}

export async function presses(page: Page, button: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: button }).click();
}

export async function typesCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.keyboard.press('Enter');
}

/** Reads the key off the page, as somebody who cannot scan does, and sets it up. */
export async function readsKey(world: World, page: Page) {
  await page.getByText('Can’t scan it?').click();
  const key = ((await page.locator('code.key').textContent()) ?? '').trim();
  return { key, app: createAuthenticatorApp(key, world.clock) };
}

export async function readsMail(world: World, to: string, after = 0): Promise<{ number: number; text: string }> {
  return world.mails.waitFor(({ number, to: addresses }) => number > after && addresses.includes(to), 5000);
}

export async function readsCode(world: World, to: string, after = 0): Promise<{ number: number; code: string }> {
  const { number, text } = await readsMail(world, to, after);
  return { number, code: /^\s*(\d{8})\s*$/m.exec(text)?.[1] ?? 'no code' };
}

/** What the application was told about whoever sits at this browser. */
export async function asksApplication(world: World, page: Page): Promise<Me> {
  const answer = await page.context().request.get(`${world.application.url}/me.json`);
  return (await answer.json()) as Me;
}

/** The error summary, which is read first: it has the focus. */
export async function readsProblem(page: Page): Promise<string> {
  const summary = page.getByRole('alert').and(page.locator(':focus'));
  await summary.waitFor();
  return (await summary.getByRole('listitem').allInnerTexts()).join('\n');
}
