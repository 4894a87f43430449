import { describe, expect, test } from 'vitest';
import { defaultJit } from '../../src/connections/default-jit.ts';
import { claims as ours } from '../../src/directory/claims.ts';
import type { Attribute, Membership, User } from '../../src/directory/user.ts';
import type { ConnectionId } from '../../src/kernel/ids.ts';
import { emptyDirectory } from '../../src/lab/dry-provisioning.ts';
import { expectResult, planProvisioning } from '../../src/provisioning/plan.ts';
import { aConnection, aPerson, aUser } from './people.ts';

const planFor = (input: Parameters<typeof planProvisioning>[1]) => planProvisioning(emptyDirectory, input);

const id = 'conn_google' as ConnectionId;
const fromHere = `connection:${id}` as const;
const fromElsewhere = 'connection:conn_other' as `connection:${ConnectionId}`;

test('the defaults are the documented ones', () => {
  expect(defaultJit).toEqual({
    enabled: true,
    scheme: 'PROVISION_SILENTLY',
    userStore: 'PRIMARY',
    attributeSync: 'OVERRIDE_ALL',
    groupSync: 'MERGE_WITH_EXISTING',
    username: null,
    onConflict: 'FAIL',
    requiredAttributes: [],
    linking: {
      enabled: false,
      rules: [{ federatedAttribute: 'email', localAttribute: ours.email }],
      proof: 'VERIFIED_ATTRIBUTE',
      skipJitOnNoMatch: false,
    },
  });
});

describe('somebody new', () => {
  test('gets an account with everything the provider said, and where it came from', async () => {
    const connection = aConnection({ id, groupMapping: { staff: 'Employees' }, roleMapping: { staff: 'payroll' } });
    const person = aPerson(connection, {
      claims: { email: 'g@example.com', email_verified: true, given_name: 'Grace', groups: ['staff'] },
    });
    const plan = await planFor({ connection, person, known: null, now: 5 });
    expect(plan).toEqual({
      kind: 'create',
      passwordHash: null,
      content: {
        username: 'g@example.com',
        attributes: [
          { uri: ours.email, value: 'g@example.com', origin: fromHere },
          { uri: ours.givenName, value: 'Grace', origin: fromHere },
        ],
        verified: [ours.email],
        roles: [{ name: 'payroll', origin: fromHere }],
        groups: [{ name: 'Employees', origin: fromHere }],
      },
      changes: [
        { what: 'username', before: null, after: 'g@example.com' },
        { what: ours.email, before: null, after: 'g@example.com' },
        { what: ours.givenName, before: null, after: 'Grace' },
        { what: `verified:${ours.email}`, before: null, after: 'true' },
        { what: 'role:payroll', before: null, after: 'true' },
        { what: 'group:Employees', before: null, after: 'true' },
      ],
    });
    expect(expectResult(plan)).toMatchObject({ result: 'created', userId: null });
  });

  test.each(['OVERRIDE_ALL', 'PRESERVE_LOCAL', 'NONE'] as const)(
    'also with attributeSync %s',
    async (attributeSync) => {
      const connection = aConnection({ jit: { attributeSync } });
      const plan = await planFor({ connection, person: aPerson(connection), known: null, now: 5 });
      expect(plan).toMatchObject({ kind: 'create', content: { attributes: [{}, {}, {}] } });
    },
  );
});

describe('who decides that nothing is written', () => {
  test.each<[string, { jit?: boolean; skip?: boolean; user: Partial<User> | null }, string, string | undefined]>([
    ['JIT off, nobody known', { jit: false, user: null }, 'disabled', undefined],
    ['JIT off, somebody known', { jit: false, user: {} }, 'known', undefined],
    ['JIT off, somebody locked', { jit: false, user: { locked: true } }, 'refused', 'ACCOUNT_LOCKED'],
    ['JIT off, somebody disabled', { jit: false, user: { disabled: true } }, 'refused', 'ACCOUNT_DISABLED'],
    ['the script, nobody known', { skip: true, user: null }, 'skipped', undefined],
    ['the script, somebody known', { skip: true, user: {} }, 'skipped', undefined],
    ['the script, somebody locked', { skip: true, user: { locked: true } }, 'refused', 'ACCOUNT_LOCKED'],
    ['the lock', { user: { locked: true } }, 'refused', 'ACCOUNT_LOCKED'],
    ['the switch', { user: { disabled: true } }, 'refused', 'ACCOUNT_DISABLED'],
    ['both', { user: { disabled: true, locked: true } }, 'refused', 'ACCOUNT_DISABLED'],
  ])('%s', async (_name, { jit = true, skip = false, user }, result, code) => {
    const connection = aConnection({ jit: { enabled: jit } });
    const known = user && aUser(user);
    const plan = await planFor({ connection, person: aPerson(connection), known, now: 5, skip });
    expect(expectResult(plan)).toMatchObject({ result, userId: known?.id ?? null, changes: [] });
    expect(expectResult(plan).problem?.code).toBe(code);
  });
});

describe('attributes of somebody known', () => {
  const existing: Attribute[] = [
    { uri: ours.givenName, value: 'Old', origin: fromHere },
    { uri: ours.lastName, value: 'ByAdmin', origin: 'admin' },
    { uri: ours.nickname, value: 'Gone', origin: fromHere },
    { uri: ours.website, value: 'Mine', origin: 'person' },
    { uri: ours.gender, value: 'Theirs', origin: fromElsewhere },
    { uri: ours.locale, value: 'en', origin: 'script' },
  ];
  const claims = { given_name: 'New', family_name: 'FromIdp', name: 'Added', locale: 'en' };

  test.each<['OVERRIDE_ALL' | 'PRESERVE_LOCAL' | 'NONE', Attribute[]]>([
    [
      'OVERRIDE_ALL',
      [
        { uri: ours.givenName, value: 'New', origin: fromHere },
        { uri: ours.lastName, value: 'FromIdp', origin: fromHere },
        { uri: ours.website, value: 'Mine', origin: 'person' },
        { uri: ours.gender, value: 'Theirs', origin: fromElsewhere },
        { uri: ours.locale, value: 'en', origin: 'script' },
        { uri: ours.fullName, value: 'Added', origin: fromHere },
      ],
    ],
    [
      'PRESERVE_LOCAL',
      [
        { uri: ours.givenName, value: 'New', origin: fromHere },
        { uri: ours.lastName, value: 'FromIdp', origin: fromHere },
        { uri: ours.nickname, value: 'Gone', origin: fromHere },
        { uri: ours.website, value: 'Mine', origin: 'person' },
        { uri: ours.gender, value: 'Theirs', origin: fromElsewhere },
        { uri: ours.locale, value: 'en', origin: 'script' },
        { uri: ours.fullName, value: 'Added', origin: fromHere },
      ],
    ],
    ['NONE', existing],
  ])('%s', async (attributeSync, expected) => {
    const connection = aConnection({ id, jit: { attributeSync } });
    const known = aUser({ attributes: existing });
    const plan = await planFor({ connection, person: aPerson(connection, { claims }), known, now: 5 });
    expect((plan.kind === 'update' ? plan.user : known).attributes).toEqual(expected);
    if (attributeSync === 'NONE') expect(plan).toEqual({ kind: 'keep', result: 'unchanged', user: known });
  });

  test('changes are told one by one, and nothing else of the account is touched', async () => {
    const connection = aConnection({ id });
    const known = aUser({ attributes: existing, username: 'grace' });
    const plan = await planFor({ connection, person: aPerson(connection, { claims }), known, now: 5 });
    expect(expectResult(plan)).toEqual({
      result: 'updated',
      userId: known.id,
      changes: [
        { what: ours.givenName, before: 'Old', after: 'New' },
        { what: ours.lastName, before: 'ByAdmin', after: 'FromIdp' },
        { what: ours.nickname, before: 'Gone', after: null },
        { what: ours.fullName, before: null, after: 'Added' },
      ],
    });
    if (plan.kind !== 'update') throw new Error('no update');
    const { attributes: _before, ...before } = known;
    const { attributes: _after, ...after } = plan.user;
    expect(after).toEqual({ ...before, updatedAt: 5 });
  });

  test('that are the same change nothing', async () => {
    const connection = aConnection({ id });
    const known = aUser({
      attributes: [{ uri: ours.email, value: 'g@example.com', origin: fromHere }],
      verified: [ours.email],
    });
    const person = aPerson(connection, { claims: { email: 'g@example.com', email_verified: true } });
    expect(await planFor({ connection, person, known, now: 5 })).toEqual({
      kind: 'keep',
      result: 'unchanged',
      user: known,
    });
  });
});

describe('a proven mail address', () => {
  const known = (origin: Attribute['origin'], verified: boolean) =>
    aUser({ attributes: [{ uri: ours.email, value: 'a@x.com', origin }], verified: verified ? [ours.email] : [] });
  test.each<[string, User, Record<string, unknown>, boolean]>([
    [
      'becomes proven when the provider says so',
      known(fromHere, false),
      { email: 'a@x.com', email_verified: true },
      true,
    ],
    ['also one that an admin entered', known('admin', false), { email: 'a@x.com', email_verified: true }, true],
    ['stays proven while the provider says nothing of it', known(fromHere, true), { email: 'a@x.com' }, true],
    [
      'stays proven if we have it from elsewhere',
      known('admin', true),
      { email: 'a@x.com', email_verified: false },
      true,
    ],
    [
      'is not proven any more when its own provider denies it',
      known(fromHere, true),
      { email: 'a@x.com', email_verified: false },
      false,
    ],
    ['proves nothing of another address', known('admin', true), { email: 'b@x.com' }, false],
    ['is gone with the address', known(fromHere, true), {}, false],
  ])('%s', async (_name, user, claims, expected) => {
    const connection = aConnection({ id });
    const plan = await planFor({ connection, person: aPerson(connection, { claims }), known: user, now: 5 });
    expect((plan.kind === 'update' ? plan.user : user).verified).toEqual(expected ? [ours.email] : []);
  });
});

describe('groups and roles of somebody known', () => {
  const existing: Membership[] = [
    { name: 'Kept', origin: fromHere },
    { name: 'Left', origin: fromHere },
    { name: 'ByHand', origin: 'admin' },
    { name: 'Both', origin: 'admin' },
    { name: 'Elsewhere', origin: fromElsewhere },
  ];
  const mapping = { kept: 'Kept', both: 'Both', joined: 'Joined' };
  const claims = { groups: ['kept', 'both', 'joined', 'unmapped'] };
  const joined = { name: 'Joined', origin: fromHere };

  test.each([
    ['MERGE_WITH_EXISTING', [...existing, joined]],
    ['OVERRIDE_ALL', [...existing.filter(({ name }) => name !== 'Left'), joined]],
  ] as const)('%s', async (groupSync, expected) => {
    const connection = aConnection({ id, groupMapping: mapping, roleMapping: mapping, jit: { groupSync } });
    const known = aUser({ groups: existing, roles: existing });
    const plan = await planFor({ connection, person: aPerson(connection, { claims }), known, now: 5 });
    expect(plan).toMatchObject({ kind: 'update', user: { groups: expected, roles: expected } });
  });
});

test('the plan is a pure function of its input', async () => {
  const connection = aConnection({ id, groupMapping: { a: 'A' } });
  const freeze = <T>(value: T): T => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  const input = freeze({ connection, person: aPerson(connection), known: aUser(), now: 5 });
  expect(await planFor(input)).toEqual(await planFor(input));
});
