import type { OAuth2Connection } from '../../connections/connection.ts';
import { connectionUrls } from '../../connections/urls.ts';
import type { GuardedFetch } from '../../egress/guarded-fetch.ts';
import { second } from '../../kernel/clock.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import type { FederationProtocol } from '../federated/protocol.ts';
import { type Kept, prepareDeparture } from './depart.ts';
import { readAnswer } from './read.ts';

export interface OAuth2ProtocolDeps {
  /** Without a trailing slash. */
  publicUrl: string;
  fetch: GuardedFetch['fetch'];
  box: Pick<CryptoBox, 'open'>;
  /** Milliseconds for each request to a provider. Default 8 s. */
  deadline?: number;
}

/**
 * OAuth 2.0 (RFC 6749) with a userinfo endpoint: code flow with PKCE, and a redirect URI of each connection's own, so that
 * no provider can answer for another. The person is who userinfo names, over TLS, for a token that came straight from there.
 */
export function createOAuth2Protocol(deps: OAuth2ProtocolDeps): FederationProtocol<OAuth2Connection> {
  const { publicUrl, fetch, box, deadline = 8 * second } = deps;
  const redirectTo = (connection: OAuth2Connection) => connectionUrls(publicUrl, connection).callbackUrl;
  return {
    depart: async (connection, request) => prepareDeparture(redirectTo(connection), connection, request),
    read: (connection, kept, form) =>
      readAnswer(
        { fetch: (url, request) => fetch(url, { ...request, deadline }), box, redirectUri: redirectTo(connection) },
        connection,
        kept as unknown as Kept,
        form,
      ),
    // Its endpoints stand in the connection itself.
    forget: () => {},
  };
}
