import type { Connection } from './connection.ts';

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
export function connectionUrls(publicUrl: string, { id, type }: Pick<Connection, 'id' | 'type'>): ConnectionUrls {
  const own = `${publicUrl}/connections/${id}`;
  switch (type) {
    case 'oidc':
      return {
        callbackUrl: publicUrl + callbackPath({ id, type }),
        jwksUrl: `${own}/jwks`,
        logoutUrl: `${own}/logout`,
        signedOutUrl: `${own}/signed-out`,
      };
    case 'oauth2':
      return { callbackUrl: publicUrl + callbackPath({ id, type }) };
    case 'saml':
      return {
        callbackUrl: publicUrl + callbackPath({ id, type }),
        metadataUrl: `${own}/metadata`,
        logoutUrl: `${own}/logout`,
      };
  }
}

/**
 * The path that a connection's answers come in at. OpenID providers share one, since each says who it is (`iss`, and the
 * issuer of what it signs); where nothing says so, an address of its own tells answers apart (RFC 9700, section 4.4.2).
 */
export function callbackPath({ id, type }: Pick<Connection, 'id' | 'type'>): string {
  switch (type) {
    case 'oidc':
      return '/login/callback';
    case 'oauth2':
      return `/connections/${id}/callback`;
    case 'saml':
      return `/connections/${id}/acs`;
  }
}
