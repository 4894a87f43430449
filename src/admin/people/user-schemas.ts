import { type Static, Type } from 'typebox';
import type { Connection } from '../../connections/connection.ts';
import type { Association, Factor, User } from '../../directory/user.ts';
import { examples } from '../examples.ts';
import { closed, Id, nullable, Revision, Time } from '../schemas.ts';
import { associationId } from './association-id.ts';

const ClaimName = Type.String({ minLength: 1, maxLength: 500 });
const claimText = Type.String({ minLength: 1, maxLength: 10_000 });
const names = (what: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
    maxItems: 500,
    uniqueItems: true,
    description: `Names of ${what}.`,
  });
const username = Type.String({
  minLength: 1,
  maxLength: 255,
  description: 'Unique, whatever the case of its letters.',
});
const password = Type.String({
  maxLength: 2000,
  description: 'At least 8 characters, and none of the passwords that are guessed first. Kept as an argon2id hash.',
});
const verified = Type.Array(ClaimName, {
  maxItems: 500,
  uniqueItems: true,
  description: 'Claim URIs (or plain names) of attributes that are proven to be the person’s.',
});

export const NewUser = Type.Object(
  {
    username,
    password: Type.Optional(password),
    claims: Type.Optional(Type.Record(ClaimName, claimText, { description: 'Attributes by claim URI or plain name.' })),
    verified: Type.Optional(verified),
    roles: Type.Optional(names('roles')),
    groups: Type.Optional(names('groups')),
  },
  { ...closed, title: 'NewUser', examples: [examples.newUser] },
);

export const UserPatch = Type.Object(
  {
    username: Type.Optional(username),
    password: Type.Optional(
      nullable(password, 'A new password, or null for none. Ends the person’s sessions and pending sign-ins.'),
    ),
    claims: Type.Optional(
      Type.Record(ClaimName, nullable(claimText), {
        description: 'Attributes to write; null removes one. The others stay.',
      }),
    ),
    verified: Type.Optional(verified),
    roles: Type.Optional(names('roles')),
    groups: Type.Optional(names('groups')),
    locked: Type.Optional(
      Type.Boolean({ description: 'True ends the person’s access at once; false also forgets wrong answers.' }),
    ),
    disabled: Type.Optional(Type.Boolean({ description: 'True ends the person’s access at once.' })),
  },
  { ...closed, title: 'UserPatch', examples: [examples.userPatch] },
);
export type UserPatch = Static<typeof UserPatch>;

const Origin = Type.String({ description: '`admin`, `person`, `script` or `connection:<id>`.' });
const Membership = Type.Object({ name: Type.String(), origin: Origin });

export const UserSummary = Type.Object(
  {
    id: Id,
    subject: Type.String({ description: 'What applications get as `sub`.' }),
    username: Type.String(),
    userStore: Type.String(),
    locked: Type.Boolean(),
    disabled: Type.Boolean(),
    claims: Type.Record(Type.String(), Type.String()),
    attributes: Type.Array(Type.Object({ uri: Type.String(), value: Type.String(), origin: Origin })),
    verified: Type.Array(Type.String()),
    roles: Type.Array(Type.String()),
    groups: Type.Array(Type.String()),
    memberships: Type.Object({
      roles: Type.Array(Membership),
      applicationRoles: Type.Array(Type.Interface([Membership], { applicationId: Id }), {
        description: 'Roles that the person has in one application.',
      }),
      groups: Type.Array(Membership),
    }),
    createdAt: Time,
    updatedAt: Time,
    revision: Revision,
  },
  { title: 'UserSummary' },
);
export type UserSummary = Static<typeof UserSummary>;

const FactorView = Type.Object({ id: Id, type: Type.Enum(['totp']), createdAt: Time }, { title: 'Factor' });

export const AssociationView = Type.Object(
  {
    id: Id,
    connectionId: Id,
    connection: nullable(Type.String(), 'The connection’s name.'),
    subject: Type.String({ description: 'The provider’s own name for the person.' }),
    createdAt: Time,
  },
  { title: 'Association' },
);

export const UserView = Type.Interface(
  [UserSummary],
  {
    hasPassword: Type.Boolean(),
    factors: Type.Array(FactorView),
    associations: Type.Array(AssociationView, { description: 'Linked accounts at identity providers.' }),
  },
  { title: 'User' },
);
export type UserView = Static<typeof UserView>;

export function showUserSummary(user: User): UserSummary {
  const { usernameKey: _, attributes, roles, applicationRoles, groups, createdAt, updatedAt, ...rest } = user;
  return {
    ...rest,
    claims: Object.fromEntries(attributes.map(({ uri, value }) => [uri, value])),
    attributes,
    roles: roles.map(({ name }) => name),
    groups: groups.map(({ name }) => name),
    memberships: { roles, applicationRoles, groups },
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

export function showUser(
  user: User,
  of: { hasPassword: boolean; factors: Factor[]; associations: Association[]; connections: Map<string, Connection> },
): UserView {
  return {
    ...showUserSummary(user),
    hasPassword: of.hasPassword,
    factors: of.factors.map(({ id, type, createdAt }) => ({ id, type, createdAt: new Date(createdAt).toISOString() })),
    associations: of.associations.map((one) =>
      showAssociation(one, of.connections.get(one.connectionId)?.name ?? null),
    ),
  };
}

export function showAssociation(association: Association, connection: string | null): Static<typeof AssociationView> {
  const { connectionId, subject, createdAt } = association;
  const id = associationId(association);
  return { id, connectionId, connection, subject, createdAt: new Date(createdAt).toISOString() };
}
