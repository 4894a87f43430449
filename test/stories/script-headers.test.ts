import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scriptHeaders } from '../../sandbox/protocol.ts';
import type { Person } from '../../src/cli/demo/person.ts';
import { readScriptHeaders } from '../../src/login/script-headers.ts';
import { beginsSignIn, readRefusal, typesPassword } from './moves.ts';
import { passwordOrGoogle } from './session-moves.ts';
import { startWorld, type World } from './world.ts';

/** Response headers that scripts set. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.addUser('ann');
});
afterAll(() => world?.close());
beforeEach(async () => {
  await world.happened();
});

const publish = (before: string, after = '') =>
  world.publish({
    steps: [passwordOrGoogle],
    script: `function onLoginRequest(context) {
      var headers = context.response.headers;
      ${before};
      executeStep(1, { onSuccess: function (context) { ${after} } });
    }`,
  });

/** The page in front of the person, loaded again. */
async function load(person: Person): Promise<Response> {
  const { url } = person.page();
  return fetch(url, { redirect: 'manual', headers: { cookie: await person.cookiesFor(url) } });
}

describe('A header of the script', () => {
  it('comes with the page that follows, also when it is loaded again', async () => {
    await publish("headers['X-Tenant'] = 7; headers['Server-Timing'] = 'script;dur=1'");
    const person = await beginsSignIn(world);
    for (const response of [await load(person), await load(person)]) {
      expect(response.status).toBe(200);
      expect(response.headers.get('x-tenant')).toBe('7');
      expect(response.headers.get('server-timing')).toBe('script;dur=1');
    }
    await typesPassword(person, 'ann', 'wrong');
    expect((await load(person)).headers.get('x-tenant')).toBe('7');
    await typesPassword(person, 'ann');
    expect(person.isAt()).toBe('Signed in');
  });

  it('is the newest one, and gone once it is deleted', async () => {
    const prompt = "prompt('genericForm', { inputs: [{ id: 'a', label: 'A' }] }, {})";
    await publish(
      "headers['X-Old'] = '1'; headers['X-Both'] = '1'",
      `var headers = context.response.headers; delete headers['X-Old']; headers['X-Both'] = '2'; ${prompt};`,
    );
    const person = await beginsSignIn(world);
    await typesPassword(person, 'ann');
    const { headers } = await load(person);
    expect([headers.get('x-old'), headers.get('x-both')]).toEqual([null, '2']);
  });

  it.each([
    ['a cookie', "headers['Set-Cookie'] = 'sg_login=x'", 'set by setCookie alone'],
    ['a policy of the server', "headers['Content-Security-Policy'] = ''", 'belongs to the server'],
    ['where to go', "headers.Location = 'https://evil.example'", 'belongs to the server'],
    ['who may frame the page', "headers['x-frame-options'] = 'ALLOWALL'", 'belongs to the server'],
    ['a file for the proxy to send', "headers['X-Accel-Redirect'] = '/etc/passwd'", 'belongs to the server'],
    ['a second header', "headers['X-A'] = 'a\\r\\nSet-Cookie: sg_login=x'", 'one line of ASCII'],
    ['a second header in the name', "headers['X-A: b\\r\\nSet-Cookie'] = 'c'", 'one line of ASCII'],
    ['letters that no header has', "headers['X-A'] = 'grün'", 'one line of ASCII'],
    ['a long one', "headers['X-A'] = new Array(1001).join('x')", 'at most 1000 characters'],
    ['very many', "for (var i = 0; i < 21; i++) headers['X-' + i] = 'x'", '20 response headers'],
  ])('%s is refused where it is set', async (_what, code, says) => {
    await publish(code);
    const person = await beginsSignIn(world);
    expect(await readRefusal(world, person)).toMatchObject({
      code: 'SCRIPT_ERROR',
      event: { details: { detail: expect.stringContaining(says) } },
    });
    const response = await load(person);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

it('whatever the sandbox hands over, nothing else is sent', () => {
  const wrong = { 'Set-Cookie': 'a=b', Location: '/', 'X-Frame-Options': 'x', 'X-A': 'a\nb', 'x-ä': '1', 'X-': '1' };
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`X-${i}`, 'x']));
  expect(readScriptHeaders({ responseHeaders: wrong })).toEqual({});
  expect(Object.keys(readScriptHeaders({ responseHeaders: many }))).toHaveLength(scriptHeaders.most);
});
