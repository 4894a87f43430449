import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConformanceClient, createConformanceClient } from './conformance-client.ts';
import type { Module } from './conformance-provider.ts';

/**
 * The OpenID Foundation's plans for certified clients, module by module: the basic one
 * (oidcc-client-basic-certification-test-plan) and that for configuration (oidcc-client-config-certification-test-plan)
 * whole, and what of the comprehensive one (oidcc-client-test-plan) is about the code flow and not in those. Each row plays a
 * module's provider to us.
 */

let client: ConformanceClient;
beforeAll(async () => {
  client = await createConformanceClient();
});
afterAll(() => client?.close());

type Row = [name: string, module: Module, refused: RegExp | null];

const basicPlan: Row[] = [
  ['oidcc-client-test', {}, null],
  ['oidcc-client-test-invalid-iss', { idToken: { iss: 'https://other.example' } }, /"iss"/],
  ['oidcc-client-test-missing-sub', { idToken: { sub: null } }, /"sub"/],
  ['oidcc-client-test-invalid-aud', { idToken: { aud: 'another-client' } }, /"aud"/],
  ['oidcc-client-test-missing-iat', { idToken: { iat: null } }, /"iat"/],
  ['oidcc-client-test-kid-absent-single-jwks', { withoutKid: true }, null],
  // The suite lets a client refuse or try them all; which key it was is not guessed here.
  ['oidcc-client-test-kid-absent-multiple-jwks', { withoutKid: true, keys: 2 }, /key/],
  ['oidcc-client-test-idtoken-sig-rs256', { keys: 2 }, null],
  // The suite lets a client take it over TLS; here nothing unsigned is taken.
  ['oidcc-client-test-idtoken-sig-none', { signature: 'none' }, /"alg"/],
  ['oidcc-client-test-invalid-sig-rs256', { signature: 'broken' }, /signature/],
  ['oidcc-client-test-userinfo-invalid-sub', { userinfo: { sub: 'person-2' } }, /sub/],
  ['oidcc-client-test-nonce-invalid', { idToken: { nonce: 'another' } }, /"nonce"/],
  ['oidcc-client-test-scope-userinfo-claims', { userinfo: { email: 'a@example.com', name: 'Ann' } }, null],
  ['oidcc-client-test-client-secret-basic', {}, null],
];

const configurationPlan: Row[] = [
  ['oidcc-client-test-discovery-openid-config', {}, null],
  ['oidcc-client-test-discovery-jwks-uri-keys', { keys: 2 }, null],
  ['oidcc-client-test-discovery-issuer-mismatch', { metadata: { issuer: 'https://other.example' } }, /issuer/],
];

/** Keys of tomorrow, which nobody can read today (RFC 7517, section 5). */
const unreadable = [
  { kty: 'AKP', kid: 'tomorrow', alg: 'ML-DSA-999', pub: 'AAAA', use: 'sig' },
  { kty: 'made-up', kid: 'never', use: 'sig' },
];

const comprehensivePlan: Row[] = [
  ['oidcc-client-test-nonce', {}, null],
  ['oidcc-client-test-userinfo-bearer-header', {}, null],
  ['oidcc-client-test-ignores-unparseable-key-in-jwks', { moreKeys: unreadable }, null],
  ['oidcc-client-test-missing-aud', { idToken: { aud: null } }, /"aud"/],
  ['oidcc-client-test-invalid-sig-hs256', { signature: 'by the client secret' }, /"alg"/],
];

test.each([...basicPlan, ...configurationPlan, ...comprehensivePlan])('%s', async (name, module, refused) => {
  const signingIn = client.signsIn(module);
  if (refused) {
    await expect(signingIn).rejects.toMatchObject({
      code: 'IDP_ANSWER_INVALID',
      detail: expect.stringMatching(refused),
    });
    return;
  }
  expect(await signingIn).toMatchObject({ subject: 'person-1', claims: { sub: 'person-1', ...module.userinfo } });
  if (name.endsWith('client-secret-basic')) expect(client.provider.seen().authorization).toMatch(/^Basic /);
  if (name.endsWith('scope-userinfo-claims')) expect(client.provider.seen().scope).toBe('openid email profile');
  if (name.endsWith('bearer-header')) expect(client.provider.seen().bearer).toBe('Bearer token');
  if (name.endsWith('-nonce')) expect(client.provider.seen().nonce).toMatch(/^[\w-]{43}$/);
});

test.each(['oidcc-client-test-signing-key-rotation', 'oidcc-client-test-signing-key-rotation-just-before-signing'])(
  '%s',
  async () => {
    await client.signsIn({});
    const rotated: Module = { signature: 'by a key published since' };
    // The keys are asked for again, at this sign-in or the next.
    const outcomes = [await client.signsIn(rotated, true).catch(() => null), await client.signsIn(rotated, true)];
    expect(outcomes.at(-1)).toMatchObject({ subject: 'person-1' });
  },
);

describe('claims that somebody else vouches for are not taken, and nobody is asked for them', () => {
  const shoeSize = { _claim_names: { shoe_size: 'src1' } };
  test.each<[string, (url: string) => object]>([
    ['oidcc-client-test-aggregated-claims', () => ({ JWT: 'eyJhbGciOiJub25lIn0.eyJzaG9lX3NpemUiOjEwfQ.' })],
    ['oidcc-client-test-distributed-claims', (url) => ({ endpoint: `${url}/inside`, access_token: 'token' })],
  ])('%s', async (_name, source) => {
    const userinfo = { ...shoeSize, _claim_sources: { src1: source(client.provider.url) } };
    const { claims } = await client.signsIn({ userinfo });
    expect(claims).not.toHaveProperty('shoe_size');
    expect(client.provider.reachedInside()).toBe(0);
  });
});
