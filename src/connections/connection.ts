import type { ConnectionId } from '../kernel/ids.ts';

/** How people who come through a connection get an account here (Just-in-Time provisioning). */
export interface JitSettings {
  enabled: boolean;
  scheme: 'PROVISION_SILENTLY';
  userStore: string;
  /** What later logins do to the account's attributes. Only attributes that came from this connection are ever removed. */
  attributeSync: 'OVERRIDE_ALL' | 'PRESERVE_LOCAL' | 'NONE';
  groupSync: 'MERGE_WITH_EXISTING' | 'OVERRIDE_ALL';
  /** The identity provider's claim for the user name; null: preferred_username, else a verified mail address, else generated. */
  username: string | null;
  onConflict: 'FAIL' | 'SUFFIX_USERNAME';
}

/** A trust in an external identity provider. */
export interface Connection {
  id: ConnectionId;
  /** Unique, also with spaces read as underscores; `LOCAL` is reserved. Scripts and flows name connections by it. */
  name: string;
  type: 'oidc';
  /** The name scripts see as `authenticator`: `OpenIDConnectAuthenticator` unless the preset says another. */
  preset: 'oidc' | 'google';
  enabled: boolean;
  issuer: string;
  clientId: string;
  /** Sealed by the crypto box at `connections/<id>/clientSecret`; null for a public client. */
  clientSecretSealed: string | null;
  scopes: string[];
  /** Is this provider believed when it says `email_verified`? */
  trustsVerifiedEmail: boolean;
  jit: JitSettings;
  /** Identity provider's claim → our claim URI. */
  claimMapping: Record<string, string>;
  /** Identity provider's group → our role or group. Values without a mapping do not pass. */
  roleMapping: Record<string, string>;
  groupMapping: Record<string, string>;
  /** The claim that carries the groups. */
  groupsClaim: string;
  /** Only people whose mail address the provider vouches for and that is in one of these domains come in; none: everybody. */
  allowedDomains: string[];
  /** Values of the provider's `amr` and `acr` that count as a second factor. */
  trustedAmr: string[];
  createdAt: number;
  updatedAt: number;
  revision: number;
}

export interface ConnectionStore {
  /** @throws AppError CONFLICT when the name is taken. */
  insert(connection: Connection): Promise<void>;
  /** As ApplicationStore.update. @throws AppError CONFLICT when the name is taken. */
  update(connection: Connection): Promise<boolean>;
  /** The links of its people go with it. */
  delete(id: ConnectionId): Promise<void>;
  findById(id: ConnectionId): Promise<Connection | null>;
  /** By name, a space and an underscore being the same. */
  findByName(name: string): Promise<Connection | null>;
  list(page: { after: string | null; limit: number }): Promise<Connection[]>;
}

/** The name as it is compared: `My IdP` and `My_IdP` are one. */
export function connectionKey(name: string): string {
  return name.replaceAll(' ', '_');
}

/** The authenticator name that scripts see for a connection's preset. */
export const presetAuthenticators = {
  oidc: 'OpenIDConnectAuthenticator',
  google: 'GoogleOIDCAuthenticator',
} as const satisfies Record<Connection['preset'], string>;
