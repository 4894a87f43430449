import { afterEach, expect, it } from 'vitest';
import type { LoginId } from '../../src/kernel/ids.ts';
import { readScriptLog } from './moves.ts';
import { startWorld, type World } from './world.ts';

/** Whose address a script sees: that of whoever asks, or what a proxy says that is trusted. */

let world: World;
afterEach(() => world?.close());

/** What a script sees of a request that came through two proxies, the nearer of which has the address of the test. */
async function sees(env: Record<string, string>): Promise<string[]> {
  world = await startWorld({ env });
  await world.publish({
    script: `function onLoginRequest(context) {
      Log.info(context.request.ip, context.request.headers['x-forwarded-for']); executeStep(1);
    }`,
  });
  const asked = new URL('/oidc/authorize', world.url);
  asked.search = new URLSearchParams({
    client_id: 'payroll',
    redirect_uri: world.application.callbackUrl,
    response_type: 'code',
    scope: 'openid',
    state: 'state',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }).toString();
  const headers = { 'x-forwarded-for': '203.0.113.5, 198.51.100.7' };
  const begun = await fetch(asked, { redirect: 'manual', headers });
  const location = begun.headers.get('location') ?? '';
  const cookies = begun.headers.getSetCookie().map((line) => line.split(';')[0]);
  await fetch(new URL(location, world.url), { headers: { ...headers, cookie: cookies.join('; ') } });
  return readScriptLog(world, (/login_[\w-]+/.exec(location)?.[0] ?? '') as LoginId);
}

it.each<[string, Record<string, string>, string]>([
  ['of nobody, where none is trusted', {}, '127.0.0.1'],
  ['of the one that is trusted, and of none behind it', { STEPGATE_TRUSTED_PROXIES: '127.0.0.1' }, '198.51.100.7'],
  ['of all that are trusted', { STEPGATE_TRUSTED_PROXIES: '127.0.0.1,198.51.100.7' }, '203.0.113.5'],
  ['of none where another is trusted', { STEPGATE_TRUSTED_PROXIES: '192.0.2.1' }, '127.0.0.1'],
])('The word counts %s', async (_whose, env, ip) => {
  expect(await sees(env)).toEqual([`info 2: ${ip} undefined`]);
});
