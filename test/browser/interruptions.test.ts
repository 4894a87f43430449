import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../stories/world.ts';
import { launchChromium } from './chromium.ts';
import {
  asksApplication,
  beginsSignIn,
  comesToSecondStep,
  isAt,
  presses,
  readsCode,
  readsKey,
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
  for (const name of ['ann', 'ben', 'cem', 'dee', 'eve', 'fay']) {
    await world.addUser(name, { email: `${name}@example.com` });
  }
  await world.addUser('gus');
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});
afterEach(async () => expect(await visitors.leave()).toEqual([]));

/** Which page of a sign-in somebody is at, and how to come there. */
const pages: [heading: string, come: (page: Page) => Promise<void>][] = [
  ['Sign in', (page) => beginsSignIn(world, page)],
  ['Choose how to confirm it’s you', (page) => comesToSecondStep(world, page, 'ben')],
  [
    'Check your email',
    async (page) => {
      await comesToSecondStep(world, page, 'ben');
      await presses(page, /^Code by email/);
      await readsCode(world, 'ben@example.com');
    },
  ],
  [
    'Set up an authenticator app',
    async (page) => {
      await comesToSecondStep(world, page, 'gus');
      await presses(page, /^Authenticator app/);
    },
  ],
];

describe.each(pages)('at the page «%s»', (heading, come) => {
  test('loading it again changes nothing, and Cancel leads to the application', async () => {
    const page = await visitors.open();
    await come(page);
    await isAt(page, heading);
    const read = () => page.locator('main').textContent();
    const [before, mails] = [await read(), world.mails.mails().length];
    await page.reload();
    await isAt(page, heading);
    expect(await read()).toBe(before);

    await presses(page, 'Cancel');
    await isAt(page, 'Sign-in was refused');
    const { signedIn, failure } = await asksApplication(world, page);
    expect([signedIn, failure?.error, failure?.error_description]).toEqual([
      false,
      'access_denied',
      'The person cancelled.',
    ]);
    await page.goBack();
    await isAt(page, 'This sign-in is done');
    expect(world.mails.mails()).toHaveLength(mails);
  });
});

test('«Not you?» begins again for somebody else, and the page that was left leads there too', async () => {
  const page = await visitors.open();
  await comesToSecondStep(world, page, 'ann');
  const left = page.url();
  await presses(page, 'Not you?');
  await isAt(page, 'Sign in');
  expect(page.url()).not.toBe(left);
  expect(await page.getByLabel('Email or user name').inputValue()).toBe('');
  const now = page.url();
  await page.goto(left);
  await isAt(page, 'Sign in');
  expect(page.url()).toBe(now);

  await typesPassword(page, 'fay');
  await presses(page, /^Code by email/);
  await typesCode(page, (await readsCode(world, 'fay@example.com')).code);
  await isAt(page, 'Signed in');
  expect((await asksApplication(world, page)).claims['preferred_username']).toBe('fay');
});

test('another way leads back to the choice', async () => {
  const page = await visitors.open();
  await comesToSecondStep(world, page, 'cem');
  await presses(page, /^Code by email/);
  await presses(page, 'Try another way');
  await isAt(page, 'Choose how to confirm it’s you');
  await presses(page, /^Authenticator app/);
  await isAt(page, 'Check your email');
});

test('an old page of the same login in a second tab is done, and leads on', async () => {
  const page = await visitors.open();
  await beginsSignIn(world, page);
  const second = await visitors.openTab(page);
  await second.goto(page.url());
  await isAt(second, 'Sign in');
  await typesPassword(page, 'dee');
  await isAt(page, 'Choose how to confirm it’s you');

  await typesPassword(second, 'dee', 'whatever comes now');
  await isAt(second, 'This step is done');
  await second.getByRole('link', { name: 'Continue' }).click();
  await isAt(second, 'Choose how to confirm it’s you');
  await presses(second, /^Code by email/);
  await typesCode(second, (await readsCode(world, 'dee@example.com')).code);
  await isAt(second, 'Signed in');

  await presses(page, /^Authenticator app/);
  await isAt(page, 'This sign-in is done');
  expect((await asksApplication(world, page)).claims['preferred_username']).toBe('dee');
});

test('two logins in two tabs do not disturb each other', async () => {
  const first = await visitors.open();
  const second = await visitors.openTab(first);
  await beginsSignIn(world, first);
  await beginsSignIn(world, second);
  await typesPassword(first, 'ann');
  await typesPassword(second, 'eve');
  await first.getByText('Signing in as ann').waitFor();
  await second.getByText('Signing in as eve').waitFor();
  await presses(first, /^Code by email/);
  await presses(second, /^Code by email/);
  await typesCode(second, (await readsCode(world, 'eve@example.com')).code);
  await isAt(second, 'Signed in');
  expect((await asksApplication(world, second)).claims['preferred_username']).toBe('eve');
  await typesCode(first, (await readsCode(world, 'ann@example.com')).code);
  await isAt(first, 'Signed in');
  expect((await asksApplication(world, first)).claims['preferred_username']).toBe('ann');
});

test('a browser that was closed and opened goes on; without its cookies it is another browser', async () => {
  const closed = await visitors.open();
  await comesToSecondStep(world, closed, 'ann');
  const url = closed.url();
  // What a browser keeps when it is closed: cookies that have a lifetime.
  const { cookies } = await closed.context().storageState();
  const kept = cookies.filter(({ expires }) => expires > 0);
  const opened = await visitors.open({ storageState: { cookies: kept, origins: [] } });
  await opened.goto(url);
  await isAt(opened, 'Choose how to confirm it’s you');

  const other = await visitors.open();
  await other.goto(url);
  await isAt(other, 'You are not signed in');
  await other.getByText('This sign-in was started in another browser.').waitFor();
  expect(await other.locator('main').textContent()).not.toContain('ann');
});

test('the server may be started again between any two pages', async () => {
  await world.addUser('hal');
  const page = await visitors.open();
  await beginsSignIn(world, page);
  await world.restart();
  await typesPassword(page, 'hal', 'wrong');
  expect(await readsProblem(page)).toContain('do not match');
  await world.restart();
  await typesPassword(page, 'hal');
  await isAt(page, 'Choose how to confirm it’s you');
  await world.restart();
  await presses(page, /^Authenticator app/);
  await isAt(page, 'Set up an authenticator app');
  const { app } = await readsKey(world, page);
  await world.restart();
  await typesCode(page, app.nextCode());
  await isAt(page, 'Signed in');

  const another = await visitors.open();
  await beginsSignIn(world, another);
  await presses(another, 'Continue with Google');
  await isAt(another, 'Choose an account');
  await world.restart();
  await presses(another, /^Alan Turing/);
  await isAt(another, 'Signed in');
  expect((await asksApplication(world, another)).claims['name']).toBe('Alan Turing');
});
