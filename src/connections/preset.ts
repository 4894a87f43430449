import type { Connection, OAuth2Connection, OidcConnection, PresetName, SamlConnection } from './connection.ts';
import { defaultJit } from './default-jit.ts';

/** What makes a connection this one, and no default can say. */
type Own = 'id' | 'name' | 'type' | 'preset' | 'keys' | 'createdAt' | 'updatedAt' | 'revision';
type Secrets = 'clientSecretSealed' | 'previousSecretSealed';

type Addresses = 'authorizationEndpoint' | 'tokenEndpoint' | 'userinfoEndpoint' | 'ssoUrl';
type OnlyTheAdminKnows = 'issuer' | 'clientId' | 'certificates' | Addresses;

/** A connection's fields before its admin has said anything; null where only the admin can know. */
export type Defaults<C extends Connection> = {
  [K in Exclude<keyof C, Own | Secrets>]: C[K] | (K extends OnlyTheAdminKnows ? null : never);
};

/** A known kind of identity provider: everything that forms, checks and authenticators say about it is read from here. */
export interface PresetDefinition<C extends Connection = OidcConnection | OAuth2Connection | SamlConnection> {
  name: C['preset'] & PresetName;
  type: C['type'];
  /** As admins read it. */
  label: string;
  /** The name that scripts see as `authenticator`. */
  authenticator: string;
  /** Where our client is made at the provider: an address, or a sentence where each provider has its own. */
  madeAt: string;
  /** What to do there, in order. `{callbackUrl}`, `{metadataUrl}`, `{logoutUrl}` and `{signedOutUrl}` stand for the connection's own. */
  steps: readonly string[];
  /** Fields that the admin must give. */
  required: readonly (keyof C & string)[];
  /** What surprises people about this provider, and what we do about it. */
  traps: readonly string[];
  defaults: Defaults<C>;
}

/** Checks a preset's shape at compile time. */
export function definePreset<C extends Connection>(preset: PresetDefinition<C>): PresetDefinition<C> {
  return preset;
}

const common = {
  enabled: true,
  trustsVerifiedEmail: false,
  trustedAmr: [],
  domains: [],
  leadsLinkedPeople: false,
  queryParameters: {},
  jit: defaultJit,
  claimMapping: {},
  roleMapping: {},
  groupMapping: {},
  groupsClaim: 'groups',
  allowedDomains: [],
};

/** Of every type, and every preset. */
export const oidcDefaults: Defaults<OidcConnection> = {
  ...common,
  issuer: null,
  clientId: null,
  scopes: ['openid', 'profile', 'email'],
  clientAuthentication: 'secret',
  apple: null,
  responseMode: 'query',
  distinctCallback: false,
  requiresAuthTime: false,
  singleLogout: true,
  sharesTokens: { applications: [], scopes: [] },
};

export const oauth2Defaults: Defaults<OAuth2Connection> = {
  ...common,
  clientId: null,
  scopes: [],
  authorizationEndpoint: null,
  tokenEndpoint: null,
  userinfoEndpoint: null,
  emailsEndpoint: null,
  subjectClaim: 'sub',
  sharesTokens: { applications: [], scopes: [] },
};

export const samlDefaults: Defaults<SamlConnection> = {
  ...common,
  issuer: null,
  ssoUrl: null,
  sloUrl: null,
  sloSoapUrl: null,
  certificates: null,
  requiresEncryption: false,
  nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  subjectAttribute: null,
  singleLogout: true,
};
