import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../sandbox/protocol.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import type { LoginId } from '../../src/kernel/ids.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { beginsSignIn, loginIdOf, readRefusal, readScriptLog, typesPassword } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** Scripts that ask other servers: what is sent, what comes back, and what a person sees meanwhile. */

let world: World;
let endpoint: Endpoint;

/** What all calls of a login may take together: short, so that no test waits for a server that hangs. */
const callWallMs = 1500;

beforeAll(async () => {
  endpoint = await createEndpoint();
  const { hostname } = new URL(endpoint.url);
  world = await startWorld({
    env: { STEPGATE_EGRESS_HOSTS: `127.0.0.1,${hostname}` },
    limits: { ...defaultLimits, callWallMs },
  });
  await world.addUser('ann', { email: 'ann@example.com' });
});
afterAll(async () => {
  await world?.close();
  await endpoint?.close();
});
beforeEach(async () => {
  endpoint.forget();
  endpoint.says({});
  await world.happened();
});

/** A sign-in by password, with a call behind it whose end is logged. */
async function calls(call: string, handlers = 'told'): Promise<{ person: Person; login: LoginId }> {
  await world.publish({
    script: `var url = '${endpoint.url}';
var told = {
  onSuccess: function (context, data) { Log.info('success', data); },
  onFail: function (context, data) { Log.info('fail', data); },
  onTimeout: function (context, data) { Log.info('timeout', data); }
};
var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    ${call.replace(/\)$/, `, ${handlers})`)};
  } });
};`,
  });
  const person = await beginsSignIn(world);
  const login = loginIdOf(person);
  await typesPassword(person, 'ann');
  return { person, login };
}

/** What the handlers were told. */
async function toldTo(login: LoginId): Promise<string[]> {
  return (await readScriptLog(world, login)).map((line) => line.replace(/^info \d+: /, ''));
}

describe('What is sent', () => {
  it.each<[string, string, object]>([
    [
      'a GET',
      'httpGet(url + "/score?user=ann")',
      { method: 'GET', path: '/score?user=ann', body: '', headers: { accept: 'application/json' } },
    ],
    ['a GET of something else', 'httpGet(url, { Accept: "text/plain" })', { headers: { accept: 'text/plain' } }],
    ['a GET with a header', 'httpGet(url, { "X-Colour": "blue" })', { headers: { 'x-colour': 'blue' } }],
    [
      'a POST as JSON',
      'httpPost(url, { risk: [1, { a: null }] })',
      { method: 'POST', body: '{"risk":[1,{"a":null}]}', headers: { 'content-type': 'application/json' } },
    ],
    [
      'a POST as a form',
      'httpPost(url, { a: "1 2", b: true }, { "Content-Type": "application/x-www-form-urlencoded" })',
      { body: 'a=1+2&b=true' },
    ],
    [
      'what a form cannot hold, as JSON in it',
      'httpPost(url, { a: { b: [1] }, c: null }, { "content-type": "application/x-www-form-urlencoded;charset=utf-8" })',
      { body: 'a=%7B%22b%22%3A%5B1%5D%7D&c=' },
    ],
    [
      'a number as a form is a number',
      'httpPost(url, 7, { "content-type": "application/x-www-form-urlencoded" })',
      { body: '7' },
    ],
    ['a POST of null', 'httpPost(url, null, { "X-Colour": "blue" })', { body: '', headers: { 'x-colour': 'blue' } }],
    ['a POST without a body', 'httpPost(url)', { method: 'POST', body: '' }],
    [
      'a POST of a text',
      'httpPost(url, "<a/>", { "content-type": "application/xml" })',
      { body: '<a/>', headers: { 'content-type': 'application/xml' } },
    ],
    [
      'basic authentication',
      'httpGet(url, {}, { type: "basic", properties: { username: "u", password: "p:ä" } })',
      { headers: { authorization: `Basic ${Buffer.from('u:p:ä').toString('base64')}` } },
    ],
    [
      'a bearer token, by its other name',
      'httpGet(url, {}, { type: "BearerToken", properties: { token: "t" } })',
      { headers: { authorization: 'Bearer t' } },
    ],
    [
      'a service on Choreo',
      'callChoreo({ url: url + "/c", apiKey: "k" }, { ip: 1 })',
      { method: 'POST', path: '/c', body: '{"ip":1}', headers: { 'api-key': 'k' } },
    ],
    [
      'an API key, its properties beside the type',
      'httpPost(url, {}, {}, { type: "apikey", apiKey: "k", headerName: "X-Key" })',
      { headers: { 'x-key': 'k' } },
    ],
  ])('%s', async (_what, call, expected) => {
    const { person } = await calls(call);
    expect(endpoint.asked).toHaveLength(1);
    expect(endpoint.asked[0]).toMatchObject(expected);
    expect(person.isAt()).toBe('Signed in');
  });

  it('a POST has a key of its own, a GET none', async () => {
    const { login } = await calls('httpPost(url, {}, told); httpPost(url, {}, told); httpGet(url)');
    expect(endpoint.asked.map(({ headers }) => headers['idempotency-key'])).toEqual([
      `${login}:2`,
      `${login}:3`,
      undefined,
    ]);
  });

  it('one access token serves many calls, and is asked for again when it is refused', async () => {
    let valid = 0;
    endpoint.answers(({ path, headers }, response) => {
      if (path === '/token') {
        valid += 1;
        return response.end(JSON.stringify({ access_token: `t${valid}`, expires_in: 3600 }));
      }
      if (headers.authorization !== `Bearer t${valid}`) response.statusCode = 401;
      return response.end('{}');
    });
    const auth = `{ type: "clientcredential", properties: { consumerKey: "id", consumerSecret: "secret", tokenEndpoint: url + "/token", scope: "risk" } }`;
    await calls(`httpGet(url, {}, ${auth}, told); httpGet(url, {}, ${auth})`);
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/token', '/', '/']);
    expect(endpoint.asked[0]).toMatchObject({
      method: 'POST',
      body: 'grant_type=client_credentials&scope=risk',
      headers: { authorization: `Basic ${Buffer.from('id:secret').toString('base64')}` },
    });
    endpoint.forget();
    valid += 1;
    const { login } = await calls(`httpGet(url, {}, ${auth})`);
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/', '/token', '/']);
    expect(await toldTo(login)).toEqual(['success {}']);
  });

  const clientOf = (scope: string) =>
    `{ type: "clientcredential", properties: { consumerKey: "id", consumerSecret: "another", tokenEndpoint: url + "/token", scope: "${scope}" } }`;

  it('an access token is of one scope, and asked for anew shortly before its end', async () => {
    endpoint.answers(({ path }, response) =>
      response.end(path === '/token' ? '{"access_token":"t","expires_in":3600}' : '{}'),
    );
    await calls(`httpGet(url + "/1", {}, ${clientOf('a')}, told); httpGet(url + "/2", {}, ${clientOf('b')})`);
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/token', '/1', '/token', '/2']);
    endpoint.forget();
    world.clock.skip(3_500_000);
    await calls(`httpGet(url + "/3", {}, ${clientOf('a')})`);
    world.clock.skip(95_000);
    await calls(`httpGet(url + "/4", {}, ${clientOf('a')})`);
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/3', '/token', '/4']);
  });

  it('an access token without a lifetime or a scope serves one call', async () => {
    endpoint.answers(({ path }, response) => response.end(path === '/token' ? '{"access_token":"t"}' : '{}'));
    await calls(`httpGet(url, {}, ${clientOf('')}, told); httpGet(url, {}, ${clientOf('')})`);
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/token', '/', '/token', '/']);
    expect(endpoint.asked[0]?.body).toBe('grant_type=client_credentials');
  });

  it('a new access token that is refused ends the call', async () => {
    endpoint.answers(({ path }, response) =>
      path === '/token'
        ? response.end('{"access_token":"t","expires_in":3600}')
        : response.writeHead(401).end('{"why":"not you"}'),
    );
    const { login } = await calls(`httpGet(url, {}, ${clientOf('c')})`);
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/token', '/']);
    expect(await toldTo(login)).toEqual(['fail {"status":401}']);
  });

  it.each([
    ['refuses', 401, '{"access_token":"t"}'],
    ['answers with no JSON', 200, '<html>'],
    ['has none', 200, '{"error":"invalid_scope"}'],
    ['gives one that no header can hold', 200, '{"access_token":"t\\r\\nhost: evil"}'],
    ['gives one of two words', 200, '{"access_token":"a b"}'],
    ['gives one that is no text', 200, '{"access_token":7}'],
  ])('nothing is asked without an access token, where its endpoint %s', async (_what, status, text) => {
    endpoint.answers((_asked, response) => response.writeHead(status).end(text));
    const { login } = await calls(`httpPost(url, {}, {}, ${clientOf('d')})`);
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/token']);
    expect(await toldTo(login)).toEqual(['fail {}']);
    // The fault is theirs, and the log does not call it ours.
    expect(world.log.filter(({ login: of }) => of === login)).toEqual([]);
  });

  it('nothing is sent to a host that is not listed, nor is a token asked for there', async () => {
    const unlisted = await createEndpoint({ host: '127.0.0.8' });
    try {
      const elsewhere = clientOf('e').replace('url + "/token"', `"${unlisted.url}"`);
      const { login } = await calls(`httpGet("${unlisted.url}", told); httpGet(url, {}, ${elsewhere})`);
      expect(await toldTo(login)).toEqual(['fail {}', 'fail {}']);
      const { person } = await calls(`httpPost("${unlisted.url}", {})`, '{ onSuccess: function () {} }');
      const { code, event } = await readRefusal(world, person);
      expect(code).toBe('EGRESS_REFUSED');
      expect(event?.details['detail']).toContain('127.0.0.8 is not in STEPGATE_EGRESS_HOSTS');
      expect([...unlisted.asked, ...endpoint.asked]).toEqual([]);
    } finally {
      await unlisted.close();
    }
  });
});

describe('What the script gets', () => {
  it.each<[string, (response: import('node:http').ServerResponse) => unknown, string]>([
    ['an object', (r) => r.end('{"a":{"b":1}}'), 'success {"a":{"b":1}}'],
    ['a list', (r) => r.end('[1,[2]]'), 'success [1,[2]]'],
    ['a number', (r) => r.end('7'), 'success 7'],
    ['a text', (r) => r.end('"7"'), 'success 7'],
    ['null', (r) => r.end('null'), 'success null'],
    [
      'plain text',
      (r) => r.setHeader('content-type', 'text/plain; charset=utf-8').end('7'),
      'success {"response":"7"}',
    ],
    [
      'plain text in other letters',
      (r) => r.setHeader('content-type', 'Text/PLAIN').end(''),
      'success {"response":""}',
    ],
    ['a text of another kind', (r) => r.setHeader('content-type', 'text/plainer').end('7'), 'success 7'],
    ['nothing', (r) => r.writeHead(204).end(), 'success {}'],
    ['white space', (r) => r.end(' \n'), 'success {}'],
    [
      'keys that mean something elsewhere',
      (r) => r.end('{"__proto__":{"a":1},"outcome":"fail"}'),
      'success {"__proto__":{"a":1},"outcome":"fail"}',
    ],
    ['201', (r) => r.writeHead(201).end('{}'), 'success {}'],
    ['299', (r) => r.writeHead(299).end('{}'), 'success {}'],
    ['300, which leads nowhere', (r) => r.writeHead(300).end('{}'), 'fail {"status":300}'],
    ['404', (r) => r.writeHead(404).end('{"secret":1}'), 'fail {"status":404}'],
    ['408', (r) => r.writeHead(408).end(), 'timeout {"status":408}'],
    ['what is no JSON', (r) => r.end('<html>'), 'fail {"status":200}'],
    ['JSON without an end', (r) => r.end('['.repeat(5000)), 'fail {"status":200}'],
    ['JSON as deep as a well', (r) => r.end('['.repeat(5000) + ']'.repeat(5000)), 'fail {"status":200}'],
  ])('%s', async (_what, answer, expected) => {
    endpoint.answers((_asked, response) => answer(response));
    const { login } = await calls('httpPost(url, {})');
    expect(await toldTo(login)).toEqual([expected]);
    expect(endpoint.asked).toHaveLength(1);
  });

  it('an answer of up to 256 KiB', async () => {
    const measured =
      '{ onSuccess: function (c, data) { Log.info(data.response.length); }, onFail: function () { Log.info("no"); } }';
    for (const [bytes, told] of [
      [262_144, '262144'],
      [262_145, 'no'],
    ] as const) {
      endpoint.answers((_asked, response) => response.setHeader('content-type', 'text/plain').end('x'.repeat(bytes)));
      const { login } = await calls('httpGet(url)', measured);
      expect(await toldTo(login)).toEqual([told]);
    }
  });

  it('a GET is asked twice more after a fault of the server, a POST is not', async () => {
    endpoint.says({ down: true }, 503);
    const { login } = await calls('httpGet(url + "/get", told); httpPost(url + "/post", {})');
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/get', '/get', '/get', '/post']);
    expect(await toldTo(login)).toEqual(['fail {"status":503}', 'fail {"status":503}']);
  });
});

it.each<[string, (response: import('node:http').ServerResponse) => unknown, string]>([
  ['it is not found', (r) => r.writeHead(404).end(), 'fail {"status":404}'],
  ['it took the server too long', (r) => r.writeHead(408).end(), 'timeout {"status":408}'],
  ['the server hangs up', (r) => r.socket?.destroy(), 'fail {}'],
])('a GET is asked once when %s', async (_what, answer, told) => {
  endpoint.answers((_asked, response) => answer(response));
  const { login } = await calls('httpGet(url)');
  expect(endpoint.asked).toHaveLength(1);
  expect(await toldTo(login)).toEqual([told]);
});

it('a GET is a success when one of its tries is', async () => {
  endpoint.answers((_asked, response) => response.writeHead(endpoint.asked.length < 3 ? 500 : 200).end('{"a":1}'));
  const { login } = await calls('httpGet(url)');
  expect(endpoint.asked).toHaveLength(3);
  expect(await toldTo(login)).toEqual(['success {"a":1}']);
});

describe('A bad endpoint', () => {
  const tooMuch = () =>
    Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536, 'x');
      })(),
    );

  it.each<[string, (response: import('node:http').ServerResponse) => unknown, string, string]>([
    ['hangs', () => {}, 'timeout {}', 'CALL_TIMEOUT'],
    ['hangs in the middle', (r) => r.writeHead(200).write('{'), 'timeout {}', 'CALL_TIMEOUT'],
    ['never comes to an end', (r) => tooMuch().pipe(r), 'fail {}', 'EGRESS_TOO_LARGE'],
    [
      'is small on the wire only',
      (r) => tooMuch().pipe(createGzip()).pipe(r.setHeader('content-encoding', 'gzip')),
      'fail {}',
      'EGRESS_TOO_LARGE',
    ],
    ['redirects', (r) => r.writeHead(302, { location: '/elsewhere' }).end(), 'fail {}', 'EGRESS_FAILED'],
    [
      'promises more than it sends',
      (r) => r.writeHead(200, { 'content-length': '10' }).end('{}').destroy(),
      'fail {}',
      'EGRESS_FAILED',
    ],
    [
      'promises less than it sends',
      (r) => r.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}{"more":"HTTP/1.1 200 OK"}'),
      'success {}',
      '',
    ],
    ['hangs up', (r) => r.socket?.destroy(), 'fail {}', 'EGRESS_FAILED'],
    ['speaks another language', (r) => r.socket?.end('220 smtp.example.com ESMTP\r\n'), 'fail {}', 'EGRESS_FAILED'],
    [
      'sends a header without an end',
      (r) => r.socket?.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`),
      'fail {}',
      'EGRESS_FAILED',
    ],
  ])('%s', async (_what, answer, told, code) => {
    endpoint.answers((_asked, response) => answer(response));
    const { login } = await calls('httpPost(url, {})');
    expect(await toldTo(login)).toEqual([told]);
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/']);
    if (told.startsWith('success')) return;
    // The same without anybody who takes care of it: the sign-in fails, and the admin reads why.
    const { person: refused } = await calls('httpPost(url, {})', '{ onSuccess: function () {} }');
    expect(await readRefusal(world, refused)).toMatchObject({ code });
    expect(refused.page().text).toContain('A check that this sign-in needs could not be made.');
  });
});
