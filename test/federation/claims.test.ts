import { describe, expect, test } from 'vitest';
import { mergeClaims } from '../../src/authenticators/federated-oidc/merge-claims.ts';
import { openClientSecret, sealClientSecret } from '../../src/connections/client-secret.ts';
import { findIssuerFault } from '../../src/connections/issuer.ts';
import { getConnectionDefaults } from '../../src/connections/presets.ts';
import { aConnection, box } from '../provisioning/people.ts';

describe('claims of two sources', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>, Record<string, unknown>]>([
    [
      'userinfo completes the id_token',
      { sub: '1', name: 'A' },
      { sub: '1', nickname: 'B' },
      { sub: '1', name: 'A', nickname: 'B' },
    ],
    ['what is signed wins', { name: 'signed' }, { name: 'other' }, { name: 'signed' }],
    [
      'what tells of the token is left out',
      { sub: '1', nonce: 'n', exp: 1, iat: 1, aud: 'x', at_hash: 'h', amr: ['mfa'] },
      {},
      { sub: '1', amr: ['mfa'] },
    ],
    [
      'how the person was signed in is taken from what is signed alone',
      { sub: '1', amr: ['pwd'] },
      { sub: '1', amr: ['mfa'], acr: 'gold', auth_time: 1, hd: 'example.com' },
      { sub: '1', amr: ['pwd'] },
    ],
    [
      'a flag comes with its address',
      { email: 'a@x', email_verified: false },
      { email: 'b@x', email_verified: true },
      { email: 'a@x', email_verified: false },
    ],
    [
      'a flag for the other source’s address does not count',
      { email_verified: true },
      { email: 'b@x' },
      { email: 'b@x' },
    ],
    ['nor the other way round', { email: 'a@x' }, { email: 'b@x', email_verified: true }, { email: 'a@x' }],
    [
      'a name of a built-in is a name',
      { constructor: 'x' },
      JSON.parse('{"__proto__": {"a": 1}}'),
      JSON.parse('{"constructor": "x", "__proto__": {"a": 1}}'),
    ],
  ])('%s', (_name, idToken, userinfo, expected) => {
    expect(mergeClaims(idToken, userinfo)).toEqual(expected);
  });
});

test.each<[string, boolean, string | null]>([
  ['https://accounts.example.com', false, null],
  ['https://login.example.com/tenant/v2.0', false, null],
  ['http://127.0.0.1:9000', true, null],
  ['http://127.0.0.1:9000', false, 'https'],
  ['ftp://example.com', true, 'https'],
  ['', false, 'https'],
  ['https://example.com?x', false, 'query'],
  ['https://example.com/?', false, 'query'],
  ['https://example.com#', false, 'query'],
  ['https://user@example.com', false, 'user name'],
  ['https://example.com/.well-known/openid-configuration', false, '.well-known'],
])('«%s» as an issuer (http allowed: %s): %s', (issuer, allowHttp, fault) => {
  const found = findIssuerFault(issuer, { allowHttp });
  if (fault === null) expect(found).toBeNull();
  else expect(found).toContain(fault);
});

test('a client secret opens only for its own connection', () => {
  const connection = aConnection();
  const clientSecretSealed = sealClientSecret(box, connection.id, 'secret');
  expect(openClientSecret(box, { ...connection, clientSecretSealed })).toBe('secret');
  expect(openClientSecret(box, connection)).toBeNull();
  const moved = { ...aConnection({ name: 'Other' }), clientSecretSealed };
  expect(() => openClientSecret(box, moved)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
});

test('defaults are copies', () => {
  getConnectionDefaults('google').jit.enabled = false;
  expect(getConnectionDefaults('google')).toMatchObject({
    issuer: 'https://accounts.google.com',
    jit: { enabled: true },
  });
  expect(getConnectionDefaults('oidc')).toMatchObject({ issuer: null, trustsVerifiedEmail: false });
});
