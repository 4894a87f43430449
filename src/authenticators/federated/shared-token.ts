import type { Connection } from '../../connections/connection.ts';
import type { LoginRequest } from '../../login/login.ts';

/**
 * Is the application to get the provider's access token? It asks by `share_federated_token=true`, and gets it where the
 * connection gives tokens out.
 */
export function isTokenShared(connection: Connection, { params }: Pick<LoginRequest, 'params'>): boolean {
  return 'sharesTokens' in connection && connection.sharesTokens && params['share_federated_token'] === 'true';
}

/** The connection with the scopes too that the application wants the token for: `federated_token_scope=Google;calendar mail`. */
export function withSharedScopes(connection: Connection, request: Pick<LoginRequest, 'params'>): Connection {
  if (!isTokenShared(connection, request) || connection.type === 'saml') return connection;
  const [name, wanted = ''] = (request.params['federated_token_scope'] ?? '').split(';');
  if (name !== connection.name) return connection;
  const more = wanted.split(' ').filter((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(scope));
  return { ...connection, scopes: [...new Set([...connection.scopes, ...more])] };
}
