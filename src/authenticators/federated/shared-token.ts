import type { Connection } from '../../connections/connection.ts';
import { sharesTokensWith } from '../../connections/token-sharing.ts';
import type { LoginRequest } from '../../login/login.ts';
import type { StepContext } from '../authenticator.ts';

type AskingLogin = Pick<StepContext['login'], 'application'> & { request: Pick<LoginRequest, 'params'> };

/** Does the application want the provider's access token? It asks by `share_federated_token=true`. */
export function asksForToken({ request }: AskingLogin): boolean {
  return request.params['share_federated_token'] === 'true';
}

/** Is the application to get the provider's access token? It asks, and the connection names it. */
export function isTokenShared(connection: Connection, login: AskingLogin): boolean {
  return asksForToken(login) && sharesTokensWith(connection, login.application);
}

/**
 * The connection with the scopes too that the application wants the token for: `federated_token_scope=Google;calendar mail`.
 * The person consents to them under our name, so that only those count which the connection allows.
 */
export function withSharedScopes(connection: Connection, login: AskingLogin): Connection {
  if (!isTokenShared(connection, login) || connection.type === 'saml') return connection;
  const [name, wanted = ''] = (login.request.params['federated_token_scope'] ?? '').split(';');
  if (name !== connection.name) return connection;
  const more = wanted.split(' ').filter((scope) => connection.sharesTokens.scopes.includes(scope));
  return { ...connection, scopes: [...new Set([...connection.scopes, ...more])] };
}
