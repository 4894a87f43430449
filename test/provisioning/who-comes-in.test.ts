import { describe, expect, test } from 'vitest';
import type { Connection } from '../../src/connections/connection.ts';
import { findDomainFault } from '../../src/provisioning/allowed-domains.ts';
import { readTrustedAmr } from '../../src/provisioning/trusted-amr.ts';

describe('allowedDomains', () => {
  const verified = (email: unknown, more = {}) => ({ email, email_verified: true, ...more });
  const own = ['example.com'];
  test.each<[string, string[], Connection['preset'], Record<string, unknown>, string | null]>([
    ['none lets everybody in', [], 'oidc', {}, null],
    ['an address in the domain', own, 'oidc', verified('ann@example.com'), null],
    ['in capitals', own, 'oidc', verified('Ann@EXAMPLE.com'), null],
    ['the flag as text', own, 'oidc', { email: 'ann@example.com', email_verified: 'true' }, null],
    ['one of several', ['example.org', 'Example.COM'], 'oidc', verified('ann@example.com'), null],
    ['another domain', own, 'oidc', verified('eve@example.org'), 'is not among'],
    ['a subdomain', own, 'oidc', verified('eve@x.example.com'), 'is not among'],
    ['a domain that ends like it', own, 'oidc', verified('eve@notexample.com'), 'is not among'],
    ['a domain that begins like it', own, 'oidc', verified('eve@example.com.evil.net'), 'is not among'],
    ['two addresses in one', own, 'oidc', verified('eve@evil.net,ann@example.com'), 'no mail address'],
    ['an @ in the local part', own, 'oidc', verified('eve@example.com@evil.net'), 'no mail address'],
    ['a line break in it', own, 'oidc', verified('eve@evil.net\n@example.com'), 'no mail address'],
    ['a lookalike domain', own, 'oidc', verified('eve@ехаmple.com'), 'is not among'],
    ['other letters, written either way', ['bücher.example'], 'oidc', verified('ann@xn--bcher-kva.example'), null],
    ['an unverified address', own, 'oidc', { email: 'ann@example.com', email_verified: false }, 'is verified'],
    ['an address that nobody speaks of', own, 'oidc', { email: 'ann@example.com' }, 'is verified'],
    ['a flag that is no yes', own, 'oidc', { email: 'ann@example.com', email_verified: 1 }, 'is verified'],
    ['no address', own, 'oidc', { email_verified: true }, 'no mail address'],
    ['a list of addresses', own, 'oidc', verified(['ann@example.com']), 'no mail address'],
    ['Google: an organisation’s account', own, 'google', verified('ann@example.com', { hd: 'example.com' }), null],
    ['Google: its second domain', own, 'google', verified('ann@example.net', { hd: 'example.com' }), null],
    ['Google: a private account with its address', own, 'google', verified('ann@example.com'), 'private'],
    ['Google: private accounts, where they are wanted', ['gmail.com'], 'google', verified('ann@gmail.com'), null],
    ['elsewhere `hd` means nothing', own, 'oidc', verified('eve@evil.net', { hd: 'example.com' }), 'is not among'],
  ])('%s', (_name, allowedDomains, preset, claims, fault) => {
    const found = findDomainFault({ allowedDomains, preset, trustsVerifiedEmail: true }, claims);
    if (fault === null) expect(found).toBeNull();
    else expect(found).toContain(fault);
  });

  test('the word of a provider that is not believed opens no door (nOAuth)', () => {
    const connection = { allowedDomains: own, preset: 'oidc', trustsVerifiedEmail: false } as const;
    expect(findDomainFault(connection, verified('ann@example.com'))).toContain('trustsVerifiedEmail');
    expect(findDomainFault({ ...connection, allowedDomains: [] }, verified('ann@example.com'))).toBeNull();
  });
});

test.each<[string, string[], Record<string, unknown>, string[]]>([
  ['nothing is trusted', [], { amr: ['mfa'], acr: 'gold' }, []],
  ['a trusted method', ['otp'], { amr: ['pwd', 'otp'] }, ['otp', 'mfa']],
  ['the provider’s own word for it', ['mfa'], { amr: ['pwd', 'mfa'] }, ['mfa']],
  ['another method', ['otp'], { amr: ['pwd'] }, []],
  ['a trusted level', ['gold'], { amr: ['pwd'], acr: 'gold' }, ['mfa']],
  ['another level', ['gold'], { acr: 'goldish' }, []],
  ['one method, not in a list', ['otp'], { amr: 'otp' }, ['otp', 'mfa']],
  ['methods in one text', ['otp'], { amr: 'pwd otp' }, []],
  ['nothing is said', ['otp'], {}, []],
  ['what cannot be a method', ['1', 'null'], { amr: [1, null, { otp: true }], acr: 1 }, []],
])('trustedAmr: %s', (_name, trustedAmr, claims, expected) => {
  expect(readTrustedAmr({ trustedAmr }, claims)).toEqual(expected);
});
