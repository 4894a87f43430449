import { describe, expect, it } from 'vitest';
import { readLoginRequest } from '../../src/oidc/login-request.ts';

/** What a sign-in, and with it its script, gets to know of the request that began it. */

const read = (given: { headers?: Record<string, string>; params?: Record<string, string> }) =>
  readLoginRequest({ ip: '203.0.113.9', headers: {}, params: {}, ...given });

describe('A header', () => {
  it.each(['user-agent', 'accept-language', 'x-first', 'x-authorization', 'x-forwarded', 'referer', 'cookie2'])(
    '%s is shown',
    (name) => {
      expect(read({ headers: { [name]: 'value' } }).headers).toEqual({ [name]: 'value' });
    },
  );

  it.each([
    'cookie',
    'authorization',
    'proxy-authorization',
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
  ])('%s is not', (name) => {
    expect(read({ headers: { [name]: 'value', 'x-other': 'a' } }).headers).toEqual({ 'x-other': 'a' });
  });

  it('that is not there is none, and one that came more than once is a text', () => {
    const { headers } = readLoginRequest({ ip: '', headers: { via: undefined, 'x-list': ['a', 'b'] }, params: {} });
    expect(headers).toEqual({ 'x-list': 'a,b' });
  });
});

describe('A parameter', () => {
  it.each(['client_id', 'redirect_uri', 'scope', 'login_hint', 'acr_values', 'fidp', 'username', 'states', 'codes'])(
    '%s is shown',
    (name) => {
      expect(read({ params: { [name]: 'value' } }).params).toEqual({ [name]: 'value' });
    },
  );

  it.each([
    'state',
    'nonce',
    'code_challenge',
    'code_challenge_method',
    'id_token_hint',
    'request',
    'request_uri',
    'client_secret',
    'client_assertion',
    'password',
    'code',
    'csrf',
  ])('%s is not', (name) => {
    expect(read({ params: { [name]: 'value', other: 'a' } }).params).toEqual({ other: 'a' });
  });
});

describe('A cookie', () => {
  it.each(['device', 'asg_login', 'session', '__Host-device', '__Secure-sg_login'])('%s is shown', (name) => {
    expect(read({ headers: { cookie: `${name}=value` } }).cookies).toEqual({ [name]: 'value' });
  });

  it.each(['sg_login', '__Host-sg_login', 'SG_login', '__host-sg_session', 'sg_session.sig'])('%s is not', (name) => {
    expect(read({ headers: { cookie: `${name}=value; device=d` } }).cookies).toEqual({ device: 'd' });
  });
});

it.each<[string, Record<string, string>, string[], string[]]>([
  ['none', {}, [], []],
  ['in acr_values, the most wanted first', { acr_values: 'gold  silver' }, ['gold', 'silver'], []],
  ['as a wish', { claims: '{"id_token":{"acr":{"value":"gold"}}}' }, ['gold'], []],
  ['as wishes', { claims: '{"id_token":{"acr":{"values":["gold","silver"]}}}' }, ['gold', 'silver'], []],
  ['as a demand', { claims: '{"id_token":{"acr":{"essential":true,"value":"gold"}}}' }, ['gold'], ['gold']],
  [
    'both ways, each once',
    { acr_values: 'silver gold', claims: '{"id_token":{"acr":{"essential":true,"values":["gold","iron"]}}}' },
    ['silver', 'gold', 'iron'],
    ['gold', 'iron'],
  ],
  ['with a claim that asks for nothing', { claims: '{"id_token":{"acr":null}}' }, [], []],
])('ACR values are asked for: %s', (_how, params, acrValues, essentialAcr) => {
  expect(read({ params })).toMatchObject({ acrValues, essentialAcr });
});

it.each<[Record<string, string>, object]>([
  [{}, { loginHint: null, uiLocales: [], maxAge: null, prompt: [], scopes: [] }],
  [{ login_hint: 'ann' }, { loginHint: 'ann' }],
  [{ ui_locales: 'de en' }, { uiLocales: ['de', 'en'] }],
  [{ max_age: '0' }, { maxAge: 0 }],
  [{ prompt: 'login consent' }, { prompt: ['login', 'consent'] }],
  [{ scope: 'openid email' }, { scopes: ['openid', 'email'] }],
])('%j says %j', (params, says) => {
  expect(read({ params })).toMatchObject({ ip: '203.0.113.9', ...says });
});
