import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ConformanceClient, createConformanceClient } from './conformance-client.ts';
import type { Module } from './conformance-provider.ts';

/**
 * The OpenID Foundation's plan for certified clients, module by module: oidcc-client-basic-certification-test-plan, and what
 * of the comprehensive client plan (oidcc-client-test-plan) is about the code flow. Each row plays a module's provider to us.
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

const comprehensivePlan: Row[] = [
  ['oidcc-client-test-missing-aud', { idToken: { aud: null } }, /"aud"/],
  ['oidcc-client-test-invalid-sig-hs256', { signature: 'by the client secret' }, /"alg"/],
  ['oidcc-client-test-discovery-issuer-mismatch', { metadata: { issuer: 'https://other.example' } }, /issuer/],
];

test.each([...basicPlan, ...comprehensivePlan])('%s', async (name, module, refused) => {
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
});

test('oidcc-client-test-signing-key-rotation', async () => {
  await client.signsIn({});
  const rotated: Module = { signature: 'by a key published since' };
  // The keys are asked for again, at this sign-in or the next.
  const outcomes = [await client.signsIn(rotated, true).catch(() => null), await client.signsIn(rotated, true)];
  expect(outcomes.at(-1)).toMatchObject({ subject: 'person-1' });
});
