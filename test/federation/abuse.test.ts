import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConformanceClient, createConformanceClient } from './conformance-client.ts';
import type { Module } from './conformance-provider.ts';

/** A provider in an attacker's hand, or a token from somewhere else. */

let client: ConformanceClient;
beforeAll(async () => {
  client = await createConformanceClient();
});
afterAll(() => client?.close());

describe('algorithms by allow-list, keys by issuer', () => {
  test.each<[string, Module]>([
    ['a key that the token brings along (jwk, jku, x5u)', { signature: 'by a key that it brings along' }],
    ['the public key, taken for a shared secret (HS256)', { signature: 'by the public key as a secret' }],
    ['the client secret (HS256)', { signature: 'by the client secret' }],
    [
      'the client secret, with metadata that offer it',
      {
        signature: 'by the client secret',
        metadata: { id_token_signing_alg_values_supported: ['HS256', 'RS256', 'none'] },
      },
    ],
  ])('%s counts for nothing', async (_what, module) => {
    await expect(client.signsIn(module)).rejects.toMatchObject({ code: 'IDP_ANSWER_INVALID' });
    expect(client.provider.reachedInside()).toBe(0);
  });
});

describe('every fetch to a provider: only global addresses, whatever its metadata say', () => {
  const inside = ['http://169.254.169.254/x', 'http://10.0.0.1/x', 'http://[fd00::1]/x', 'http://100.64.0.1/x'];
  test.each(
    ['token_endpoint', 'jwks_uri', 'userinfo_endpoint'].flatMap((name) => inside.map((url) => [name, url] as const)),
  )('%s %s', async (name, url) => {
    await expect(client.signsIn({ metadata: { [name]: url } })).rejects.toMatchObject({
      code: 'EGRESS_REFUSED',
      detail: expect.stringMatching(/not public/),
    });
  });

  test.each(['/.well-known/openid-configuration', '/jwks', '/token', '/userinfo'] as const)(
    'no redirects: one from %s is not followed',
    async (path) => {
      await expect(client.signsIn({ redirects: [path] })).rejects.toMatchObject({
        code: 'EGRESS_FAILED',
        detail: expect.stringMatching(/redirect/),
      });
      expect(client.provider.reachedInside()).toBe(0);
    },
  );
});
