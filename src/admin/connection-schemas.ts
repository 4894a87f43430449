import { type Static, Type } from 'typebox';
import type { Connection } from '../connections/connection.ts';
import { examples } from './examples.ts';
import { closed, Id, nullable, Revision, Time } from './schemas.ts';

const text = (maxLength: number, description?: string) =>
  Type.String({ minLength: 1, maxLength, ...(description === undefined ? {} : { description }) });

const jit = {
  enabled: Type.Boolean({ description: 'Do people who come through it get an account? Default: true.' }),
  scheme: Type.Enum(['PROVISION_SILENTLY'], { description: 'What people are asked before their account is made.' }),
  userStore: Type.Enum(['PRIMARY'], { description: 'Where the account goes.' }),
  attributeSync: Type.Enum(['OVERRIDE_ALL', 'PRESERVE_LOCAL', 'NONE'], {
    description:
      'Later sign-ins: the provider’s values win, and what it no longer sends is removed; its values win and nothing is removed; nothing changes. Only what came from this connection is ever removed.',
  }),
  groupSync: Type.Enum(['MERGE_WITH_EXISTING', 'OVERRIDE_ALL'], {
    description: 'The provider’s groups join those that are there, or replace those that came from this connection.',
  }),
  username: nullable(
    text(200),
    'The provider’s claim for the user name. Null: preferred_username, else a verified mail address, else generated.',
  ),
  onConflict: Type.Enum(['FAIL', 'SUFFIX_USERNAME'], { description: 'The wished user name belongs to somebody else.' }),
};

const content = {
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    pattern: '^\\S(.*\\S)?$',
    description: 'Unique, a space and an underscore being the same; flows and scripts use it. `LOCAL` is reserved.',
  }),
  issuer: text(2000, 'As the provider names itself, without /.well-known/….'),
  clientId: text(500, 'Our client id at the provider.'),
  enabled: Type.Boolean({ description: 'Default: true.' }),
  scopes: Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,200}$' }), {
    minItems: 1,
    maxItems: 50,
    uniqueItems: true,
    description: 'Must include `openid`. Default: openid, profile, email.',
  }),
  trustsVerifiedEmail: Type.Boolean({
    description: 'Is the provider believed when it says `email_verified`? Default: false; true for the preset google.',
  }),
  groupsClaim: text(200, 'The provider’s claim that carries groups. Default: groups.'),
  allowedDomains: Type.Array(Type.String({ maxLength: 253, pattern: '^[^\\s@.]+(\\.[^\\s@.]+)+$' }), {
    maxItems: 200,
    uniqueItems: true,
    description:
      'Only people with a mail address in one of these domains come in, and only if the provider says that the address is verified. Default: none, which lets everybody in.',
  }),
  trustedAmr: Type.Array(text(200), {
    maxItems: 50,
    uniqueItems: true,
    description:
      'Values of the provider’s `amr` and `acr` that count as a second factor: the sign-in’s `amr` gets `mfa` then.',
  }),
};
const clientSecret = nullable(
  text(2000),
  'Our secret at the provider; null for a public client. It is never given out again.',
);
const map = (description: string) => Type.Record(Type.String({ maxLength: 500 }), text(500), { description });
const mapPatch = (description: string) =>
  Type.Record(Type.String({ maxLength: 500 }), nullable(text(500)), {
    description: `${description} Null removes an entry.`,
  });
const maps = {
  claimMapping: 'Provider’s claim → our claim URI. The standard claims are mapped without it.',
  roleMapping: 'Provider’s group → our role. Groups without a mapping give no role.',
  groupMapping: 'Provider’s group → our group. Groups without a mapping do not pass.',
};

export const NewConnection = Type.Object(
  {
    name: content.name,
    type: Type.Enum(['oidc'], { description: 'The provider’s protocol: OpenID Connect.' }),
    preset: Type.Optional(
      Type.Enum(['oidc', 'google'], {
        description: 'Where the defaults come from, and the authenticator that scripts see.',
      }),
    ),
    issuer: Type.Optional(content.issuer),
    clientId: content.clientId,
    clientSecret: Type.Optional(clientSecret),
    scopes: Type.Optional(content.scopes),
    enabled: Type.Optional(content.enabled),
    trustsVerifiedEmail: Type.Optional(content.trustsVerifiedEmail),
    jit: Type.Optional(Type.Partial(Type.Object(jit), closed)),
    claimMapping: Type.Optional(map(maps.claimMapping)),
    roleMapping: Type.Optional(map(maps.roleMapping)),
    groupMapping: Type.Optional(map(maps.groupMapping)),
    groupsClaim: Type.Optional(content.groupsClaim),
    allowedDomains: Type.Optional(content.allowedDomains),
    trustedAmr: Type.Optional(content.trustedAmr),
  },
  { ...closed, title: 'NewConnection', examples: [examples.newConnection] },
);
export type NewConnection = Static<typeof NewConnection>;

export const ConnectionPatch = Type.Object(
  {
    name: Type.Optional(content.name),
    issuer: Type.Optional(content.issuer),
    clientId: Type.Optional(content.clientId),
    clientSecret: Type.Optional(clientSecret),
    scopes: Type.Optional(content.scopes),
    enabled: Type.Optional(content.enabled),
    trustsVerifiedEmail: Type.Optional(content.trustsVerifiedEmail),
    jit: Type.Optional(Type.Partial(Type.Object(jit), closed)),
    claimMapping: Type.Optional(mapPatch(maps.claimMapping)),
    roleMapping: Type.Optional(mapPatch(maps.roleMapping)),
    groupMapping: Type.Optional(mapPatch(maps.groupMapping)),
    groupsClaim: Type.Optional(content.groupsClaim),
    allowedDomains: Type.Optional(content.allowedDomains),
    trustedAmr: Type.Optional(content.trustedAmr),
  },
  { ...closed, title: 'ConnectionPatch', examples: [examples.connectionPatch] },
);
export type ConnectionPatch = Static<typeof ConnectionPatch>;

export const ConnectionView = Type.Object(
  {
    id: Id,
    name: Type.String(),
    type: Type.Enum(['oidc']),
    preset: Type.Enum(['oidc', 'google']),
    enabled: Type.Boolean(),
    issuer: Type.String(),
    clientId: Type.String(),
    hasClientSecret: Type.Boolean(),
    callbackUrl: Type.String({ description: 'Register this as the redirect URI at the provider.' }),
    scopes: Type.Array(Type.String()),
    trustsVerifiedEmail: Type.Boolean(),
    jit: Type.Object({ ...jit, userStore: Type.String() }),
    claimMapping: map(maps.claimMapping),
    roleMapping: map(maps.roleMapping),
    groupMapping: map(maps.groupMapping),
    groupsClaim: Type.String(),
    allowedDomains: Type.Array(Type.String()),
    trustedAmr: Type.Array(Type.String()),
    createdAt: Time,
    updatedAt: Time,
    revision: Revision,
  },
  { title: 'Connection' },
);
export type ConnectionView = Static<typeof ConnectionView>;

/** @param publicUrl without a slash at the end */
export function showConnection(connection: Connection, { publicUrl }: { publicUrl: string }): ConnectionView {
  const { clientSecretSealed, createdAt, updatedAt, ...rest } = connection;
  return {
    ...rest,
    hasClientSecret: clientSecretSealed !== null,
    callbackUrl: `${publicUrl}/login/callback`,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
