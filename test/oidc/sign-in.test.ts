import * as client from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRelyingParty } from './relying-party.ts';
import { createWorld, success, type World } from './world.ts';

const claim = (name: string) => `http://wso2.org/claims/${name}`;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('a person signs in: code, PKCE, id_token, userinfo', async () => {
  const user = await world.addUser({
    username: 'ann',
    usernameKey: 'ann',
    attributes: [
      { uri: claim('givenname'), value: 'Ann', origin: 'admin' },
      { uri: claim('lastname'), value: 'Müller', origin: 'admin' },
      { uri: claim('emailaddress'), value: 'ann@example.com', origin: 'admin' },
      { uri: claim('costCentre'), value: '4711', origin: 'admin' },
      { uri: 'https://elsewhere.test/claims/inner', value: 'secret', origin: 'admin' },
    ],
    verified: [claim('emailaddress')],
    groups: [{ name: 'staff', origin: 'admin' }],
  });
  const party = await createRelyingParty(world, await world.addApplication());
  const authTime = Math.floor(Date.now() / 1000) - 30;
  world.answer = success(user.subject, { acr: 'urn:stepgate:2fa', amr: ['pwd', 'otp'], authTime });

  const tokens = await party.signIn(world.newBrowser());

  const expected = {
    sub: user.subject,
    given_name: 'Ann',
    family_name: 'Müller',
    preferred_username: 'ann',
    email: 'ann@example.com',
    email_verified: true,
    costCentre: '4711',
  };
  expect(tokens.claims()).toMatchObject({
    ...expected,
    acr: 'urn:stepgate:2fa',
    amr: ['pwd', 'otp'],
    auth_time: authTime,
  });
  expect(tokens.claims()).not.toHaveProperty('groups');
  const userinfo = await party.userinfo(tokens);
  expect(userinfo).toMatchObject(expected);
  expect(JSON.stringify(userinfo)).not.toContain('secret');
  expect((await world.events()).map(({ type, target }) => ({ type, target }))).toEqual([
    { type: 'session.opened', target: user.id },
  ]);
});

test('scopes decide what is told', async () => {
  const application = await world.addApplication();
  const user = await world.addUser({
    attributes: [
      { uri: claim('emailaddress'), value: 'x@example.com', origin: 'admin' },
      { uri: claim('costCentre'), value: '4711', origin: 'admin' },
    ],
    groups: [{ name: 'staff', origin: 'admin' }],
    roles: [{ name: 'clerk', origin: 'admin' }],
    applicationRoles: [
      { name: 'approver', applicationId: application.id, origin: 'admin' },
      { name: 'clerk', applicationId: application.id, origin: 'admin' },
      { name: 'Owner', applicationId: application.id, origin: 'admin' },
      { name: 'elsewhere', applicationId: (await world.addApplication()).id, origin: 'admin' },
    ],
  });
  const party = await createRelyingParty(world, application);
  world.answer = success(user.subject, { claims: { tenant: 'acme', sub: 'somebody-else', iss: 'https://evil.test' } });

  const little = await party.signIn(world.newBrowser(), { scope: 'openid' });
  expect(await party.userinfo(little)).toEqual({ sub: user.subject });

  const more = await party.signIn(world.newBrowser(), { scope: 'openid profile groups roles' });
  expect(more.claims()).toMatchObject({
    sub: user.subject,
    tenant: 'acme',
    groups: ['staff'],
    roles: ['clerk', 'approver'],
    iss: world.oidc.issuer,
  });
  expect(more.claims()).not.toHaveProperty('email');

  const single = await party.signIn(world.newBrowser(), { scope: 'openid', claims: '{"userinfo":{"email":null}}' });
  expect(await party.userinfo(single)).toEqual({ sub: user.subject, email: 'x@example.com' });
});

test('the login gets to know the request, without what is secret or ours', async () => {
  const user = await world.addUser();
  const application = await world.addApplication();
  const party = await createRelyingParty(world, application);
  world.answer = success(user.subject);
  const browser = world.newBrowser();
  await browser.jar.setCookie('theme=dark%20blue; Path=/', world.publicUrl);
  await browser.jar.setCookie('sg_other=1; Path=/', world.publicUrl);
  const { url } = await party.request({
    acr_values: 'gold silver',
    login_hint: 'ann@example.com',
    ui_locales: 'de-CH en',
    max_age: '300',
    prompt: 'login',
    fidp: 'Google',
    claims: '{"id_token":{"acr":{"values":["gold","bronze"]}}}',
  });

  await browser.request(url, {
    headers: { authorization: 'Basic c2VjcmV0', 'x-forwarded-for': '8.8.8.8', 'user-agent': 'Test/1', 'x-risk': 'low' },
  });

  const begun = world.begun.at(-1);
  expect(begun?.clientId).toBe(application.clientId);
  expect(begun?.request).toMatchObject({
    ip: '127.0.0.1',
    cookies: { theme: 'dark blue' },
    acrValues: ['gold', 'silver', 'bronze'],
    essentialAcr: [],
    loginHint: 'ann@example.com',
    uiLocales: ['de-CH', 'en'],
    maxAge: 300,
    prompt: ['login'],
    scopes: ['openid', 'profile', 'email'],
  });
  expect(begun?.request.headers).toMatchObject({ 'user-agent': 'Test/1', 'x-risk': 'low' });
  expect(Object.keys(begun?.request.headers ?? {}).join()).not.toMatch(/cookie|authorization|forwarded/);
  expect(Object.keys(begun?.request.params ?? {}).sort()).toEqual(
    'acr_values claims client_id fidp login_hint max_age prompt redirect_uri response_type scope ui_locales'.split(' '),
  );
});

test('every authorization request runs a login, whatever the session says', async () => {
  const user = await world.addUser();
  const party = await createRelyingParty(world, await world.addApplication());
  world.answer = success(user.subject);
  const browser = world.newBrowser();
  const before = world.begun.length;
  await party.signIn(browser);
  await party.signIn(browser);
  expect(world.begun.length - before).toBe(2);

  const { page } = await party.send(browser, { prompt: 'none' });
  expect(page.location).toContain('error=login_required');
  const chosen = await party.signIn(browser, { prompt: 'select_account' });
  expect(chosen.claims()?.sub).toBe(user.subject);
});

test('the login cookie is bound to its login, and cookies are safe', async () => {
  const party = await createRelyingParty(world, await world.addApplication());
  const { url } = await party.request();
  const page = await world.newBrowser().request(url);
  const cookies = page.headers.getSetCookie();
  const login = cookies.find((cookie) => cookie.startsWith('sg_login='));
  expect(login).toMatch(new RegExp(`path=${new URL(page.location ?? '').pathname};`, 'i'));
  for (const cookie of cookies) {
    expect(cookie).toMatch(/httponly/i);
    expect(cookie).toMatch(/samesite=lax/i);
    expect(cookie).toMatch(/secure/i);
  }
  expect(page.status).toBe(303);
});

test('another person in the same browser signs the first one out, without a page in between', async () => {
  const [ann, bob] = [await world.addUser(), await world.addUser()];
  const party = await createRelyingParty(world, await world.addApplication());
  const browser = world.newBrowser();
  world.answer = success(ann.subject);
  const first = await party.signIn(browser);
  world.answer = success(bob.subject);
  const second = await party.signIn(browser);
  expect(second.claims()?.sub).toBe(bob.subject);
  await expect(party.userinfo(first)).rejects.toThrow();
  await expect(client.refreshTokenGrant(party.config, first.refresh_token ?? '')).rejects.toThrow();
  expect(await party.userinfo(second)).toMatchObject({ sub: bob.subject });
});

test('a session that was there before is never taken over, and its cookie changes with every sign-in', async () => {
  const user = await world.addUser();
  const party = await createRelyingParty(world, await world.addApplication());
  world.answer = success(user.subject);
  const browser = world.newBrowser();
  const planted = `__Host-sg_session=${'a'.repeat(43)}; Path=/; Secure; HttpOnly`;
  await browser.jar.setCookie(planted, world.publicUrl);
  const cookie = async () =>
    (await browser.jar.getCookieString(world.publicUrl)).match(/__Host-sg_session=([^;]*)/)?.[1];
  const seen = [await cookie()];
  for (let i = 0; i < 2; i++) {
    await party.signIn(browser);
    seen.push(await cookie());
  }
  expect(new Set(seen).size).toBe(3);
});

test('a sign-in goes on when another tab has changed the session meanwhile', async () => {
  const [ann, bob] = [await world.addUser(), await world.addUser()];
  const party = await createRelyingParty(world, await world.addApplication());
  const browser = world.newBrowser();
  world.answer = success(ann.subject);
  await party.signIn(browser);
  const slow = await party.request();
  const toLogin = await browser.request(slow.url);
  world.answer = success(bob.subject);
  await party.signIn(browser);
  const page = await browser.open(toLogin.location ?? '');
  expect((await party.redeem(slow, page.location ?? '')).claims()?.sub).toBe(bob.subject);
});

test('two tabs sign in at the same time, and both keep their tokens', async () => {
  const user = await world.addUser();
  const party = await createRelyingParty(world, await world.addApplication());
  world.answer = success(user.subject);
  const browser = world.newBrowser();
  const [one, two] = [await party.request(), await party.request()];
  const [toOne, toTwo] = [await browser.request(one.url), await browser.request(two.url)];
  const [oneEnds, twoEnds] = await Promise.all([
    browser.open(toOne.location ?? ''),
    browser.open(toTwo.location ?? ''),
  ]);
  const tokens = [await party.redeem(one, oneEnds.location ?? ''), await party.redeem(two, twoEnds.location ?? '')];
  for (const each of tokens) {
    expect(await party.userinfo(each)).toMatchObject({ sub: user.subject });
    await client.refreshTokenGrant(party.config, each.refresh_token ?? '');
  }
});

test('a public application and form_post', async () => {
  const user = await world.addUser();
  const party = await createRelyingParty(
    world,
    await world.addApplication({
      clientType: 'public',
      clientSecretHash: null,
      redirectUris: ['com.example.app:/cb', 'http://127.0.0.1/cb'],
    }),
  );
  world.answer = success(user.subject);
  const tokens = await party.signIn(world.newBrowser(), { redirect_uri: 'http://127.0.0.1:5001/cb' });
  expect(tokens.claims()?.sub).toBe(user.subject);

  const { page } = await party.send(world.newBrowser(), { response_mode: 'form_post' });
  expect(page.text).toContain('name="code"');
  expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self' 'sha256-/);
});
