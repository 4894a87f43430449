import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppError } from '../../src/kernel/errors.ts';
import { type Page, readForm } from './browser.ts';
import { createRelyingParty } from './relying-party.ts';
import { createWorld, success, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const good = {
  response_type: 'code',
  redirect_uri: 'https://app.test/callback',
  scope: 'openid',
  code_challenge: 'x'.repeat(43),
  code_challenge_method: 'S256',
};

function authorize(params: Record<string, string> | string): Promise<Page> {
  return world.newBrowser().request(`${world.publicUrl}/oidc/authorize?${new URLSearchParams(params)}`);
}

/** The page names a code and a reference; the reference finds one event, which names the same code. */
async function expectPage(page: Page, code: string, status: number) {
  expect({ status: page.status, location: page.location }).toEqual({ status, location: null });
  expect(page.text).toContain(code);
  expect(page.headers.get('cache-control')).toBe('no-store');
  const reference = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(page.text)?.[0] ?? '';
  const [event, ...more] = await world.database.read.audit.list({ after: null, limit: 10, reference });
  expect(more).toEqual([]);
  expect(event).toMatchObject({ type: 'oidc.error', code });
  return event;
}

test('an unknown application: a page, an event, no login', async () => {
  const before = world.begun.length;
  const event = await expectPage(await authorize({ ...good, client_id: 'nobody' }), 'CLIENT_UNKNOWN', 400);
  expect(event).toMatchObject({ target: null, details: { clientId: 'nobody', route: 'authorization' } });
  expect(world.begun.length).toBe(before);
});

test('a disabled application: refused at once, everywhere', async () => {
  const user = await world.addUser();
  const application = await world.addApplication();
  const party = await createRelyingParty(world, application);
  world.answer = success(user.subject);
  const tokens = await party.signIn(world.newBrowser());
  const { request, page } = await party.send(world.newBrowser());
  const open = await world.newBrowser().request((await party.request()).url);
  expect(open.status).toBe(303);

  await world.database.unit(({ applications }) => applications.update({ ...application, disabled: true }));

  const refused = await authorize({ ...good, client_id: application.clientId });
  expect(await expectPage(refused, 'CLIENT_DISABLED', 403)).toMatchObject({ target: application.id });
  await expect(party.redeem(request, page.location ?? '')).rejects.toThrow();
  await expect(party.userinfo(tokens)).rejects.toThrow();
  expect(
    await party.post('/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }),
  ).toMatchObject({
    status: 401,
    body: { error: 'invalid_client' },
  });
});

test('an unregistered redirect URI is never redirected to', async () => {
  const { clientId } = await world.addApplication();
  for (const uri of [
    'https://evil.test/callback',
    'https://app.test/callback/',
    'https://app.test/callback?x=1',
    'https://APP.test/callback#f',
  ]) {
    const page = await authorize({ ...good, client_id: clientId, redirect_uri: uri });
    await expectPage(page, 'REDIRECT_URI_INVALID', 400);
  }
  const { redirect_uri: _, ...without } = good;
  await expectPage(await authorize({ ...without, client_id: clientId }), 'INVALID_REQUEST', 400);
});

test('a parameter that comes twice is refused, of whatever name', async () => {
  const { clientId, id } = await world.addApplication();
  const before = world.begun.length;
  const query = String(new URLSearchParams({ ...good, client_id: clientId }));
  for (const twice of [
    'state=1&state=2',
    'redirect_uri=https%3A%2F%2Fevil.test',
    'scope=openid',
    'own=1&own=2',
    'client_id=other',
  ]) {
    const event = await expectPage(await authorize(`${query}&${twice}`), 'INVALID_REQUEST', 400);
    expect(event?.details['description']).toContain(twice.split('=')[0]);
    if (!twice.startsWith('client_id')) expect(event?.target).toBe(id);
  }
  expect(world.begun.length).toBe(before);
});

test('what the application did wrong goes back to it, with the reference of an event', async () => {
  const { clientId, id } = await world.addApplication();
  const { code_challenge: _, code_challenge_method: __, ...noPkce } = good;
  const wrong: [params: Record<string, string>, error: string][] = [
    [noPkce, 'invalid_request'],
    [{ ...good, code_challenge_method: 'plain' }, 'invalid_request'],
    [{ ...good, response_type: 'token' }, 'invalid_request'],
    [{ ...good, response_type: 'code id_token', nonce: 'n', response_mode: 'form_post' }, 'unsupported_response_type'],
    [{ ...good, prompt: 'dance' }, 'invalid_request'],
    [{ ...good, max_age: '-1' }, 'invalid_request'],
    [{ ...good, claims: '{"id_token":{"acr":{"values":"gold"}}}' }, 'invalid_request'],
    [{ ...good, request: 'e30.e30.' }, 'request_not_supported'],
  ];
  const before = world.begun.length;
  for (const [params, error] of wrong) {
    const page = await authorize({ ...params, client_id: clientId, state: 's' });
    if (params['response_mode'] === 'form_post') {
      expect(readForm(page)).toMatchObject({ action: good.redirect_uri, fields: { error } });
      expect((await world.events('oidc.error'))[0]).toMatchObject({ target: id, details: { error } });
      continue;
    }
    expect(page.status, error).toBe(303);
    const answer = new URLSearchParams(page.location?.split(/[?#]/)[1]);
    expect(Object.fromEntries(answer)).toMatchObject({ error, state: 's', iss: world.oidc.issuer });
    expect(answer.has('code')).toBe(false);
    const reference = /\(reference ([0-9A-Z]{5}-[0-9A-Z]{5})\)$/.exec(answer.get('error_description') ?? '')?.[1] ?? '';
    const events = await world.database.read.audit.list({ after: null, limit: 10, reference });
    expect(events).toMatchObject([{ type: 'oidc.error', target: id, details: { error } }]);
  }
  expect(world.begun.length).toBe(before);
});

test('a login that cannot begin: its code on the page, and nothing is left behind', async () => {
  const { clientId } = await world.addApplication();
  world.failBegin = new AppError('VERSION_WITHDRAWN');
  const page = await authorize({ ...good, client_id: clientId });
  world.failBegin = null;
  await expectPage(page, 'VERSION_WITHDRAWN', 403);
  expect(page.headers.getSetCookie()).toEqual([]);
});

test('a fault of our own shows a page that says nothing of it', async () => {
  const { clientId } = await world.addApplication();
  world.failBegin = new Error('connect ECONNREFUSED /secret/path');
  const page = await authorize({ ...good, client_id: clientId });
  world.failBegin = null;
  const event = await expectPage(page, 'INTERNAL', 500);
  expect(page.text + JSON.stringify(event)).not.toContain('secret');
});

test('a disk that does not take it: 503, and the browser is told nothing that is not stored', async () => {
  const { clientId } = await world.addApplication();
  world.failCommits = true;
  const page = await authorize({ ...good, client_id: clientId });
  world.failCommits = false;
  expect(page).toMatchObject({ status: 503, location: null });
  expect(page.headers.getSetCookie()).toEqual([]);
  expect((await authorize({ ...good, client_id: clientId })).status).toBe(303);
});

test('coming back without the request: expired, or in another browser', async () => {
  const user = await world.addUser();
  const party = await createRelyingParty(world, await world.addApplication());
  world.answer = success(user.subject);
  const browser = world.newBrowser();
  const toLogin = await browser.request((await party.request()).url);
  const toResume = await browser.request(toLogin.location ?? '');
  await expectPage(await world.newBrowser().request(toResume.location ?? ''), 'LOGIN_EXPIRED', 410);
  expect((await browser.request(toResume.location ?? '')).location).toContain('code=');
  await expectPage(await browser.request(toResume.location ?? ''), 'LOGIN_EXPIRED', 410);
});

test('no header of the request gets into a URL or passes for an address', async () => {
  const party = await createRelyingParty(world, await world.addApplication());
  const { url } = await party.request();
  const { port } = new URL(world.address);
  const evil =
    'Host: evil.test\r\nX-Forwarded-Host: evil.test\r\nX-Forwarded-Proto: ftp\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: host=evil.test\r\n';
  const targets = [
    '/oidc/.well-known/openid-configuration',
    'http://evil.test/oidc/.well-known/openid-configuration',
    url.slice(world.publicUrl.length),
    `http://evil.test${url.slice(world.publicUrl.length)}`,
  ];
  for (const target of targets) {
    const answer = await sendRaw(Number(port), `GET ${target} HTTP/1.1\r\n${evil}Connection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 (200|303)/);
    expect(answer).not.toMatch(/evil|ftp:/);
  }
  expect(world.begun.slice(-2).map(({ request }) => request.ip)).toEqual(['127.0.0.1', '127.0.0.1']);
});

test('one address may not ask without end', async () => {
  const small = await createWorld({ authorizationsPerMinute: 3 });
  const { clientId } = await small.addApplication();
  const url = `${small.publicUrl}/oidc/authorize?${new URLSearchParams({ ...good, client_id: clientId })}`;
  const answers = [];
  for (let i = 0; i < 5; i++) answers.push((await small.newBrowser().request(url)).status);
  expect(answers).toEqual([303, 303, 303, 429, 429]);
  expect(small.begun.length).toBe(3);
  expect((await small.newBrowser().request(`${small.publicUrl}/oidc/jwks`)).status).toBe(200);
  await small.close();
});

function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    connect(port, '127.0.0.1')
      .setEncoding('utf8')
      .on('data', (data) => {
        answer += data;
      })
      .on('end', () => resolve(answer))
      .on('error', reject)
      .write(text);
  });
}
