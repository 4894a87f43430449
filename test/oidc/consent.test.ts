import * as client from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { User } from '../../src/directory/user.ts';
import { readForm } from './browser.ts';
import { createRelyingParty, type RelyingParty } from './relying-party.ts';
import { createWorld, success, type World } from './world.ts';

let world: World;
let user: User;
let party: RelyingParty;
beforeAll(async () => {
  world = await createWorld();
  user = await world.addUser({ username: 'ann', usernameKey: 'ann' });
  party = await createRelyingParty(world, await world.addApplication({ name: 'Survey', consent: 'ask' }));
  world.answer = success(user.subject, { claims: { tenant: 'acme' }, acr: 'gold' });
});
afterAll(() => world.close());

test('asked, allowed: the application gets what the page named', async () => {
  const browser = world.newBrowser();
  const before = world.begun.length;
  const { request, page } = await party.send(browser, { ui_locales: 'de' });
  expect(new URL(page.url).pathname).toMatch(/^\/consent\//);
  expect(page.text).toContain('lang="de"');
  expect(page.text).toContain('Survey');
  expect(page.text).toContain('ann');
  const { action, fields } = readForm(page);

  const allowed = await browser.open(action, { form: { ...fields, decision: 'allow' } });
  const tokens = await party.redeem(request, allowed.location ?? '');
  expect(tokens.claims()).toMatchObject({ sub: user.subject, tenant: 'acme', acr: 'gold' });
  expect(world.begun.length - before).toBe(1);

  // The same browser is not asked for the same again, but for more it is.
  const again = await party.signIn(browser);
  expect(again.claims()).toMatchObject({ sub: user.subject, tenant: 'acme' });
  const more = await party.send(browser, { scope: 'openid profile email groups' });
  expect(new URL(more.page.url).pathname).toMatch(/^\/consent\//);
  const insists = await party.send(browser, { prompt: 'consent' });
  expect(new URL(insists.page.url).pathname).toMatch(/^\/consent\//);
  const elsewhere = await party.send(world.newBrowser());
  expect(new URL(elsewhere.page.url).pathname).toMatch(/^\/consent\//);
});

test('declined: the application hears so, and gets nothing', async () => {
  const browser = world.newBrowser();
  const { page } = await party.send(browser);
  const { action, fields } = readForm(page);
  const declined = await browser.open(action, { form: { ...fields, decision: 'deny' } });
  expect(Object.fromEntries(new URL(declined.location ?? '').searchParams)).toMatchObject({
    error: 'access_denied',
    iss: world.oidc.issuer,
  });
});

test('the answer counts once, from this page in this browser', async () => {
  const browser = world.newBrowser();
  const { page } = await party.send(browser);
  const { action, fields } = readForm(page);
  const forged = await browser.request(action, { form: { csrf: 'guess', decision: 'allow' } });
  expect(forged.status).toBe(403);
  expect(forged.text).toContain('CSRF_INVALID');
  const stranger = await world.newBrowser().request(action, { form: { ...fields, decision: 'allow' } });
  expect(stranger.status).toBe(403);
  expect(stranger.text).toContain('WRONG_BROWSER');
  const first = await browser.request(action, { form: { ...fields, decision: 'deny' } });
  const second = await browser.request(action, { form: { ...fields, decision: 'allow' } });
  expect(second.location).toBe(first.location);
  expect((await browser.open(second.location ?? '')).location).toContain('error=access_denied');
  const late = await browser.request(action, { form: { ...fields, decision: 'allow' } });
  expect(late.status).toBe(410);
  expect((await world.events('oidc.error')).map(({ code }) => code)).toEqual([
    'LOGIN_EXPIRED',
    'WRONG_BROWSER',
    'CSRF_INVALID',
  ]);
});

test('offline_access outlives signing out', async () => {
  const browser = world.newBrowser();
  const { request, page } = await party.send(browser, { scope: 'openid offline_access', prompt: 'consent' });
  const { action, fields } = readForm(page);
  const allowed = await browser.open(action, { form: { ...fields, decision: 'allow' } });
  const tokens = await party.redeem(request, allowed.location ?? '');
  const question = readForm(await browser.open(`${world.oidc.issuer}/logout`));
  await browser.open(question.action, { form: { ...question.fields, logout: 'yes' } });
  const next = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '');
  expect(next.claims()?.sub).toBe(user.subject);
});
