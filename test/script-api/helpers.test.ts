import { describe, expect, it } from 'vitest';
import { filterAuthenticators } from '../../src/script-api/functions/filter-authenticators.ts';
import { getMaskedValue } from '../../src/script-api/functions/get-masked-value.ts';
import { getValueFromDecodedAssertion } from '../../src/script-api/functions/get-value-from-decoded-assertion.ts';
import type { ScriptWorld } from '../../src/script-api/world.ts';

/** Neither looks at anything but its arguments. */
const world = {} as ScriptWorld;

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
    [{ '0': { authenticator: 'totp' } }, 'x', [{ authenticator: 'totp' }]],
    [[], 'x', []],
  ])('of %j without %s is %j', async (given, exclude, left) => {
    expect(await filterAuthenticators.run(world, given, exclude)).toEqual(left);
  });

  it.each([[[1]], [['totp']], [[{}]]])('takes no %j', async (given) => {
    await expect(filterAuthenticators.run(world, given, 'x')).rejects.toThrow('options must be a list');
  });
});
