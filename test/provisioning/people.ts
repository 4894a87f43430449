import { createHash, randomBytes } from 'node:crypto';
import type { FederatedPerson } from '../../src/authenticators/authenticator.ts';
import type { Connection, JitSettings, OidcConnection } from '../../src/connections/connection.ts';
import { defaultJit } from '../../src/connections/default-jit.ts';
import { issuerOf } from '../../src/connections/issuer.ts';
import { getConnectionDefaults } from '../../src/connections/presets.ts';
import type { User } from '../../src/directory/user.ts';
import { usernameKey } from '../../src/directory/usernames.ts';
import { createCryptoBox } from '../../src/kernel/crypto-box.ts';
import { newId } from '../../src/kernel/ids.ts';

export const box = createCryptoBox({ keys: new Map([['k', randomBytes(32)]]), macKey: Buffer.alloc(32, 7) });

export function aConnection(
  changes: Partial<Omit<OidcConnection, 'jit'>> & { jit?: Partial<JitSettings> } = {},
): OidcConnection {
  const { jit, ...others } = changes;
  return {
    ...getConnectionDefaults('google'),
    id: newId('conn'),
    name: 'Google',
    type: 'oidc',
    preset: 'google',
    issuer: 'https://accounts.example.com',
    clientId: 'stepgate',
    clientSecretSealed: null,
    previousSecretSealed: null,
    scopes: ['openid'],
    keys: [],
    createdAt: 0,
    updatedAt: 0,
    revision: 1,
    ...others,
    jit: { ...defaultJit, ...jit },
  };
}

export const graceClaims = {
  email: 'grace@example.com',
  email_verified: true,
  given_name: 'Grace',
  family_name: 'Hopper',
};

export function aPerson(connection: Connection, changes: Partial<FederatedPerson> = {}): FederatedPerson {
  return {
    connectionId: connection.id,
    issuer: issuerOf(connection),
    subject: 'g-1',
    claims: graceClaims,
    ...changes,
  };
}

export function aUser(changes: Partial<User> = {}): User {
  const id = newId('user');
  const username = changes.username ?? `user-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;
  return {
    id,
    subject: id,
    username,
    usernameKey: usernameKey(username),
    userStore: 'PRIMARY',
    locked: false,
    disabled: false,
    attributes: [],
    verified: [],
    roles: [],
    applicationRoles: [],
    groups: [],
    createdAt: 0,
    updatedAt: 0,
    revision: 1,
    ...changes,
  };
}
