import { Writable } from 'node:stream';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import Fastify from 'fastify';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { describe, expect, onTestFinished, test } from 'vitest';
import { minute } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/ids.ts';
import { recoveryPages } from '../../src/recovery/render-pages.ts';
import { registerRecoveryRoutes } from '../../src/recovery/routes.ts';
import { openRecovery, publicUrl } from './fixture.ts';

/** The pages, and a browser with its cookies. */
async function openPages({ url = publicUrl } = {}) {
  const opened = await openRecovery();
  const logged: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk));
      done();
    },
  });
  const app = Fastify({ logger: { level: 'trace', stream } });
  await app.register(cookie);
  await app.register(formbody);
  registerRecoveryRoutes(app, { ...opened, pages: recoveryPages, publicUrl: url });
  onTestFinished(() => app.close());

  function createBrowser() {
    const cookies = new Map<string, string>();
    async function send(method: 'GET' | 'POST', path: string, form?: Record<string, string> | string) {
      const answer = await app.inject({
        method,
        url: path,
        cookies: Object.fromEntries(cookies),
        ...(form === undefined
          ? {}
          : {
              payload: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
              headers: { 'content-type': 'application/x-www-form-urlencoded' },
            }),
      });
      for (const { name, value } of answer.cookies) cookies.set(name, value);
      return answer;
    }
    return {
      get: (path: string) => send('GET', path),
      post: (path: string, form: Record<string, string> | string) => send('POST', path, form),
      /** Opens the page and posts its form as it stands, with these fields. */
      async fill(path: string, fields: Record<string, string>) {
        const { body } = await send('GET', path);
        return send('POST', attribute(body, 'form', 'action'), { csrf: csrfOf(body), ...fields });
      },
    };
  }
  return { ...opened, app, logged, createBrowser, browser: createBrowser() };
}

type Node = DefaultTreeAdapterTypes.ChildNode;

/** An attribute of the first element with this tag, as a browser reads it. */
function attribute(html: string, tag: string, name: string): string {
  const find = (nodes: Node[]): string | undefined => {
    for (const node of nodes) {
      if ('attrs' in node && node.tagName === tag) return node.attrs.find((each) => each.name === name)?.value;
      const found = 'childNodes' in node ? find(node.childNodes) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return find(parse(html).childNodes) ?? 'none';
}

function csrfOf(html: string): string {
  return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? 'none';
}

async function mailedToken({ tokens }: { tokens(): Promise<string[]> }): Promise<string> {
  return (await tokens()).at(-1) ?? 'none';
}

describe('a forgotten password', () => {
  test('from asking for a link to the new password', async () => {
    const pages = await openPages();
    const { browser, passwordIs } = pages;
    const sent = await browser.fill('/forgot', { username: 'ann' });
    expect(sent.statusCode).toBe(303);
    expect(sent.headers.location).toBe('/forgot?sent=');
    expect((await browser.get('/forgot?sent=')).body).toContain('If there is an account with this name');

    // The mail is opened in another browser.
    const other = pages.createBrowser();
    const link = `/reset?token=${await mailedToken(pages)}`;
    expect((await other.get(link)).body).toContain('For the account');
    const easy = await other.fill(link, { password: 'iloveyou1', passwordAgain: 'iloveyou1' });
    expect(easy.statusCode).toBe(422);
    expect(easy.body).toContain('Many people use this password');
    const fields = { password: 'battery staple', passwordAgain: 'battery staple' };
    const done = await other.fill(link, fields);
    expect([done.statusCode, done.headers.location]).toEqual([303, '/reset?done']);
    expect((await other.get('/reset?done')).body).toContain('Your password is changed');
    expect(await passwordIs('battery staple')).toBe(true);

    const again = await other.get(link);
    expect(again.statusCode).toBe(410);
    expect(again.body).toContain('The link was used already or is too old.');
  });

  test('looks the same for an unknown name', async () => {
    const { browser } = await openPages();
    const answers = [
      await browser.fill('/forgot', { username: 'ann' }),
      await browser.fill('/forgot', { username: 'carol' }),
    ];
    const [known, unknown] = answers.map(({ statusCode, headers, body }) => ({
      statusCode,
      headers: { ...headers, date: '' },
      body,
    }));
    expect(unknown).toEqual(known);
  });

  test('leads back to the sign-in that it came from', async () => {
    const { browser } = await openPages();
    const login = newId('login');
    const sent = await browser.fill(`/forgot?login=${login}`, { username: 'ann' });
    expect(sent.headers.location).toBe(`/forgot?login=${login}&sent=`);
    expect((await browser.get(sent.headers.location ?? '')).body).toContain(`href="/login/${login}"`);
    expect((await browser.get('/forgot?login=//evil.example')).body).not.toMatch(/href="\/login\//);
  });

  test('is told in the language that is asked for', async () => {
    const { browser } = await openPages();
    expect(attribute((await browser.get('/forgot?ui_locales=de')).body, 'html', 'lang')).toBe('de');
  });
});

describe('what is wrong is told on the page', () => {
  test.each([
    ['no new password', { password: '', passwordAgain: '' }, 422, 'Enter your password.'],
    [
      'two different ones',
      { password: 'battery staple', passwordAgain: 'battery stable' },
      422,
      'The two passwords differ.',
    ],
    ['one that is short', { password: 'short', passwordAgain: 'short' }, 422, 'at least 8 characters'],
  ])('%s', async (_case, fields, status, text) => {
    const pages = await openPages();
    await pages.request();
    const answer = await pages.browser.fill(`/reset?token=${await mailedToken(pages)}`, fields);
    expect(answer.statusCode).toBe(status);
    expect(answer.body).toContain(text);
    expect(answer.body).not.toContain('battery');
    expect(await pages.passwordIs('correct horse')).toBe(true);
  });

  test('no name', async () => {
    const { browser } = await openPages();
    const answer = await browser.fill('/forgot', { username: '' });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('Enter your email or user name.');
  });

  test('too many links in a short time, and when to come back', async () => {
    const { browser } = await openPages();
    for (let mail = 0; mail < 4; mail++) await browser.fill('/forgot', { username: 'ann' });
    const answer = await browser.fill('/forgot', { username: 'ann' });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '60']);
    expect(answer.body).toContain('value="ann"');
  });
});

describe('a form', () => {
  const fields = { username: 'ann' };

  test.each<[string, (csrf: string) => Record<string, string> | string]>([
    ['without a token', () => fields],
    ['with a wrong token', (csrf) => ({ ...fields, csrf: csrf.replace(/./, 'x').slice(1) })],
    ['with its token twice', (csrf) => `username=ann&csrf=${csrf}&csrf=${csrf}`],
  ])('%s is refused and nothing happens', async (_case, form) => {
    const { browser, readOutbox, countEvents } = await openPages();
    const answer = await browser.post('/forgot', form(csrfOf((await browser.get('/forgot')).body)));
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('This page was too old to be used.');
    expect(await readOutbox()).toEqual([]);
    expect(await countEvents()).toEqual({});
  });

  test('of another browser, or for another link, is refused', async () => {
    const pages = await openPages();
    await pages.request();
    const link = `/reset?token=${await mailedToken(pages)}`;
    const passwords = { password: 'battery staple', passwordAgain: 'battery staple' };
    const csrf = csrfOf((await pages.createBrowser().get(link)).body);
    expect((await pages.browser.post(link, { ...passwords, csrf })).statusCode).toBe(403);
    const own = csrfOf((await pages.browser.get('/forgot')).body);
    expect((await pages.browser.post(link, { ...passwords, csrf: own })).statusCode).toBe(403);
    expect(await pages.passwordIs('correct horse')).toBe(true);
  });

  test.each([
    ['https://login.example', '__Host-sg_form', true],
    ['http://127.0.0.1:9400', 'sg_form', undefined],
  ])('is bound to a cookie of %s that scripts and other sites’ forms cannot use', async (url, name, secure) => {
    const { browser } = await openPages({ url });
    const { cookies } = await browser.get('/forgot');
    expect(cookies).toMatchObject([{ name, path: '/', httpOnly: true, sameSite: 'Lax' }]);
    expect(cookies[0]?.secure).toBe(secure);
    expect((await browser.get('/forgot')).cookies).toEqual([]);
  });
});

describe('the token of a link', () => {
  test('is in no log line, not even that of a fault, and goes to no other site and no cache', async () => {
    const pages = await openPages();
    await pages.request();
    const token = await mailedToken(pages);
    const link = `/reset?token=${token}`;
    const shown = await pages.browser.get(link);
    expect(shown.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    expect(attribute(shown.body, 'form', 'action')).toBe(link);
    pages.clock.turn(31 * minute);
    await pages.browser.get(link);
    await pages.database.close();
    const fault = await pages.browser.get(link);
    expect(fault.statusCode).toBe(500);
    expect(pages.logged.join('')).toContain('"url":"/reset"');
    expect(pages.logged.join('')).not.toContain(token.split('.')[1]);
  });
});
