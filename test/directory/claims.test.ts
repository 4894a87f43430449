import { describe, expect, test } from 'vitest';
import { claimName, claims, claimUri, readClaims, standardClaims, writeClaim } from '../../src/directory/claims.ts';
import { aUser } from '../provisioning/people.ts';

const user = aUser({
  subject: 's',
  username: 'Ann',
  attributes: [
    { uri: claims.email, value: 'ann@example.com', origin: 'admin' },
    { uri: claims.givenName, value: 'Ann', origin: 'person' },
  ],
  verified: [claims.email],
});

test.each([
  ['givenname', 'http://wso2.org/claims/givenname', 'givenname'],
  ['http://wso2.org/claims/givenname', 'http://wso2.org/claims/givenname', 'givenname'],
  ['urn:example:department', 'urn:example:department', 'urn:example:department'],
  ['https://example.com/claims/team', 'https://example.com/claims/team', 'https://example.com/claims/team'],
])('«%s» is %s, plainly %s', (given, uri, name) => {
  expect(claimUri(given)).toBe(uri);
  expect(claimName(uri)).toBe(name);
});

test('standard claims lead to attributes of their own', () => {
  expect(new Set(Object.values(standardClaims)).size).toBe(Object.keys(standardClaims).length);
});

test('claims are the attributes, the user name and the id', () => {
  expect(readClaims(user)).toEqual({
    'http://wso2.org/claims/emailaddress': 'ann@example.com',
    'http://wso2.org/claims/givenname': 'Ann',
    'http://wso2.org/claims/username': 'Ann',
    'http://wso2.org/claims/userid': user.id,
  });
});

describe('writing a claim', () => {
  test('adds it with its origin', () => {
    const after = writeClaim(user, 'nickname', 'A', 'script');
    expect(after.attributes.at(-1)).toEqual({ uri: claims.nickname, value: 'A', origin: 'script' });
    expect(user.attributes).toHaveLength(2);
  });

  test('changes it, and what was proven of the old value is not of the new', () => {
    const after = writeClaim(user, claims.email, 'eve@example.com', 'script');
    expect(after.attributes[0]).toEqual({ uri: claims.email, value: 'eve@example.com', origin: 'script' });
    expect(after.verified).toEqual([]);
  });

  test('to what it is already changes nothing', () => {
    expect(writeClaim(user, claims.email, 'ann@example.com', 'script')).toBe(user);
    expect(writeClaim(user, claims.nickname, null, 'script')).toBe(user);
  });

  test.each([null, ''])('to %j removes it', (nothing) => {
    const after = writeClaim(user, claims.email, nothing, 'person');
    expect(after.attributes.map(({ uri }) => uri)).toEqual([claims.givenName]);
    expect(after.verified).toEqual([]);
  });

  test.each(['username', 'userid', 'http://wso2.org/claims/username'])('%s is refused', (claim) => {
    expect(() => writeClaim(user, claim, 'eve', 'script')).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED' }),
    );
  });
});
