import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import * as client from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { User } from '../../src/directory/user.ts';
import { createRelyingParty, type RelyingParty } from './relying-party.ts';
import { createWorld, success, type World } from './world.ts';

const email = 'http://wso2.org/claims/emailaddress';

let world: World;
let user: User;
let party: RelyingParty;
beforeAll(async () => {
  world = await createWorld();
  user = await world.addUser();
  party = await createRelyingParty(world, await world.addApplication());
  world.answer = success(user.subject);
});
afterAll(() => world.close());

const refresh = (token: string | undefined) =>
  party.post('/token', { grant_type: 'refresh_token', refresh_token: token ?? '' });

test('refreshing rotates the token and reads the person anew', async () => {
  const someone = await world.addUser({ attributes: [{ uri: email, value: 'old@example.com', origin: 'admin' }] });
  world.answer = success(someone.subject, { acr: 'gold', amr: ['pwd', 'otp'] });
  const first = await party.signIn(world.newBrowser());
  world.answer = success(user.subject);
  await world.change(someone.id, { attributes: [{ uri: email, value: 'new@example.com', origin: 'admin' }] });

  const second = await client.refreshTokenGrant(party.config, first.refresh_token ?? '');

  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(second.claims()).toMatchObject({
    sub: someone.subject,
    email: 'new@example.com',
    acr: 'gold',
    amr: ['pwd', 'otp'],
  });
  expect(second.claims()?.auth_time).toBe(first.claims()?.auth_time);
});

test('a refresh token that comes back a moment later is refused and nothing else happens', async () => {
  const tokens = await party.signIn(world.newBrowser());
  const winner = await refresh(tokens.refresh_token);
  expect(await refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect((await refresh(winner.body['refresh_token'] as string)).status).toBe(200);
});

test('a refresh token that comes back later is stolen: the sign-in ends', async () => {
  const tokens = await party.signIn(world.newBrowser());
  const other = await party.signIn(world.newBrowser());
  const next = await refresh(tokens.refresh_token);
  world.later(11_000);
  expect((await refresh(tokens.refresh_token)).status).toBe(400);
  expect((await refresh(next.body['refresh_token'] as string)).status).toBe(400);
  await expect(party.userinfo(tokens)).rejects.toThrow();
  expect((await refresh(other.refresh_token)).status).toBe(200);
});

test('a hundred at once with one refresh token: one winner, and its tokens live', async () => {
  const tokens = await party.signIn(world.newBrowser());
  const answers = await Promise.all(Array.from({ length: 100 }, () => refresh(tokens.refresh_token)));
  const winners = answers.filter(({ status }) => status === 200);
  expect(winners.length).toBe(1);
  expect(answers.filter(({ body }) => body['error'] === 'invalid_grant').length).toBe(99);
  expect((await refresh(winners[0]?.body['refresh_token'] as string)).status).toBe(200);
});

test('a hundred at once with one code: one winner', async () => {
  const { request, page } = await party.send(world.newBrowser());
  const code = new URL(page.location ?? '').searchParams.get('code') ?? '';
  const body = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: 'https://app.test/callback',
    code_verifier: request.verifier,
  };
  const answers = await Promise.all(Array.from({ length: 100 }, () => party.post('/token', body)));
  expect(answers.filter(({ status }) => status === 200).length).toBe(1);
  expect(answers.filter(({ body: { error } }) => error === 'invalid_grant').length).toBe(99);
});

test('a code that comes back ends what came of it', async () => {
  const { request, page } = await party.send(world.newBrowser());
  const tokens = await party.redeem(request, page.location ?? '');
  await expect(party.redeem(request, page.location ?? '')).rejects.toThrow();
  await expect(party.userinfo(tokens)).rejects.toThrow();
  expect((await world.events('oidc.error'))[0]).toMatchObject({
    code: 'INVALID_REQUEST',
    details: { error: 'invalid_grant', detail: 'authorization code already consumed' },
  });
});

test('a code is for its application, redirect URI and verifier', async () => {
  const other = await createRelyingParty(world, await world.addApplication());
  const { request, page } = await party.send(world.newBrowser());
  const code = new URL(page.location ?? '').searchParams.get('code') ?? '';
  const body = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: 'https://app.test/callback',
    code_verifier: request.verifier,
  };
  expect((await other.post('/token', body)).status).toBe(400);
  expect((await party.post('/token', { ...body, code_verifier: 'y'.repeat(43) })).status).toBe(400);
  expect((await party.post('/token', { ...body, redirect_uri: 'https://app.test/other' })).status).toBe(400);
  expect((await party.post('/token', body)).status).toBe(200);
});

test('an application proves itself by its secret, of which only a hash is stored', async () => {
  const tokens = await party.signIn(world.newBrowser());
  const { clientId } = { clientId: party.config.clientMetadata().client_id };
  const stored = (await world.database.read.applications.findByClientId(clientId))?.clientSecretHash ?? '';
  const body = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
  for (const secret of ['wrong', stored, '']) {
    const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
    expect((await party.post('/token', body, { authorization })).status, secret).toBeGreaterThanOrEqual(400);
  }
  const asPublic = await fetch(`${world.address}/oidc/token`, {
    method: 'POST',
    body: new URLSearchParams({ ...body, client_id: clientId }),
  });
  expect(asPublic.status).toBe(401);
  expect((await party.post('/token', body)).status).toBe(200);
});

test.each(['locked', 'disabled', 'deleted'])('a person who is %s in between gets nothing any more', async (how) => {
  const person = await world.addUser();
  world.answer = success(person.subject);
  const browser = world.newBrowser();
  const tokens = await party.signIn(browser);
  const { request, page } = await party.send(world.newBrowser());
  const finished = await openUntilFinished(browser);

  if (how === 'deleted') await world.database.unit(({ users }) => users.delete(person.id));
  else await world.change(person.id, { [how]: true });

  await expect(party.userinfo(tokens)).rejects.toThrow();
  expect((await refresh(tokens.refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
  await expect(party.redeem(request, page.location ?? '')).rejects.toThrow();
  expect((await party.post('/introspect', { token: tokens.access_token })).body).toEqual({ active: false });
  expect((await browser.request(finished)).location).toContain('error=access_denied');
  world.answer = success(user.subject);
});

async function openUntilFinished(browser: ReturnType<World['newBrowser']>): Promise<string> {
  const toLogin = await browser.request((await party.request()).url);
  return (await browser.request(toLogin.location ?? '')).location ?? '';
}

test('ending an account removes all that was given to it', async () => {
  const [person, other] = [await world.addUser(), await world.addUser()];
  world.answer = success(person.subject);
  const tokens = await party.signIn(world.newBrowser());
  world.answer = success(other.subject);
  const others = await party.signIn(world.newBrowser());
  await world.oidc.endAccount(person.subject);
  await expect(party.userinfo(tokens)).rejects.toThrow();
  expect((await refresh(tokens.refresh_token)).status).toBe(400);
  expect(await party.userinfo(others)).toMatchObject({ sub: other.subject });
  world.answer = success(user.subject);
});

test('introspection shows an application its own tokens and no others', async () => {
  const other = await createRelyingParty(world, await world.addApplication());
  const tokens = await party.signIn(world.newBrowser());
  for (const token of [tokens.access_token, tokens.refresh_token ?? '']) {
    expect((await party.post('/introspect', { token })).body).toMatchObject({
      active: true,
      sub: user.subject,
      iss: world.oidc.issuer,
    });
    expect((await other.post('/introspect', { token })).body).toEqual({ active: false });
  }
});

test('revoking any token ends the sign-in; another application cannot', async () => {
  const other = await createRelyingParty(world, await world.addApplication());
  for (const name of ['access_token', 'refresh_token'] as const) {
    const tokens = await party.signIn(world.newBrowser());
    await other.post('/revoke', { token: tokens[name] ?? '' });
    expect(await party.userinfo(tokens)).toMatchObject({ sub: user.subject });
    expect((await party.post('/revoke', { token: tokens[name] ?? '' })).status).toBe(200);
    await expect(party.userinfo(tokens)).rejects.toThrow();
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
  }
});

test('tokens end with the sign-in, however often they were refreshed', async () => {
  const tokens = await party.signIn(world.newBrowser());
  world.later(13 * 24 * 3_600_000);
  const next = await refresh(tokens.refresh_token);
  expect(next.status).toBe(200);
  world.later(2 * 24 * 3_600_000);
  expect((await refresh(next.body['refresh_token'] as string)).status).toBe(400);
});

test('no code, token or cookie is stored as it is', async () => {
  const browser = world.newBrowser();
  const { request, page } = await party.send(browser);
  const code = new URL(page.location ?? '').searchParams.get('code') ?? '';
  const tokens = await party.redeem(request, page.location ?? '');
  const session =
    (await browser.jar.getCookies(world.publicUrl)).find(({ key }) => key === '__Host-sg_session')?.value ?? '';
  await openUntilFinished(browser); // An interaction that remembers the session.
  const secrets = [code, tokens.access_token, tokens.refresh_token ?? '', session];
  expect(secrets.map((secret) => secret.length >= 21)).toEqual([true, true, true, true]);
  const directory = world.directory;
  const files = await Promise.all((await readdir(directory)).map((name) => readFile(`${directory}/${name}`, 'latin1')));
  for (const secret of secrets) expect(files.join().includes(secret)).toBe(false);
  expect(files.join().includes(hash('sha256', tokens.access_token, 'base64url'))).toBe(true);
});

test('browsers may call from where a public application lives, and from nowhere else', async () => {
  const application = await world.addApplication({ clientType: 'public', clientSecretHash: null });
  const spa = await createRelyingParty(world, application);
  const tokens = await spa.signIn(world.newBrowser());
  const ask = (origin: string) =>
    fetch(`${world.address}/oidc/userinfo`, { headers: { origin, authorization: `Bearer ${tokens.access_token}` } });
  expect((await ask('https://app.test')).headers.get('access-control-allow-origin')).toBe('https://app.test');
  expect((await ask('https://evil.test')).status).toBe(400);
});
