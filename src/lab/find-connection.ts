import { type Connection, connectionKey } from '../connections/connection.ts';
import { getConnectionDefaults } from '../connections/presets.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { ConnectionId } from '../kernel/ids.ts';

/** The connection of that name; a shell's dry run, which knows none, takes one with the usual settings. */
export function findConnection(connections: readonly Connection[], name: string): Connection {
  const known = connections.find((connection) => connectionKey(connection.name) === connectionKey(name));
  return (
    known ?? {
      ...getConnectionDefaults('oidc'),
      // The same in each run: names of accounts that are made come from it.
      id: `conn_${connectionKey(name)}` as ConnectionId,
      name,
      type: 'oidc',
      preset: 'oidc',
      issuer: 'https://idp.example',
      clientId: 'dry-run',
      clientSecretSealed: null,
      previousSecretSealed: null,
      trustsVerifiedEmail: true,
      keys: [],
      createdAt: 0,
      updatedAt: 0,
      revision: 1,
    }
  );
}

/** As a live login says it: the connection makes accounts for nobody, or there is none for this person. */
export function lackOf({ jit }: Pick<Connection, 'jit'>): ErrorCode {
  return jit.enabled ? 'ACCOUNT_NOT_MADE' : 'ACCOUNT_REQUIRED';
}
