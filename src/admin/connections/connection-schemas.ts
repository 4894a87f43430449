import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import type { Connection } from '../../connections/connection.ts';
import { listPresets } from '../../connections/presets.ts';
import { connectionUrls } from '../../connections/urls.ts';
import { examples } from '../examples.ts';
import { closed, Id, Revision, Time } from '../schemas.ts';
import {
  clientSecret,
  commonFields,
  map,
  mapDescriptions,
  mapPatch,
  metadataXml,
  name,
  protocolFields,
} from './connection-fields.ts';
import { JitPatch, JitView } from './jit-schemas.ts';

const types = ['oidc', 'oauth2', 'saml'] as const;
const presets = listPresets()
  .filter(({ type }) => types.some((one) => one === type))
  .map(({ name }) => name);

type AllOptional<P extends TProperties> = { [K in keyof P]: ReturnType<typeof Type.Optional<P[K]>> };

function optional<P extends TProperties>(fields: P): AllOptional<P> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, schema]) => [key, Type.Optional(schema)]),
  ) as AllOptional<P>;
}

function maps<S extends TSchema, C extends TSchema>(of: {
  names(description: string): S;
  claims(description: string): C;
}) {
  return {
    claimMapping: of.claims(mapDescriptions.claimMapping),
    roleMapping: of.names(mapDescriptions.roleMapping),
    groupMapping: of.names(mapDescriptions.groupMapping),
    queryParameters: of.names(mapDescriptions.queryParameters),
  };
}

const settable = { ...optional({ ...commonFields, ...protocolFields, clientSecret, metadataXml }) };
const jit = Type.Optional(JitPatch);

export const NewConnection = Type.Object(
  {
    name,
    type: Type.Enum([...types], { description: 'The provider’s protocol.' }),
    preset: Type.Optional(
      Type.Enum(presets, {
        description:
          'Where the defaults come from, and the authenticator that scripts see (see /connection-presets). Default: the type.',
      }),
    ),
    ...settable,
    ...optional(maps(map)),
    jit,
  },
  { ...closed, title: 'NewConnection', examples: [examples.newConnection] },
);
export type NewConnection = Static<typeof NewConnection>;

export const ConnectionPatch = Type.Object(
  { name: Type.Optional(name), ...settable, ...optional(maps(mapPatch)), jit },
  { ...closed, title: 'ConnectionPatch', examples: [examples.connectionPatch] },
);
export type ConnectionPatch = Static<typeof ConnectionPatch>;

const KeyView = Type.Object({
  id: Id,
  state: Type.Enum(['next', 'active', 'previous'], {
    description: 'All are published and open what comes encrypted; the active one signs.',
  }),
  certificate: Type.String({ description: 'PEM.' }),
  createdAt: Time,
});

export const ConnectionView = Type.Object(
  {
    id: Id,
    name: Type.String(),
    type: Type.Enum([...types]),
    preset: Type.Enum(presets),
    ...commonFields,
    ...optional(protocolFields),
    hasClientSecret: Type.Optional(Type.Boolean()),
    hasPreviousSecret: Type.Optional(Type.Boolean({ description: 'It is tried where the newer one is refused.' })),
    callbackUrl: Type.String({ description: 'Register this at the provider: redirect URI, or where assertions go.' }),
    metadataUrl: Type.Optional(Type.String({ description: 'Our SAML metadata, and our entity id.' })),
    jwksUrl: Type.Optional(Type.String({ description: 'Our public keys.' })),
    logoutUrl: Type.Optional(
      Type.String({ description: 'Where the provider tells of sign-outs: back-channel logout URI, or SAML logout.' }),
    ),
    signedOutUrl: Type.Optional(Type.String({ description: 'Register this as post-logout redirect URI.' })),
    ...maps(map),
    jit: JitView,
    keys: Type.Array(KeyView, { description: 'Our own keys towards this provider.' }),
    createdAt: Time,
    updatedAt: Time,
    revision: Revision,
  },
  { title: 'Connection' },
);
export type ConnectionView = Static<typeof ConnectionView>;

/** @param publicUrl without a slash at the end */
export function showConnection(connection: Connection, { publicUrl }: { publicUrl: string }): ConnectionView {
  const { keys, createdAt, updatedAt, ...rest } = connection;
  return {
    ...hideSecrets(rest),
    ...connectionUrls(publicUrl, connection),
    keys: keys.map(({ privateKeySealed: _, ...key }) => ({
      ...key,
      createdAt: new Date(key.createdAt).toISOString(),
    })),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  } as ConnectionView;
}

function hideSecrets(connection: object): object {
  if (!('clientSecretSealed' in connection && 'previousSecretSealed' in connection)) return connection;
  const { clientSecretSealed, previousSecretSealed, ...rest } = connection;
  return { ...rest, hasClientSecret: clientSecretSealed !== null, hasPreviousSecret: previousSecretSealed !== null };
}
