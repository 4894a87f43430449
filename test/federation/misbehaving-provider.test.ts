import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Misbehaviour } from '../../src/cli/demo/misbehaviour.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ deadline: 2000 });
});
afterAll(() => world.close());
beforeEach(() => world.provider.misbehave({}));

const now = () => Math.floor(Date.now() / 1000);

/** The person goes there while all is well; the provider misbehaves from then on. */
async function answerOf(how: Misbehaviour) {
  const context = await world.step();
  const { url, state } = await world.leaves(context);
  world.provider.misbehave(how);
  const query = await world.visits(url);
  return world.resumes(context, state, query);
}

describe('an answer that failed a check ends the step, and the detail names the check', () => {
  test.each<[string, Misbehaviour, RegExp]>([
    [
      'another issuer in the id_token',
      { idToken: { iss: 'https://evil.example' } },
      /"iss".*got "https:\/\/evil.example"/,
    ],
    ['another audience', { idToken: { aud: 'somebody-else' } }, /"aud".*got "somebody-else"/],
    ['an audience too many', { idToken: { aud: ['stepgate', 'somebody-else'] } }, /"aud".*additional untrusted/],
    ['another authorised party', { idToken: { aud: ['stepgate', 'x'], azp: 'x' } }, /"azp"/],
    ['another nonce', { idToken: { nonce: 'another' } }, /"nonce"/],
    ['no nonce', { idToken: { nonce: null } }, /"nonce".*missing/],
    ['an id_token that has expired', { idToken: { exp: now() - 61 } }, /"exp"/],
    ['an id_token that is not valid yet', { idToken: { nbf: now() + 120 } }, /"nbf"/],
    ['no time of expiry', { idToken: { exp: null } }, /"exp".*missing/],
    ['no subject', { idToken: { sub: null } }, /"sub"/],
    ['a subject that is a number', { idToken: { sub: 7 } }, /"sub"/],
    ['an empty subject', { idToken: { sub: '' }, userinfo: { sub: '' } }, /sub/],
    [
      'a subject of 256 characters',
      { idToken: { sub: 'x'.repeat(256) }, userinfo: { sub: 'x'.repeat(256) } },
      /more than 255/,
    ],
    [
      'a subject with a null byte',
      { idToken: { sub: 'a\0b' }, userinfo: { sub: 'a\0b' } },
      /"sub" has control characters/,
    ],
    ['a signature by a key that nobody published', { signature: 'foreign key' }, /signature/],
    ['no signature', { signature: 'none' }, /"alg"/],
    ['userinfo about somebody else', { userinfo: { sub: 'somebody-else' } }, /sub.*got "somebody-else"/],
    ['userinfo about nobody', { userinfo: { sub: null } }, /sub/],
    ['another issuer beside the code', { callback: { iss: 'https://evil.example' } }, /"iss"/],
    ['no issuer beside the code', { callback: { iss: null } }, /"iss".*missing/],
    ['no code', { callback: { code: null } }, /code/],
    ['a token of the implicit flow', { callback: { id_token: 'x' } }, /implicit/],
    ['a page instead of tokens', { endpoints: { token: 'answers with a page' } }, /content-type/],
    ['a page instead of userinfo', { endpoints: { userinfo: 'answers with a page' } }, /content-type/],
    ['a claim with a null byte', { userinfo: { nickname: 'a\0b' } }, /"nickname" has a null byte/],
    ['a null byte deep inside', { userinfo: { address: { country: ['a\0'] } } }, /"address" has a null byte/],
    ['half a character', { userinfo: { nickname: '\ud800' } }, /"nickname" has half a character/],
    [
      '10,000 groups',
      { userinfo: { extra: Array.from({ length: 10_000 }, (_, n) => `g${n}`) } },
      /"extra" has 10000 items/,
    ],
    ['300 kB of claims', { userinfo: { extra: 'x'.repeat(300_000) } }, /at most 262144/],
    ['1 MB of claims', { userinfo: { extra: 'x'.repeat(1_100_000) } }, /more than 1048576 bytes/],
    [
      'claims without a bottom',
      { userinfo: { extra: JSON.parse('['.repeat(5000) + ']'.repeat(5000)) } },
      /nested more than 8/,
    ],
  ])('%s', async (_name, how, detail) => {
    expect.soft(await answerOf(how)).toMatchObject({
      kind: 'failed',
      problem: {
        code: 'IDP_ANSWER_INVALID',
        detail: expect.stringMatching(detail),
        params: { connection: 'Google' },
      },
    });
  });

  test('a clock that is half a minute off is no reason', async () => {
    expect(await answerOf({ idToken: { exp: now() - 30 } })).toMatchObject({ kind: 'success' });
  });
});

describe('an error that may pass lets the person try again', () => {
  test.each<[string, Misbehaviour, string, RegExp]>([
    [
      'the person refused',
      { refusal: { error: 'access_denied', error_description: 'Not today.' } },
      'IDP_DENIED',
      /«access_denied»: «Not today.»/,
    ],
    [
      'the provider is busy',
      { refusal: { error: 'temporarily_unavailable' } },
      'IDP_ERROR',
      /«temporarily_unavailable»/,
    ],
    ['it answers 500 to the code', { endpoints: { token: 'fails' } }, 'IDP_ERROR', /HTTP 500/],
    ['it answers 500 about the person', { endpoints: { userinfo: 'fails' } }, 'IDP_ERROR', /HTTP 500/],
    ['it refuses the code', { callback: { code: 'another' } }, 'IDP_ERROR', /invalid_grant/],
    ['it hangs with the tokens', { endpoints: { token: 'hangs' } }, 'IDP_UNREACHABLE', /2000 ms in all/],
    ['it hangs with the person', { endpoints: { userinfo: 'hangs' } }, 'IDP_UNREACHABLE', /2000 ms in all/],
    ['it breaks off', { endpoints: { token: 'is cut off' } }, 'IDP_UNREACHABLE', /broke off/],
  ])('%s', async (_name, how, code, detail) => {
    expect(await answerOf(how)).toMatchObject({
      kind: 'wrong',
      state: {},
      problem: { code, detail: expect.stringMatching(detail), params: { connection: 'Google' } },
    });
    world.provider.misbehave({});
    expect(await world.signsIn()).toMatchObject({ kind: 'success' });
  });

  test('what it says is quoted in one line of bounded length', async () => {
    const said = `no\r\n\u001b[31m\u202e way ${'x'.repeat(1000)}`;
    const move = await answerOf({ callback: { code: null, error: 'server_error', error_description: said } });
    if (move.kind !== 'wrong') throw new Error(JSON.stringify(move));
    expect(move.problem.detail).toMatch(/^Connection «Google»: «server_error»: «no \[31m way x+…»$/);
    expect(move.problem.detail?.length).toBeLessThan(400);
  });
});

describe('before the person is sent there', () => {
  let fresh: World;
  beforeEach(async () => {
    fresh = await createWorld({ deadline: 500 });
    return () => fresh.close();
  });
  const begins = async () => fresh.database.unit(await fresh.authenticator.begin(await fresh.step()));

  test.each<[string, Misbehaviour, string, string, RegExp]>([
    ['hangs', { endpoints: { discovery: 'hangs' } }, 'wrong', 'IDP_UNREACHABLE', /longer than [45]\d{2} ms/],
    ['answers 500', { endpoints: { discovery: 'fails' } }, 'wrong', 'IDP_ERROR', /HTTP 500/],
    ['breaks off', { endpoints: { discovery: 'is cut off' } }, 'wrong', 'IDP_UNREACHABLE', /broke off/],
    [
      'answers with a page',
      { endpoints: { discovery: 'answers with a page' } },
      'failed',
      'IDP_ANSWER_INVALID',
      /content-type/,
    ],
    [
      'gives another issuer',
      { metadata: { issuer: 'https://evil.example' } },
      'failed',
      'IDP_ANSWER_INVALID',
      /got "https:\/\/evil.example"/,
    ],
    ['gives no issuer', { metadata: { issuer: null } }, 'failed', 'IDP_ANSWER_INVALID', /issuer/],
    [
      'has nowhere to send people to',
      { metadata: { authorization_endpoint: null } },
      'failed',
      'IDP_ANSWER_INVALID',
      /authorization_endpoint/,
    ],
    [
      'would send people to a script',
      { metadata: { authorization_endpoint: 'javascript:alert(1)' } },
      'failed',
      'IDP_ANSWER_INVALID',
      /HTTP/,
    ],
  ])('a provider that %s', async (_name, how, kind, code, detail) => {
    fresh.provider.misbehave(how);
    expect(await begins()).toMatchObject({ kind, problem: { code, detail: expect.stringMatching(detail) } });
    // The failure is not kept.
    fresh.provider.misbehave({});
    expect(await begins()).toMatchObject({ kind: 'redirect' });
  });

  test.each<[string, Misbehaviour, string, string, RegExp]>([
    ['come as a page', { endpoints: { jwks: 'answers with a page' } }, 'failed', 'IDP_ANSWER_INVALID', /content-type/],
    ['come as 500', { endpoints: { jwks: 'fails' } }, 'wrong', 'IDP_ERROR', /HTTP 500/],
    ['do not come', { endpoints: { jwks: 'hangs' } }, 'wrong', 'IDP_UNREACHABLE', /longer than [45]\d{2} ms/],
  ])('keys that %s let nobody in', async (_name, how, kind, code, detail) => {
    fresh.provider.misbehave(how);
    expect(await fresh.signsIn()).toMatchObject({ kind, problem: { code, detail: expect.stringMatching(detail) } });
  });

  test('steps of one page share their time: after a provider that hangs, another one gets a tenth of it', async () => {
    fresh.provider.misbehave({ endpoints: { discovery: 'hangs' } });
    const waited = { ms: 0 };
    const begin = async () => fresh.database.unit(await fresh.authenticator.begin(await fresh.step({ waited })));
    const refused = (detail: RegExp) => ({
      kind: 'wrong',
      problem: { code: 'IDP_UNREACHABLE', detail: expect.stringMatching(detail) },
    });
    expect(await begin()).toMatchObject(refused(/longer than [45]\d{2} ms/));
    expect(await begin()).toMatchObject(refused(/longer than \d{1,2} ms/));
    // Timers are a millisecond early at times.
    expect(await begin()).toMatchObject(refused(/longer than [0-2] ms/));
    // Another page has its own.
    fresh.provider.misbehave({});
    expect(await begins()).toMatchObject({ kind: 'redirect' });
  });

  test('a provider that is not there', async () => {
    await fresh.provider.close();
    expect(await begins()).toMatchObject({ kind: 'wrong', problem: { code: 'IDP_UNREACHABLE' } });
  });

  test.each([
    [
      'the address of the document',
      (url: string) => `${url}/.well-known/openid-configuration`,
      'failed',
      /without \/.well-known/,
    ],
    ['no URL', () => 'google', 'failed', /https URL/],
    ['a query', (url: string) => `${url}?tenant=1`, 'failed', /no query/],
    ['a host inside', () => 'https://169.254.169.254', 'wrong', /not public/],
    ['plain http outside', () => 'http://93.184.216.34', 'wrong', /not public/],
  ])('an issuer that is %s', async (_name, issuer, kind, detail) => {
    await fresh.changes({ issuer: issuer(fresh.provider.url) });
    expect(await begins()).toMatchObject({ kind, problem: { detail: expect.stringMatching(detail) } });
  });

  test('metadata cannot talk us into unsigned tokens or into keyed hashes', async () => {
    fresh.provider.misbehave({
      metadata: { id_token_signing_alg_values_supported: ['none', 'HS256'] },
      signature: 'none',
    });
    expect(await fresh.signsIn()).toMatchObject({
      kind: 'failed',
      problem: { code: 'IDP_ANSWER_INVALID', detail: expect.stringContaining('"alg"') },
    });
  });

  test('metadata cannot lead us into the network', async () => {
    fresh.provider.misbehave({ metadata: { token_endpoint: 'http://169.254.169.254/token' } });
    expect(await fresh.signsIn()).toMatchObject({
      kind: 'wrong',
      problem: { code: 'IDP_UNREACHABLE', detail: expect.stringContaining('not public') },
    });
  });
});
