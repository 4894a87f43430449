import * as client from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readForm } from './browser.ts';
import { createRelyingParty } from './relying-party.ts';
import { createWorld, success, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('signing out: asked, done, back at the application, and every sign-in of the browser ended', async () => {
  const user = await world.addUser();
  world.answer = success(user.subject);
  const [payroll, wiki] = [
    await createRelyingParty(world, await world.addApplication()),
    await createRelyingParty(world, await world.addApplication()),
  ];
  const [browser, phone] = [world.newBrowser(), world.newBrowser()];
  const tokens = await payroll.signIn(browser);
  const again = await payroll.signIn(browser);
  const others = await wiki.signIn(browser);
  const onPhone = await payroll.signIn(phone);

  const url = client.buildEndSessionUrl(payroll.config, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: 'https://app.test/bye',
    state: 'over',
  });
  const question = await browser.open(url.href);
  expect(question.status).toBe(200);
  const { action, fields } = readForm(question);

  const forged = await browser.open(action, { form: { ...fields, xsrf: 'guess', logout: 'yes' } });
  expect(forged.status).toBe(400);
  expect(await payroll.userinfo(tokens)).toMatchObject({ sub: user.subject });

  const done = await browser.open(action, { form: { ...fields, logout: 'yes' } });
  expect(done.location).toBe('https://app.test/bye?state=over');
  for (const [party, each] of [
    [payroll, tokens],
    [payroll, again],
    [wiki, others],
  ] as const) {
    await expect(party.userinfo(each)).rejects.toThrow();
    await expect(client.refreshTokenGrant(party.config, each.refresh_token ?? '')).rejects.toThrow();
  }
  expect(await payroll.userinfo(onPhone)).toMatchObject({ sub: user.subject });
});

test('staying signed in ends nothing', async () => {
  const user = await world.addUser();
  world.answer = success(user.subject);
  const party = await createRelyingParty(world, await world.addApplication());
  const browser = world.newBrowser();
  const tokens = await party.signIn(browser);
  const question = await browser.open(`${world.oidc.issuer}/logout`);
  const { action, fields } = readForm(question);
  const page = await browser.open(action, { form: fields });
  expect(page.status).toBe(200);
  expect(await party.userinfo(tokens)).toMatchObject({ sub: user.subject });
});

test('without an application to go back to, our own page says that it is done', async () => {
  const user = await world.addUser();
  world.answer = success(user.subject);
  const party = await createRelyingParty(world, await world.addApplication());
  const browser = world.newBrowser();
  await party.signIn(browser);
  const { action, fields } = readForm(await browser.open(`${world.oidc.issuer}/logout`));
  const page = await browser.open(action, { form: { ...fields, logout: 'yes' } });
  expect(page.status).toBe(200);
  expect(page.url).toBe(`${world.oidc.issuer}/logout/success`);
});

test('nobody is sent to an address that is not registered', async () => {
  const user = await world.addUser();
  world.answer = success(user.subject);
  const application = await world.addApplication();
  const party = await createRelyingParty(world, application);
  const browser = world.newBrowser();
  await party.signIn(browser);
  const page = await browser.open(
    `${world.oidc.issuer}/logout?${new URLSearchParams({ client_id: application.clientId, post_logout_redirect_uri: 'https://evil.test/' })}`,
  );
  expect(page.status).toBe(400);
  expect(page.text).toMatch(/INVALID_REQUEST/);
  expect((await world.events('oidc.error'))[0]).toMatchObject({ details: { route: 'end_session' } });
});
