import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/connections/connection.ts';
import { createOAuth2Provider, type OAuth2Provider } from '../federation/oauth2-provider.ts';
import { createSamlProvider, type SamlProvider } from '../federation/saml-provider.ts';
import { changeConnection, connectGitHub, connectSaml } from '../stories/connections.ts';
import { startWorld, type World } from '../stories/world.ts';
import { launchChromium } from './chromium.ts';
import { asksApplication, beginsSignIn, isAt, presses, readsProblem } from './moves.ts';
import { createVisitors, type Visitors } from './visitors.ts';

let browser: Browser;
let world: World;
let visitors: Visitors;
let github: OAuth2Provider;
let saml: SamlProvider;
let connections: Record<'Google' | 'GitHub' | 'Example Ltd', Connection>;

beforeAll(async () => {
  [browser, world] = await Promise.all([launchChromium(), startWorld()]);
  [github, saml] = await Promise.all([createOAuth2Provider('127.0.0.3'), createSamlProvider('127.0.0.4')]);
  // An address that nobody brings along from Google: it is the user name of who does.
  saml.misbehave({ attributes: { mail: 'ada@example.com', givenName: 'Ada' } });
  connections = {
    Google: world.connection,
    GitHub: await connectGitHub(world, github),
    'Example Ltd': await connectSaml(world, saml),
  };
  visitors = createVisitors(browser, world, [github.url, saml.url]);
  const options = Object.keys(connections).map((idp) => ({ idp }));
  await world.publish({
    steps: [{ options: [{ authenticator: 'BasicAuthenticator' }, ...options] }],
    script: null,
    scriptEnabled: false,
  });
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([world?.close(), github?.close(), saml?.close()]);
});
beforeEach(() => world.happened());
afterEach(async () => expect(await visitors.leave()).toEqual([]));

type Name = keyof typeof connections;

/** In a browser of their own, from the application's page and back to it. */
async function signsIn(name: Name, javaScriptEnabled: boolean): Promise<Page> {
  const page = await visitors.open({ javaScriptEnabled });
  await beginsSignIn(world, page);
  await presses(page, `Continue with ${name}`);
  if (name === 'Google') await presses(page, /^Grace Hopper/);
  if (name === 'Example Ltd' && !javaScriptEnabled) await presses(page, 'Continue');
  await isAt(page, 'Signed in');
  return page;
}

const isTold = async (name: Name, javaScriptEnabled: boolean) =>
  asksApplication(world, await signsIn(name, javaScriptEnabled));

const setJit = (name: Name, enabled: boolean) =>
  changeConnection(world, connections[name], (now) => ({ ...now, jit: { ...now.jit, enabled } }));

const told: Record<Name, Record<string, unknown>> = {
  Google: { name: 'Grace Hopper', email: 'grace.hopper@example.com', email_verified: true },
  GitHub: { name: 'The Octocat', email: 'octocat@example.com', email_verified: true },
  'Example Ltd': { given_name: 'Ada', email: 'ada@example.com', email_verified: true },
};

describe.each(Object.keys(told) as Name[])('somebody from %s', (name) => {
  test('with JIT off has no account, and the same sub at the first time and the second', async () => {
    await setJit(name, false);
    const before = await world.users();
    const [first, second] = [await isTold(name, true), await isTold(name, false)];
    expect(first.claims).toMatchObject(told[name]);
    expect(second.claims['sub']).toBe(first.claims['sub']);
    expect(await world.users()).toEqual(before);
    expect(await world.happened()).toEqual({ 'login.succeeded': 2 });
  });

  test('with JIT on gets an account at the first time, and has it at the second', async () => {
    await setJit(name, true);
    const before = (await world.users()).length;
    const [first, second] = [await isTold(name, true), await isTold(name, false)];
    expect(first.claims).toMatchObject(told[name]);
    expect(second.claims['sub']).toBe(first.claims['sub']);
    expect(await world.users()).toHaveLength(before + 1);
    expect(await world.happened()).toEqual({ 'user.created': 1, 'association.created': 1, 'login.succeeded': 2 });
  });
});

test('signing out goes by way of the SAML provider, and comes back', async () => {
  const page = await signsIn('Example Ltd', true);
  const before = saml.signOuts().length;
  await page.getByRole('link', { name: 'Sign out' }).click();
  await presses(page, 'Sign out');
  await isAt(page, 'Signed out');
  expect(saml.signOuts()).toHaveLength(before + 1);
  expect(await world.happened()).toMatchObject({ 'session.ended': 1 });
});

test('a connection that is disabled while somebody is at the provider: not let in, and told so', async () => {
  const page: Page = await visitors.open();
  await beginsSignIn(world, page);
  await presses(page, 'Continue with Google');
  await isAt(page, 'Choose an account');
  await changeConnection(world, world.connection, (now) => ({ ...now, enabled: false }));
  await presses(page, /^Grace Hopper/);
  expect(await readsProblem(page)).toMatch(/^This way to sign in is switched off. Choose another one/);
  expect((await asksApplication(world, page)).signedIn).toBe(false);
  expect(await world.happened()).toEqual({ 'login.step-missed': 1 });
  expect(await world.lastEvent('login.step-missed')).toMatchObject({ code: 'CONNECTION_DISABLED' });
  await changeConnection(world, world.connection, (now) => ({ ...now, enabled: true }));
});
