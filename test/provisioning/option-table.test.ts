import { describe, expect, test } from 'vitest';
import { JitPatch } from '../../src/admin/connections/jit-schemas.ts';
import type { JitSettings, LinkingSettings } from '../../src/connections/connection.ts';
import { claims as ours } from '../../src/directory/claims.ts';
import type { Factor, Origin, User } from '../../src/directory/user.ts';
import { usernameKey } from '../../src/directory/usernames.ts';
import { type ConnectionId, newId } from '../../src/kernel/ids.ts';
import { type Directory, type Plan, planProvisioning } from '../../src/provisioning/plan.ts';
import type { AccountProof, Answers } from '../../src/provisioning/provision.ts';
import { aFactor } from '../storage/samples.ts';
import { aConnection, aPerson, aUser, graceClaims } from './people.ts';

/*
 * Every option of a connection's provisioning, and what each of its values decides. The values are read from the API's
 * schema: one without a row here fails, and so does a row for a value that is gone.
 */
const id = 'conn_google' as ConnectionId;
const graceId = newId('user');
const fromHere = `connection:${id}` as const;
const elsewhere = newId('conn');
const fromElsewhere = `connection:${elsewhere}` as const;

interface Case {
  linking?: Partial<LinkingSettings>;
  jit?: Partial<JitSettings>;
  people?: User[];
  factors?: Factor[];
  known?: User;
  /** The connections that each of the people is linked to already. */
  links?: ConnectionId[];
  claims?: Record<string, unknown>;
  answers?: Answers;
}

function directory(people: readonly User[], factors: Factor[] = [], links: ConnectionId[] = []): Directory {
  return {
    findByUsernameKey: async (key) => people.find((user) => user.usernameKey === key) ?? null,
    findByAttribute: async (uri, value) =>
      people.filter(({ attributes }) => attributes.some((one) => one.uri === uri && one.value === value)),
    listAssociations: async (userId) =>
      links.map((connectionId) => ({ connectionId, subject: 's', userId, createdAt: 1 })),
    findPasswordHash: async () => 'a hash',
    listFactors: async () => factors,
  };
}

function decide({
  linking,
  jit = {},
  people = [],
  factors,
  known,
  links,
  claims = graceClaims,
  answers = {},
}: Case): Promise<Plan> {
  const base = aConnection({ id, jit, groupMapping: { staff: 'Staff' } });
  const connection = linking
    ? { ...base, jit: { ...base.jit, linking: { ...base.jit.linking, enabled: true, ...linking } } }
    : base;
  const person = aPerson(connection, { claims });
  return planProvisioning(directory(people, factors, links), {
    connection,
    person,
    known: known ?? null,
    now: 5,
    answers,
  });
}

const withMail = (verified: boolean): User =>
  aUser({
    id: graceId,
    username: 'grace',
    usernameKey: usernameKey('grace'),
    attributes: [{ uri: ours.email, value: graceClaims.email, origin: 'admin' }],
    verified: verified ? [ours.email] : [],
  });
/** Grace, with an address that somebody said is hers and nobody verified. */
const saidBy = (origin: Origin): User => ({
  ...withMail(false),
  attributes: [{ uri: ours.email, value: graceClaims.email, origin }],
});
const named = { ...graceClaims, preferred_username: 'gh' };
const namesake = () => aUser({ username: graceClaims.email, usernameKey: usernameKey(graceClaims.email) });
const byName: Partial<LinkingSettings> = {
  proof: 'TRUST_CONNECTION',
  rules: [{ federatedAttribute: 'email', localAttribute: 'username' }],
};
const nameTaken = { kind: 'refuse', code: 'USERNAME_TAKEN' };
const asks = (questions: object) => ({ kind: 'ask', questions });
const byPassword = { proof: 'CONFIRM_WITH_PASSWORD' } as const;
const byCode = { proof: 'CONFIRM_WITH_EMAIL_CODE' } as const;
const asksFor = (by: AccountProof) => asks({ kind: 'proof', by });
const shows = (...proofs: AccountProof[]): Answers => ({ shown: proofs.map((by) => ({ userId: graceId, by })) });
const showsAnother: Answers = { shown: [{ userId: newId('user'), by: 'password' }] };
const app = aFactor(withMail(true));
const synced = () =>
  aUser({
    attributes: [
      { uri: ours.givenName, value: 'Old', origin: fromHere },
      { uri: ours.nickname, value: 'Gone', origin: fromHere },
      { uri: ours.website, value: 'Mine', origin: 'admin' },
    ],
    groups: [
      { name: 'Left', origin: fromHere },
      { name: 'ByHand', origin: 'admin' },
    ],
  });
const valuesOf = (plan: Plan) =>
  plan.kind === 'update' ? Object.fromEntries(plan.user.attributes.map(({ uri, value }) => [uri, value])) : plan.kind;
const groupsOf = (plan: Plan) => (plan.kind === 'update' ? plan.user.groups.map(({ name }) => name) : plan.kind);

type Row = [given: Case, expected: object | string, read?: (plan: Plan) => unknown];
const created = { kind: 'create', passwordHash: null, content: { username: graceClaims.email } };
const answered: Answers = { profile: { username: 'amazing', passwordHash: 'new hash', attributes: {} } };

const table: Record<string, Record<string, Row[]>> = {
  enabled: {
    true: [[{ jit: { enabled: true } }, created]],
    false: [
      [{ jit: { enabled: false } }, { kind: 'keep', result: 'disabled', user: null }],
      [
        { jit: { enabled: false }, known: synced() },
        { kind: 'keep', result: 'known' },
      ],
    ],
  },
  scheme: {
    PROVISION_SILENTLY: [[{ jit: { scheme: 'PROVISION_SILENTLY' } }, created]],
    PROMPT_CONSENT: [
      [{ jit: { scheme: 'PROMPT_CONSENT' } }, asks({ consent: true, username: { asked: false }, password: false })],
      [{ jit: { scheme: 'PROMPT_CONSENT' }, answers: answered }, created],
    ],
    PROMPT_PASSWORD_CONSENT: [
      [
        { jit: { scheme: 'PROMPT_PASSWORD_CONSENT' } },
        asks({ consent: true, username: { asked: false }, password: true }),
      ],
      [
        { jit: { scheme: 'PROMPT_PASSWORD_CONSENT' }, answers: answered },
        { kind: 'create', passwordHash: 'new hash', content: { username: graceClaims.email } },
      ],
    ],
    PROMPT_USERNAME_PASSWORD_CONSENT: [
      [
        { jit: { scheme: 'PROMPT_USERNAME_PASSWORD_CONSENT' } },
        asks({ consent: true, username: { asked: true, proposed: graceClaims.email }, password: true }),
      ],
      [
        { jit: { scheme: 'PROMPT_USERNAME_PASSWORD_CONSENT' }, answers: answered },
        { kind: 'create', passwordHash: 'new hash', content: { username: 'amazing' } },
      ],
    ],
  },
  // Where an account goes is not the plan's to decide: applying it is tested beside.
  userStore: { PRIMARY: [[{ jit: { userStore: 'PRIMARY' } }, created]] },
  attributeSync: {
    OVERRIDE_ALL: [
      [
        { jit: { attributeSync: 'OVERRIDE_ALL' }, known: synced(), claims: { given_name: 'New' } },
        { [ours.givenName]: 'New', [ours.website]: 'Mine' },
        valuesOf,
      ],
    ],
    PRESERVE_LOCAL: [
      [
        { jit: { attributeSync: 'PRESERVE_LOCAL' }, known: synced(), claims: { given_name: 'New' } },
        { [ours.givenName]: 'New', [ours.nickname]: 'Gone', [ours.website]: 'Mine' },
        valuesOf,
      ],
    ],
    NONE: [
      [
        { jit: { attributeSync: 'NONE' }, known: synced(), claims: { given_name: 'New' } },
        { kind: 'keep', result: 'unchanged' },
      ],
    ],
  },
  groupSync: {
    MERGE_WITH_EXISTING: [
      [
        { jit: { groupSync: 'MERGE_WITH_EXISTING' }, known: synced(), claims: { groups: ['staff'] } },
        ['Left', 'ByHand', 'Staff'],
        groupsOf,
      ],
    ],
    OVERRIDE_ALL: [
      [
        { jit: { groupSync: 'OVERRIDE_ALL' }, known: synced(), claims: { groups: ['staff'] } },
        ['ByHand', 'Staff'],
        groupsOf,
      ],
    ],
  },
  username: {
    null: [
      [{ jit: { username: null } }, created],
      [{ jit: { username: null }, claims: { preferred_username: 'gh' } }, { content: { username: 'gh' } }],
      [{ jit: { username: null }, claims: {} }, { content: { username: expect.stringMatching(/^person-/) } }],
    ],
    'a claim': [[{ jit: { username: 'given_name' } }, { kind: 'create', content: { username: 'Grace' } }]],
  },
  onConflict: {
    FAIL: [
      [
        { jit: { onConflict: 'FAIL' }, people: [namesake()] },
        { kind: 'refuse', code: 'USERNAME_TAKEN' },
      ],
    ],
    PROMPT_USERNAME: [
      [
        { jit: { onConflict: 'PROMPT_USERNAME' }, people: [namesake()] },
        asks({ consent: false, username: { asked: true, proposed: '' }, password: false }),
      ],
      [{ jit: { onConflict: 'PROMPT_USERNAME' } }, created],
    ],
    SUFFIX_USERNAME: [
      [
        { jit: { onConflict: 'SUFFIX_USERNAME' }, people: [namesake()] },
        { kind: 'create', content: { username: `${graceClaims.email}-2` } },
      ],
    ],
  },
  requiredAttributes: {
    none: [[{ jit: { requiredAttributes: [] } }, created]],
    'that came along': [[{ jit: { requiredAttributes: ['givenname'] } }, created]],
    'that did not': [
      [
        { jit: { requiredAttributes: ['givenname', 'country'] } },
        asks({ consent: false, attributes: ['http://wso2.org/claims/country'] }),
      ],
    ],
  },
  'linking.enabled': {
    // The address is the other account's, so the person's own needs another name.
    false: [
      [{ linking: { enabled: false }, people: [withMail(true)], claims: named }, { kind: 'create' }],
      [
        { linking: { enabled: false }, people: [withMail(true)] },
        { kind: 'refuse', code: 'USERNAME_TAKEN' },
      ],
    ],
    true: [
      [{ linking: { enabled: true }, people: [withMail(true)] }, { kind: 'link' }],
      [
        { linking: { enabled: true }, people: [{ ...withMail(true), locked: true }] },
        { kind: 'refuse', code: 'ACCOUNT_LOCKED' },
      ],
      [
        { linking: { enabled: true }, people: [{ ...withMail(true), disabled: true }] },
        { kind: 'refuse', code: 'ACCOUNT_DISABLED' },
      ],
    ],
  },
  'linking.rules': {
    'the first that fits': [
      [
        {
          linking: {
            proof: 'TRUST_CONNECTION',
            rules: [
              { federatedAttribute: 'nothing', localAttribute: 'nickname' },
              { federatedAttribute: 'email', localAttribute: 'emailaddress' },
            ],
          },
          people: [withMail(true)],
        },
        { kind: 'link', match: { rule: { federatedAttribute: 'email' } } },
      ],
    ],
    'none that fits': [[{ linking: {}, people: [] }, created]],
    'two accounts fit': [
      [{ linking: {}, people: [withMail(true), withMail(true)], claims: named }, { kind: 'create' }],
    ],
    'a user name, where the connection is trusted and the account belongs to nobody else': [
      [{ linking: byName, people: [namesake()] }, { kind: 'link' }],
      [{ linking: byName, people: [namesake()], links: [elsewhere] }, nameTaken],
      // What people call themselves here proves nothing, whatever address of theirs is verified.
      [
        { linking: { ...byName, proof: 'VERIFIED_ATTRIBUTE' }, people: [{ ...namesake(), verified: [ours.email] }] },
        nameTaken,
      ],
    ],
    'a list is no value': [
      [{ linking: {}, people: [withMail(true)], claims: { email: [graceClaims.email] } }, { kind: 'create' }],
    ],
  },
  'linking.proof': {
    VERIFIED_ATTRIBUTE: [
      [{ linking: { proof: 'VERIFIED_ATTRIBUTE' }, people: [withMail(true)] }, { kind: 'link' }],
      [{ linking: { proof: 'VERIFIED_ATTRIBUTE' }, people: [withMail(false)] }, { code: 'LINK_REFUSED' }],
    ],
    CONFIRM_WITH_PASSWORD: [
      [
        { linking: { proof: 'CONFIRM_WITH_PASSWORD' }, people: [withMail(false)] },
        asks({ kind: 'proof', by: 'password', value: graceClaims.email }),
      ],
      [{ linking: byPassword, people: [withMail(false)], answers: shows('password') }, { kind: 'link' }],
      [{ linking: byPassword, people: [withMail(true)], answers: shows('password') }, asksFor('email-code')],
      [{ linking: byPassword, people: [withMail(true)], factors: [app], answers: shows('password') }, asksFor('totp')],
      [{ linking: byPassword, people: [withMail(true)], factors: [app], answers: shows('totp') }, asksFor('password')],
      [
        { linking: byPassword, people: [withMail(true)], factors: [app], answers: shows('password', 'email-code') },
        asksFor('totp'),
      ],
      [
        { linking: byPassword, people: [withMail(true)], factors: [app], answers: shows('password', 'totp') },
        { kind: 'link', shown: ['password', 'totp'] },
      ],
      [{ linking: byPassword, people: [withMail(false)], answers: showsAnother }, asksFor('password')],
    ],
    CONFIRM_WITH_EMAIL_CODE: [
      [
        { linking: { proof: 'CONFIRM_WITH_EMAIL_CODE' }, people: [withMail(true)] },
        asks({ kind: 'proof', by: 'email-code' }),
      ],
      [{ linking: byCode, people: [withMail(true)], answers: shows('email-code') }, { kind: 'link' }],
      [{ linking: byCode, people: [withMail(true)], factors: [app], answers: shows('email-code') }, asksFor('totp')],
      [{ linking: { proof: 'CONFIRM_WITH_EMAIL_CODE' }, people: [withMail(false)] }, { code: 'LINK_REFUSED' }],
    ],
    TRUST_CONNECTION: [
      [{ linking: { proof: 'TRUST_CONNECTION' }, people: [withMail(false)] }, { kind: 'link' }],
      [{ linking: { proof: 'TRUST_CONNECTION' }, people: [saidBy(fromHere)] }, { kind: 'link' }],
      [{ linking: { proof: 'TRUST_CONNECTION' }, people: [saidBy(fromElsewhere)] }, created],
      [{ linking: { proof: 'TRUST_CONNECTION' }, people: [saidBy('person')] }, created],
    ],
  },
  'linking.skipJitOnNoMatch': {
    false: [[{ linking: { skipJitOnNoMatch: false } }, created]],
    true: [
      [{ linking: { skipJitOnNoMatch: true } }, { kind: 'keep', result: 'skipped', user: null }],
      [{ linking: { skipJitOnNoMatch: true }, people: [withMail(true)] }, { kind: 'link' }],
      [{ linking: { enabled: false, skipJitOnNoMatch: true } }, created],
    ],
  },
};

describe.each(Object.entries(table))('jit.%s', (_option, values) => {
  test.each(Object.entries(values))('%s', async (_value, rows) => {
    for (const [given, expected, read] of rows) {
      const plan = await decide(given);
      if (read) expect(read(plan)).toEqual(expected);
      else expect(plan).toMatchObject(expected as object);
    }
  });
});

interface Schema {
  properties?: Record<string, Schema>;
  enum?: string[];
  type?: string;
}

/** Every option with the values that the schema names; null where any text or list may stand. */
function readOptions(schema: Schema, path = ''): [option: string, values: string[] | null][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]): [string, string[] | null][] => {
    if (field.properties) return readOptions(field, `${path}${name}.`);
    return [[`${path}${name}`, field.enum ?? (field.type === 'boolean' ? ['true', 'false'] : null)]];
  });
}

test('the table has every option and every value of the schema, and no other', () => {
  const options = readOptions(JitPatch as unknown as Schema);
  expect(Object.keys(table).toSorted()).toEqual(options.map(([name]) => name).toSorted());
  for (const [name, values] of options) {
    if (values) expect(Object.keys(table[name] ?? {}).toSorted(), name).toEqual(values.toSorted());
  }
});
