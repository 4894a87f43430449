import type { Connection } from './connection.ts';
import { defaultJit } from './default-jit.ts';

/** What a new connection has unless its admin says otherwise. */
export type ConnectionDefaults = Pick<
  Connection,
  | 'enabled'
  | 'scopes'
  | 'trustsVerifiedEmail'
  | 'jit'
  | 'claimMapping'
  | 'roleMapping'
  | 'groupMapping'
  | 'groupsClaim'
  | 'allowedDomains'
  | 'trustedAmr'
> & { issuer: string | null };

const common: ConnectionDefaults = {
  enabled: true,
  issuer: null,
  scopes: ['openid', 'profile', 'email'],
  trustsVerifiedEmail: false,
  jit: defaultJit,
  claimMapping: {},
  roleMapping: {},
  groupMapping: {},
  groupsClaim: 'groups',
  allowedDomains: [],
  trustedAmr: [],
};

/** Google gives out addresses of its own and verifies all others. */
const presets: Record<Connection['preset'], ConnectionDefaults> = {
  oidc: common,
  google: { ...common, issuer: 'https://accounts.google.com', trustsVerifiedEmail: true },
};

/** A copy that may be changed. */
export function getConnectionDefaults(preset: Connection['preset']): ConnectionDefaults {
  return structuredClone(presets[preset]);
}
