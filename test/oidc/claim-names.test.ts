import { expect, test } from 'vitest';
import { standardClaims } from '../../src/directory/claims.ts';
import { toOidcClaims, withoutReserved } from '../../src/oidc/claim-names.ts';

const attribute = (name: string, value: string) => ({ uri: `http://wso2.org/claims/${name}`, value });

test('attributes under their claim URIs become OpenID Connect claims', () => {
  const attributes = [
    attribute('givenname', 'Ann'),
    attribute('displayName', 'Annie'),
    attribute('mobile', '+49 1'),
    attribute('telephone', '+49 2'),
    attribute('emailaddress', 'ann@example.com'),
    attribute('streetaddress', 'Hauptstr. 1'),
    attribute('country', 'DE'),
    attribute('costCentre', '4711'),
    attribute('nickname', ''),
  ];
  expect(toOidcClaims(attributes, ['http://wso2.org/claims/mobile'])).toEqual({
    given_name: 'Ann',
    name: 'Annie',
    phone_number: '+49 1',
    phone_number_verified: true,
    email: 'ann@example.com',
    email_verified: false,
    address: { street_address: 'Hauptstr. 1', country: 'DE' },
    costCentre: '4711',
  });
});

test.each(Object.entries(standardClaims))(
  '%s from a provider reaches applications under no other name',
  (claim, uri) => {
    const told = Object.keys(toOidcClaims([{ uri, value: 'x' }]));
    expect(told.filter((name) => !name.endsWith('_verified'))).toEqual([claim]);
  },
);

test.each([
  ...'sub iss aud exp iat nbf jti nonce acr amr auth_time sid azp at_hash c_hash s_hash cnf events'.split(' '),
  ...'active client_id scope'.split(' '),
  'email_verified',
  'groups',
  'roles',
  '_claim_names',
  '__proto__',
  'constructor',
  'identity/failedLoginAttempts',
  'given_name',
])('an attribute named %s does not pass for another claim', (name) => {
  expect(toOidcClaims([attribute(name, 'x')])).toEqual({});
});

test('attributes under other URIs stay inside', () => {
  expect(
    toOidcClaims([
      { uri: 'https://example.com/salary', value: '1' },
      { uri: 'salary', value: '1' },
    ]),
  ).toEqual({});
});

test('what a sign-in says of itself is dropped', () => {
  const claims = JSON.parse(
    '{"sub":"x","iss":"x","nonce":"x","acr":"x","amr":[],"__proto__":{},"_claim_sources":{},"email":"e","level":1}',
  );
  expect(withoutReserved(claims)).toEqual({ email: 'e', level: 1 });
});
