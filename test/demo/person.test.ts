import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPerson, type Person } from '../../src/cli/demo/person.ts';

let server: Server;
let url: string;
/** The same server under another host name: another site for cookies. */
let otherUrl: string;
let person: Person;
let answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

beforeEach(async () => {
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}`;
  otherUrl = `http://localhost:${port}`;
  person = createPerson({ name: 'ann', timeoutMs: 1_000 });
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const show = (response: ServerResponse, body: string) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end(body);
const redirect = (response: ServerResponse, location: string, status = 303, headers = {}) =>
  response.writeHead(status, { location, ...headers }).end();

test('hops are told one by one, without any value', async () => {
  answer = (request, response) => {
    if (request.method === 'POST') redirect(response, '/done?code=secret-1&state=secret-2');
    else if (request.url === '/')
      show(
        response,
        '<h1>Sign in</h1><form method=post action="/login/a-very-long-identifier"><input name=password></form>',
      );
    else show(response, '<h1>Done</h1>');
  };
  await person.opens(url);
  await person.submits({ password: 'secret-3' });
  const host = new URL(url).host;
  expect(person.hops()).toEqual([
    { method: 'GET', url: `${host}/`, sent: [], status: 200, outcome: '«Sign in»' },
    {
      method: 'POST',
      url: `${host}/login/a-very…`,
      sent: ['password'],
      status: 303,
      outcome: `to ${host}/done?code&state`,
    },
    { method: 'GET', url: `${host}/done?code&state`, sent: [], status: 200, outcome: '«Done»' },
  ]);
  expect(person.isAt()).toBe('Done');
});

test('a form is sent with hidden fields, its values, its button, and the origin of its page', async () => {
  let got = '';
  answer = async (request, response) => {
    if (request.method === 'POST') got = `${request.headers.origin} ${await text(request)}`;
    show(
      response,
      '<form method=post><input type=hidden name=csrf value="t&amp;1"><input name=code value=old><button>OK</button><button name=action value=resend>Again</button></form>',
    );
  };
  await person.opens(url);
  await person.submits({ code: '12 34' });
  expect(got).toBe(`${url} csrf=t%261&code=12+34`);
  await person.submits({}, { button: { name: 'action' } });
  expect(got).toBe(`${url} csrf=t%261&code=old&action=resend`);
  await person.chooses('again');
  expect(got).toBe(`${url} csrf=t%261&code=old&action=resend`);
  await person.submits({ csrf: 'forged' });
  expect(got).toBe(`${url} csrf=forged&code=old`);
});

test('a GET form replaces the query', async () => {
  answer = (request, response) =>
    void show(response, `<h1>${request.url}</h1><form action="/find?old=1"><input name=q></form>`);
  await person.opens(url);
  await person.submits({ q: 'x y' });
  expect(person.isAt()).toBe('/find?q=x+y');
});

test('cookies: another site gets Lax ones with a link, none with a form, and Strict ones never', async () => {
  answer = (request, response) => {
    if (request.url === '/set') {
      const cookies = [
        'lax=1; SameSite=Lax',
        'strict=1; SameSite=Strict',
        '__Host-safe=1; Secure; Path=/; SameSite=Lax',
      ];
      response.setHeader('set-cookie', cookies);
    }
    show(
      response,
      `<h1>${request.headers.cookie ?? 'none'}</h1><a href="${url}/link">go</a><form method=post action="${url}/form"></form>`,
    );
  };
  await person.opens(`${url}/set`);
  await person.opens(url);
  expect(person.isAt()).toBe('lax=1; strict=1; __Host-safe=1');
  await person.opens(otherUrl);
  expect(person.isAt()).toBe('none');
  await person.follows('go');
  expect(person.isAt()).toBe('lax=1; __Host-safe=1');
  await person.opens(otherUrl);
  await person.submits({});
  expect(person.isAt()).toBe('none');
});

test('a second tab shares the cookies and has its own page', async () => {
  answer = (request, response) => {
    response.setHeader('set-cookie', 'a=1');
    show(response, `<h1>${request.url} ${request.headers.cookie ?? 'none'}</h1>`);
  };
  await person.opens(`${url}/one`);
  const tab = person.opensTab();
  await tab.opens(`${url}/two`);
  expect([person.isAt(), tab.isAt()]).toEqual(['/one none', '/two a=1']);
});

test('307 repeats the form, 302 asks anew', async () => {
  answer = (request, response) => {
    if (request.url === '/307') redirect(response, '/end', 307);
    else if (request.url === '/302') redirect(response, '/end', 302);
    else
      show(
        response,
        `<h1>${request.method}</h1><form method=post action=/307><button>307</button></form><form method=post action=/302><button>302</button></form>`,
      );
  };
  await person.opens(url);
  await person.chooses('307');
  expect(person.isAt()).toBe('POST');
  await person.chooses('302');
  expect(person.isAt()).toBe('GET');
});

const refusals: [what: string, act: () => Promise<unknown>, words: RegExp][] = [
  [
    'a field that is not there',
    () => person.submits({ otp: '1' }),
    /«Sign in» \(200, forms: code \[OK\], links: Help\) has no form with otp/,
  ],
  ['a button that is not there', () => person.chooses('Google'), /has no button «Google»/],
  ['a link that is not there', () => person.follows('Payroll'), /has no link «Payroll»/],
];
test.each(refusals)('%s is an error that tells what is', async (_what, act, words) => {
  answer = (_request, response) =>
    void show(response, '<h1>Sign in</h1><a href=/help>Help</a><form><input name=code><button>OK</button></form>');
  await person.opens(url);
  await expect(act()).rejects.toThrow(words);
});

test('a server that never answers, and one that redirects for ever', async () => {
  answer = (request, response) => void (request.url === '/loop' && redirect(response, '/loop'));
  await expect(person.opens(`${url}/hang`)).rejects.toThrow(/GET .*\/hang got no answer: .*timeout/);
  await expect(person.opens(`${url}/loop`)).rejects.toThrow('ann was redirected more than 20 times');
});

test('a patient person loads the page again that got no answer, and sends nothing twice', async () => {
  const asked: string[] = [];
  answer = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (asked.length === 2) request.socket.destroy();
    else show(response, '<h1>Here</h1><form method=post action=/login><button>OK</button></form>');
  };
  const failures: string[] = [];
  const patient = createPerson({ onNoAnswer: async ({ message }) => void failures.push(message) });
  await patient.opens(url);
  await patient.chooses('OK');
  expect(asked).toEqual(['GET /', 'POST /login', 'GET /login']);
  expect(failures).toEqual([expect.stringMatching(/^POST .*\/login got no answer: /)]);
});
