import type { OidcConnection } from '../../connections/connection.ts';
import { connectionUrls } from '../../connections/urls.ts';
import { second } from '../../kernel/clock.ts';
import type { FederationProtocol } from '../federated/protocol.ts';
import { type Kept, prepareDeparture } from './depart.ts';
import { createProviders, type ProvidersDeps } from './providers.ts';
import { readAnswer } from './read.ts';
import { buildSignOutUrl, createLogoutTokenReader } from './sign-out.ts';

export interface OidcProtocolDeps extends Omit<ProvidersDeps, 'deadline'> {
  /** Without a trailing slash. */
  publicUrl: string;
  /** Milliseconds for each request to a provider. Default 8 s. */
  deadline?: number;
}

/** OpenID Connect: code flow, PKCE, nonce, verified signature. Tokens are checked against the system's own time. */
export function createOidcProtocol(deps: OidcProtocolDeps): FederationProtocol<OidcConnection> {
  const deadline = deps.deadline ?? 8 * second;
  const providers = createProviders({ ...deps, deadline });
  const readLogoutToken = createLogoutTokenReader({
    providers,
    fetch: deps.fetch,
    box: deps.box,
    clock: deps.clock,
    deadline,
  });
  const redirectTo = (connection: OidcConnection) => connectionUrls(deps.publicUrl, connection).callbackUrl;
  return {
    async depart(connection, request) {
      const configuration = await providers.get(connection);
      return prepareDeparture({ configuration, redirectUri: redirectTo(connection) }, connection, request);
    },
    read: (connection, kept, form) =>
      readAnswer({ providers, redirectUri: redirectTo(connection) }, connection, kept as unknown as Kept, form),
    async signOut(connection, signOut, { state }) {
      const configuration = await providers.get(connection);
      const { signedOutUrl = '' } = connectionUrls(deps.publicUrl, connection);
      return buildSignOutUrl(configuration, signOut, { state, signedOutUrl });
    },
    readSignOut: (connection, { form }) => readLogoutToken(connection, form['logout_token']),
    forget: providers.forget,
  };
}
