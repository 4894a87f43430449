import { CookieJar } from 'tough-cookie';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPage } from '../../src/cli/demo/read-page.ts';
import { password, startWorld, type World } from './world.ts';

/** The server behind something that ends TLS: what a browser is told to keep, and where it is sent. */

const publicUrl = 'https://login.example.com';
/** As sent by somebody who reaches the server directly, with its own ideas about where that is. */
const lies = {
  host: 'evil.test',
  'x-forwarded-host': 'evil.test',
  'x-forwarded-proto': 'http',
  forwarded: 'host=evil.test',
};

let world: World;
let jar: CookieJar;
/** Each as it came. */
const setCookies: string[] = [];

beforeAll(async () => {
  world = await startWorld({ env: { PUBLIC_URL: publicUrl } });
  await world.addUser('ann', { email: 'ann@example.com' });
  jar = new CookieJar();
});
afterAll(async () => {
  await world?.close();
});

/** What the proxy does: passes on, to the server's own port. */
async function ask(url: string, form?: Record<string, string>, headers = {}) {
  const target = new URL(url, publicUrl);
  expect(target.origin).toBe(publicUrl);
  const answer = await request(`${world.url}${target.pathname}${target.search}`, {
    method: form ? 'POST' : 'GET',
    headers: {
      ...lies,
      ...headers,
      accept: 'text/html',
      cookie: await jar.getCookieString(target.href),
      ...(form ? { origin: publicUrl, 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
    body: form ? String(new URLSearchParams(form)) : null,
  });
  for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
    setCookies.push(line);
    await jar.setCookie(line, target.href);
  }
  const html = await answer.body.text();
  const location = typeof answer.headers['location'] === 'string' ? answer.headers['location'] : '';
  expect(html + location).not.toContain('evil.test');
  return {
    status: answer.statusCode,
    headers: answer.headers,
    location,
    html,
    page: readPage({ html, url: target.href, status: answer.statusCode }),
  };
}

function begin() {
  const asked = {
    client_id: 'payroll',
    redirect_uri: world.application.callbackUrl,
    response_type: 'code',
    scope: 'openid',
    state: 'state',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  };
  return ask(`/oidc/authorize?${new URLSearchParams(asked)}`);
}

const tokenIn = ({ page }: Awaited<ReturnType<typeof ask>>) =>
  page.forms[0]?.fields.find(({ name }) => name === 'csrf')?.value ?? '';

it('keeps each of its cookies to https, to itself and from scripts in pages, and sends nobody elsewhere', async () => {
  const page = await ask((await begin()).location);
  expect(page.page.heading).toBe('Sign in');
  expect(page.headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
  const passed = await ask(page.page.forms[0]?.action ?? '', { csrf: tokenIn(page), username: 'ann', password });
  expect(passed.status).toBe(303);
  await ask('/forgot?lang=de');

  const ours = setCookies.filter((line) => !/max-age=0|expires=Thu, 01 Jan 1970/i.test(line));
  expect(new Set(ours.map((line) => line.split('=')[0])).size).toBeGreaterThanOrEqual(3);
  for (const line of ours) {
    expect(line).toMatch(/;\s*secure/i);
    expect(line).toMatch(/;\s*httponly/i);
    expect(line).toMatch(/;\s*samesite=(lax|strict)/i);
    expect(line).not.toMatch(/;\s*domain=/i);
  }
});

it('writes its own address into a mail, whatever address the request names', async () => {
  const page = await ask('/forgot');
  const sent = await ask(page.page.forms[0]?.action ?? '', { csrf: tokenIn(page), username: 'ann' });
  expect(sent.status).toBe(303);
  const mail = await world.mails.waitFor(({ to }) => to.includes('ann@example.com'), 10_000);
  expect(mail.text).toContain(`${publicUrl}/reset`);
  expect(mail.text).not.toContain('evil.test');
});

it('counts guesses by the address it sees, not by one that a stranger names', async () => {
  const codes: string[] = [];
  for (let guess = 0, form: Awaited<ReturnType<typeof ask>> | null = null; guess < 102; guess += 1) {
    if (!form?.html.includes('name="password"')) form = await ask((await begin()).location);
    const sent = { csrf: tokenIn(form), username: `nobody-${guess}`, password: 'a guess at it' };
    form = await ask(form.page.forms[0]?.action ?? '', sent, { 'x-forwarded-for': `10.1.${guess}.1` });
    codes.push(form.page.alerts.join(' '));
  }
  const wait = /wait|try again in/i;
  expect(codes.slice(0, 100).filter((text) => wait.test(text))).toEqual([]);
  expect(codes.at(-1)).toMatch(wait);
});
