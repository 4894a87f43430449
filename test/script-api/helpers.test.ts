import { describe, expect, it } from 'vitest';
import { checkMicrosoftEmailVerification } from '../../src/script-api/functions/check-microsoft-email-verification.ts';
import { filterAuthenticators } from '../../src/script-api/functions/filter-authenticators.ts';
import { getMaskedValue } from '../../src/script-api/functions/get-masked-value.ts';
import { getValueFromDecodedAssertion } from '../../src/script-api/functions/get-value-from-decoded-assertion.ts';
import type { ScriptWorld } from '../../src/script-api/world.ts';

/** Neither looks at anything but its arguments. */
const world = {} as ScriptWorld;

describe('checkMicrosoftEmailVerification', () => {
  const organisation = 'https://login.microsoftonline.com/0d6e4079-0000-4000-8000-000000000001/v2.0';
  const personal = 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0';
  const email = 'ann@example.com';

  it.each<[string, Record<string, unknown> | null, boolean]>([
    ['an address that the directory has verified', { iss: organisation, email, verified_primary_email: [email] }, true],
    ['an address that an admin wrote', { iss: organisation, email, verified_primary_email: [] }, false],
    ['another address verified', { iss: organisation, email, verified_primary_email: ['bea@example.com'] }, false],
    ['a text instead of a list', { iss: organisation, email, verified_primary_email: email }, false],
    ['nothing said of the address', { iss: organisation, email }, false],
    ['no address at all', { iss: organisation }, true],
    ['a personal account', { iss: personal, email }, true],
    ['an issuer that only begins like that of personal accounts', { iss: `${personal}.example`, email }, false],
    ['somebody who signed in here', null, false],
  ])('%s', async (_what, remoteClaims, verified) => {
    const people = { subject: 'ann', get: async () => ({ remoteClaims }) } as unknown as ScriptWorld['people'];
    expect(await checkMicrosoftEmailVerification.run({ people } as ScriptWorld)).toBe(verified);
  });

  it('is a wrong call while nobody has proven who they are', async () => {
    const people = { subject: null } as unknown as ScriptWorld['people'];
    await expect(checkMicrosoftEmailVerification.run({ people } as ScriptWorld)).rejects.toThrow(
      'checkMicrosoftEmailVerification: nobody has proven',
    );
  });
});

describe('getMaskedValue', () => {
  it.each([
    ['', ''],
    ['a', '*'],
    ['an', '**'],
    ['ann', 'a*n'],
    ['alice@example.com', 'a***************m'],
    ['🔑😀🔒', '🔑*🔒'],
  ])('of «%s» is «%s»', async (value, masked) => {
    expect(await getMaskedValue.run(world, value)).toBe(masked);
  });
});

describe('getValueFromDecodedAssertion', () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const jwt = `${part({ alg: 'ES256' })}.${part({ sub: 'ann', n: 7, on: false, list: [1], ä: 'ö', none: null })}.x`;

  it.each<[string, string, boolean, string]>([
    [jwt, 'alg', false, 'ES256'],
    [jwt, 'alg', true, ''],
    [jwt, 'sub', true, 'ann'],
    [jwt, 'n', true, '7'],
    [jwt, 'on', true, 'false'],
    [jwt, 'list', true, '[1]'],
    [jwt, 'ä', true, 'ö'],
    [jwt, 'none', true, 'null'],
    [jwt, 'toString', true, ''],
    [jwt, '__proto__', true, ''],
    ['', 'sub', true, ''],
    ['a.b', 'sub', true, ''],
    ['!.!.!', 'sub', true, ''],
    [`${jwt}.x.x`, 'sub', true, ''],
    [`x.${part(['ann'])}.x`, '0', true, ''],
    [`x.${part('ann')}.x`, 'length', true, ''],
    [`x.${part(null)}.x`, 'sub', true, ''],
    [`x.${Buffer.from('['.repeat(5000)).toString('base64url')}.x`, '0', true, ''],
  ])('of %.12s…, %s in the payload (%s) is «%s»', async (text, name, inPayload, value) => {
    expect(await getValueFromDecodedAssertion.run(world, text, name, inPayload)).toBe(value);
  });
});

describe('filterAuthenticators', () => {
  const options = [
    { idp: 'LOCAL', authenticator: 'BasicAuthenticator' },
    { idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' },
    { idp: 'LOCAL', authenticator: 'totp' },
  ];

  it.each<[unknown, string, unknown]>([
    [options, 'totp', [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }]],
    [options, 'GoogleOIDCAuthenticator', [{ authenticator: 'BasicAuthenticator' }, { authenticator: 'totp' }]],
    [options, 'basic', [{ idp: 'Google' }, { authenticator: 'totp' }]],
    [[{ authenticator: 'fido' }, { authenticator: 'totp' }], 'FIDOAuthenticator', [{ authenticator: 'totp' }]],
    [[{ authenticator: 'toString' }], 'constructor', [{ authenticator: 'toString' }]],
    [
      [{ idp: 'Google' }, { idp: 'GoogleOIDCAuthenticator' }],
      'GoogleOIDCAuthenticator',
      [{ idp: 'Google' }, { idp: 'GoogleOIDCAuthenticator' }],
    ],
    [{ '0': { authenticator: 'totp' } }, 'x', [{ authenticator: 'totp' }]],
    [[], 'x', []],
  ])('of %j without %s is %j', async (given, exclude, left) => {
    expect(await filterAuthenticators.run(world, given, exclude)).toEqual(left);
  });

  it.each([[[1]], [['totp']], [[{}]]])('takes no %j', async (given) => {
    await expect(filterAuthenticators.run(world, given, 'x')).rejects.toThrow('options must be a list');
  });
});
