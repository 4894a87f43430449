import type { OAuth2Connection, OidcConnection, SamlConnection } from './connection.ts';

/** What tells a connection's addresses. */
type Addressed =
  | Pick<OidcConnection, 'id' | 'type' | 'distinctCallback'>
  | Pick<OAuth2Connection | SamlConnection, 'id' | 'type'>;

/** Addresses of ours that a provider is told. */
export interface ConnectionUrls {
  /** Where its answers come in: redirect URI, or assertion consumer service. */
  callbackUrl: string;
  /** Our SAML metadata, and our entity id. */
  metadataUrl?: string;
  /** Our public keys (RFC 7517). */
  jwksUrl?: string;
  /** Where it tells that a person signed out there (OpenID Connect Back-Channel Logout 1.0; SAML single logout service). */
  logoutUrl?: string;
  /** Where it sends people back to after they signed out there (OpenID Connect RP-Initiated Logout 1.0). */
  signedOutUrl?: string;
}

/** @param publicUrl without a slash at the end */
export function connectionUrls(publicUrl: string, connection: Addressed): ConnectionUrls {
  const own = `${publicUrl}/connections/${connection.id}`;
  const callbackUrl = publicUrl + callbackPath(connection);
  switch (connection.type) {
    case 'oidc':
      return {
        callbackUrl,
        jwksUrl: `${own}/jwks`,
        logoutUrl: `${own}/logout`,
        signedOutUrl: `${own}/signed-out`,
      };
    case 'oauth2':
      return { callbackUrl };
    case 'saml':
      return { callbackUrl, metadataUrl: `${own}/metadata`, logoutUrl: `${own}/logout` };
  }
}

/** Where the answers of OpenID providers come in, but for those that have an address of their own. */
export const sharedCallbackPath = '/login/callback';

/**
 * The path that a connection's answers come in at. OpenID providers share one, since each says who it is (`iss`, and the
 * issuer of what it signs); where nothing says so before the code is shown to anybody, an address of its own tells answers
 * apart (RFC 9700, section 4.4.2).
 */
export function callbackPath(connection: Addressed): string {
  switch (connection.type) {
    case 'oidc':
      return connection.distinctCallback ? `/connections/${connection.id}/callback` : sharedCallbackPath;
    case 'oauth2':
      return `/connections/${connection.id}/callback`;
    case 'saml':
      return `/connections/${connection.id}/acs`;
  }
}
