import { describe, expect, test } from 'vitest';
import type { ClaimTransform } from '../../src/connections/claim-mapping.ts';
import { claims as ours } from '../../src/directory/claims.ts';
import { claimText } from '../../src/provisioning/claim-text.ts';
import { listProven, mapClaims } from '../../src/provisioning/map-claims.ts';
import { mapGroups, readRemoteGroups } from '../../src/provisioning/map-groups.ts';
import { passThroughClaims } from '../../src/provisioning/pass-through.ts';
import { subjectWithoutAccount } from '../../src/provisioning/subject.ts';
import { wishUsername } from '../../src/provisioning/wish-username.ts';
import { aConnection, aPerson, box } from './people.ts';

test.each<[string, unknown, string | null]>([
  ['text', 'Grace', 'Grace'],
  ['text with spaces in it', ' Grace ', ' Grace '],
  ['empty text', '', null],
  ['only spaces', '  ', null],
  ['a number', 7, '7'],
  ['zero', 0, '0'],
  ['a boolean', false, 'false'],
  ['null', null, null],
  ['nothing', undefined, null],
  ['a list', ['a', 'b'], 'a,b'],
  ['a list of one', ['a'], 'a'],
  ['an empty list', [], null],
  ['a list with gaps', ['a', null, ''], 'a'],
  ['a list of objects', [{ a: 1 }], '[{"a":1}]'],
  ['an address', { formatted: '1 Main St\nTown', country: 'US' }, '1 Main St\nTown'],
  ['an address without formatted', { country: 'US' }, '{"country":"US"}'],
  ['an empty object', {}, null],
])('%s as an attribute', (_name, value, expected) => {
  expect(claimText(value)).toBe(expected);
});

describe('claims become attributes', () => {
  test('by the standard names', () => {
    expect(
      mapClaims(aConnection(), {
        sub: 'g-1',
        iss: 'https://idp',
        email: 'g@example.com',
        given_name: 'Grace',
        family_name: 'Hopper',
        name: 'Grace Hopper',
        preferred_username: 'grace',
        picture: 'https://idp/g.png',
        locale: 'en',
        zoneinfo: 'America/New_York',
        phone_number: '+1 555',
        hd: 'example.com',
      }),
    ).toEqual({
      'http://wso2.org/claims/emailaddress': 'g@example.com',
      'http://wso2.org/claims/givenname': 'Grace',
      'http://wso2.org/claims/lastname': 'Hopper',
      'http://wso2.org/claims/fullname': 'Grace Hopper',
      'http://wso2.org/claims/preferredUsername': 'grace',
      'http://wso2.org/claims/photourl': 'https://idp/g.png',
      'http://wso2.org/claims/local': 'en',
      'http://wso2.org/claims/timeZone': 'America/New_York',
      'http://wso2.org/claims/mobile': '+1 555',
    });
  });

  test.each<[string, Record<string, string>, Record<string, unknown>, Record<string, string>]>([
    [
      'an own mapping adds',
      { hd: 'organization' },
      { hd: 'x.com', email: 'a@x.com' },
      { [ours.email]: 'a@x.com', 'http://wso2.org/claims/organization': 'x.com' },
    ],
    [
      'its URI wins over the standard claim',
      { upn: ours.email },
      { upn: 'u@x.com', email: 'a@x.com' },
      { [ours.email]: 'u@x.com' },
    ],
    ['also when its claim is missing', { upn: ours.email }, { email: 'a@x.com' }, {}],
    ['its claim goes there only', { email: 'urn:x:mail' }, { email: 'a@x.com' }, { 'urn:x:mail': 'a@x.com' }],
    ['the first of two for one URI wins', { a: 'x', b: 'x' }, { b: '2', a: '1' }, { 'http://wso2.org/claims/x': '1' }],
    [
      'the second is used when the first is missing',
      { a: 'x', b: 'x' },
      { b: '2' },
      { 'http://wso2.org/claims/x': '2' },
    ],
    ['the user name is not an attribute', { login: 'username' }, { login: 'root' }, {}],
    ['names of built-ins are just names', { constructor: 'x' }, {}, {}],
  ])('%s', (_name, claimMapping, claims, expected) => {
    expect(mapClaims(aConnection({ claimMapping }), claims)).toEqual(expected);
  });
});

describe('a claim may be changed on its way', () => {
  test.each<[ClaimTransform, unknown, string | undefined]>([
    ['lowercase', 'Grace HOPPER', 'grace hopper'],
    ['lowercase', ['A', 'B'], 'a,b'],
    ['lowercase', 7, '7'],
    ['uppercase', 'de', 'DE'],
    ['trim', '  Grace\n', 'Grace'],
    ['trim', '   ', undefined],
    ['first', ['Grace', 'Hopper'], 'Grace'],
    ['first', 'Grace', 'Grace'],
    ['first', [], undefined],
  ])('%s of %j', (transform, value, expected) => {
    const connection = aConnection({ claimMapping: { a: { claim: 'nickname', transform } } });
    expect(mapClaims(connection, { a: value, nickname: 'void' })).toEqual(
      expected === undefined ? {} : { [ours.nickname]: expected },
    );
  });

  test('an address in lower case is proven as the one that came', () => {
    const connection = aConnection({ claimMapping: { email: { claim: 'emailaddress', transform: 'lowercase' } } });
    const said = { email: 'A.B@X.com', email_verified: true };
    expect(mapClaims(connection, said)).toEqual({ [ours.email]: 'a.b@x.com' });
    expect(listProven(connection, said)).toEqual([ours.email]);
    expect(passThroughClaims(connection, said)).toMatchObject({ email: 'a.b@x.com', email_verified: true });
  });

  test('another letter is another address', () => {
    const connection = aConnection({ claimMapping: { email: { claim: 'emailaddress', transform: 'lowercase' } } });
    expect(listProven(connection, { email: '\u212aim@x.com', email_verified: true })).toEqual([]);
  });

  test('what tells of the account itself is written by no transform', () => {
    const connection = aConnection({ claimMapping: { a: { claim: 'username', transform: 'trim' } } });
    expect(mapClaims(connection, { a: 'root' })).toEqual({});
  });
});

describe('a mail address is proven', () => {
  const verified = { email: 'a@x.com', email_verified: true };
  test.each<[string, Parameters<typeof aConnection>[0], Record<string, unknown>, boolean]>([
    ['if the provider says so and is trusted', {}, verified, true],
    ['also if it says so as text', {}, { ...verified, email_verified: 'true' }, true],
    ['not if the connection is not trusted', { trustsVerifiedEmail: false }, verified, false],
    ['not if the provider says no', {}, { ...verified, email_verified: false }, false],
    ['not if it says nothing', {}, { email: 'a@x.com' }, false],
    ['not if it says something else', {}, { ...verified, email_verified: 1 }, false],
    [
      'not if the address comes from another claim',
      { claimMapping: { upn: ours.email } },
      { ...verified, upn: 'root@x.com' },
      false,
    ],
    [
      'if another claim says the same address',
      { claimMapping: { upn: ours.email } },
      { ...verified, upn: 'a@x.com' },
      true,
    ],
    ['not if it is none', {}, { email: 'a@x.com\r\nBcc: b@x.com', email_verified: true }, false],
    ['not if it is a list', {}, { email: ['a@x.com'], email_verified: true }, false],
    ['not if it goes elsewhere', { claimMapping: { email: 'urn:x:mail' } }, verified, false],
  ])('%s', (_name, changes, claims, expected) => {
    expect(listProven(aConnection(changes), claims)).toEqual(expected ? [ours.email] : []);
  });
});

describe('groups', () => {
  test.each<[string, unknown, string[]]>([
    ['a list', ['a', 'b', 'a'], ['a', 'b']],
    ['one text', 'a', ['a']],
    ['nothing', undefined, []],
    ['something else', { a: true }, []],
    ['a list with something else in it', ['a', 7, null, ''], ['a']],
  ])('are read from %s', (_name, groups, expected) => {
    expect(readRemoteGroups(aConnection(), { groups })).toEqual(expected);
  });

  test('come from the claim that the connection names', () => {
    expect(readRemoteGroups(aConnection({ groupsClaim: 'roles' }), { roles: ['x'], groups: ['y'] })).toEqual(['x']);
    expect(readRemoteGroups(aConnection({ groupsClaim: 'constructor' }), {})).toEqual([]);
  });

  test('pass only where they are mapped', () => {
    const connection = aConnection({
      groupMapping: { staff: 'Employees', crew: 'Employees', toString: 'Odd' },
      roleMapping: { staff: 'payroll-user' },
    });
    expect(mapGroups(connection, { groups: ['staff', 'crew', 'admins', 'valueOf'] })).toEqual({
      groups: ['Employees'],
      roles: ['payroll-user'],
    });
    expect(mapGroups(aConnection(), { groups: ['staff', '__proto__'] })).toEqual({ groups: [], roles: [] });
  });

  test('pass as an administration role only by a mapping that names it, in no other spelling', () => {
    const connection = aConnection({ roleMapping: { it: 'admin' } });
    expect(mapGroups(connection, { groups: ['it', 'admin', 'owner'] }).roles).toEqual(['admin']);
    expect(mapGroups(connection, { groups: ['IT', ' it', 'ｉｔ'] }).roles).toEqual([]);
  });
});

describe('what passes through to an application', () => {
  test('are standard claims as they came, mapped ones by name, and mapped groups', () => {
    const connection = aConnection({ claimMapping: { hd: 'organization' }, groupMapping: { staff: 'Employees' } });
    expect(
      passThroughClaims(connection, {
        iss: 'https://idp',
        sub: 'g-1',
        aud: 'stepgate',
        exp: 1,
        amr: ['pwd'],
        email: 'g@example.com',
        email_verified: true,
        name: 'Grace',
        address: { formatted: '1 Main St', country: 'US' },
        hd: 'example.com',
        groups: ['staff', 'admins'],
        unknown: 'x',
      }),
    ).toEqual({
      email: 'g@example.com',
      email_verified: true,
      name: 'Grace',
      address: { formatted: '1 Main St', country: 'US' },
      organization: 'example.com',
      groups: ['Employees'],
    });
  });

  test.each<[string, Parameters<typeof aConnection>[0], Record<string, unknown>, Record<string, unknown>]>([
    [
      'a connection that is not trusted verifies nothing',
      { trustsVerifiedEmail: false },
      { email: 'a@x.com', email_verified: true },
      { email: 'a@x.com', email_verified: false },
    ],
    [
      'nor does the flag count for another address',
      { claimMapping: { upn: 'emailaddress' } },
      { email: 'a@x.com', email_verified: true, upn: 'root@x.com' },
      { email: 'root@x.com', email_verified: false },
    ],
    ['without an address there is no flag', {}, { email_verified: true }, {}],
    [
      'attributes under other URIs stay inside',
      { claimMapping: { a: 'urn:x:a', b: 'team' } },
      { a: '1', b: '2' },
      { team: '2' },
    ],
    ['nobody maps themselves a role', { claimMapping: { a: 'roles' } }, { a: 'owner', roles: ['owner'] }, {}],
    [
      'no mapping reaches the token itself',
      { claimMapping: { a: 'sub', b: 'http://wso2.org/claims/amr', c: 'email_verified', d: 'groups' } },
      { a: '1', b: '2', c: 'true', d: 'admins' },
      {},
    ],
  ])('%s', (_name, changes, claims, expected) => {
    expect(passThroughClaims(aConnection(changes), claims)).toEqual(expected);
  });
});

describe('the wished user name', () => {
  const all = { upn: 'g.hopper', preferred_username: 'grace', email: 'g@example.com', email_verified: true };
  test.each<[string, Parameters<typeof aConnection>[0], Record<string, unknown>, { username: string; from: string }]>([
    [
      'is the claim that the connection names',
      { jit: { username: 'upn' } },
      all,
      { username: 'g.hopper', from: 'upn' },
    ],
    ['else preferred_username', {}, all, { username: 'grace', from: 'preferred_username' }],
    [
      'also when the named claim is missing',
      { jit: { username: 'nope' } },
      all,
      { username: 'grace', from: 'preferred_username' },
    ],
    [
      'else the verified mail address',
      {},
      { ...all, preferred_username: ' ' },
      { username: 'g@example.com', from: 'email' },
    ],
    [
      'what cannot be a name is passed over',
      {},
      { ...all, preferred_username: 'gr\u202eace' },
      { username: 'g@example.com', from: 'email' },
    ],
    [
      'spaces around it go',
      {},
      { preferred_username: ' Grace  Hopper ' },
      { username: 'Grace Hopper', from: 'preferred_username' },
    ],
  ])('%s', (_name, changes, claims, expected) => {
    const connection = aConnection(changes);
    expect(wishUsername(connection, { subject: 'g-1', claims })).toEqual(expected);
  });

  test.each<[string, Parameters<typeof aConnection>[0], Record<string, unknown>]>([
    ['there is nothing', {}, {}],
    ['the address is not verified', {}, { email: 'g@example.com' }],
    [
      'the connection is not trusted for it',
      { trustsVerifiedEmail: false },
      { email: 'g@example.com', email_verified: true },
    ],
  ])('is generated, always the same, when %s', (_name, changes, claims) => {
    const connection = aConnection(changes);
    const wish = wishUsername(connection, { subject: 'g-1', claims });
    expect(wish).toEqual({ username: expect.stringMatching(/^person-[0-9a-f]{12}$/), from: 'generated' });
    expect(wishUsername(connection, { subject: 'g-1', claims })).toEqual(wish);
    expect(wishUsername(connection, { subject: 'g-2', claims })).not.toEqual(wish);
  });
});

test('the subject without an account is stable and tells people, connections and issuers apart', () => {
  const [one, other] = [aConnection(), aConnection()];
  const subject = subjectWithoutAccount(box, aPerson(one));
  expect(subject).toMatch(/^[\w-]{43}$/);
  expect(subjectWithoutAccount(box, aPerson(one))).toBe(subject);
  expect(subjectWithoutAccount(box, aPerson(one, { subject: 'g-2' }))).not.toBe(subject);
  expect(subjectWithoutAccount(box, aPerson(other))).not.toBe(subject);
  const elsewhere = { ...one, issuer: 'https://other.example' };
  expect(subjectWithoutAccount(box, aPerson(elsewhere))).not.toBe(subject);
});
