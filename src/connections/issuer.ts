import type { Connection } from './connection.ts';

/**
 * Why a text cannot be an issuer identifier (OpenID Connect Discovery 1.0, section 3), or null. The address of the discovery
 * document is refused too: asked by it, a client does not compare the issuer inside.
 *
 * @param allowHttp for providers on the developer's own machine
 */
export function findIssuerFault(issuer: string, { allowHttp }: { allowHttp: boolean }): string | null {
  const url = URL.parse(issuer);
  if (!url || !(url.protocol === 'https:' || (allowHttp && url.protocol === 'http:'))) {
    return 'The issuer must be an https URL.';
  }
  if (issuer.includes('?') || issuer.includes('#')) return 'The issuer must have no query and no fragment.';
  if (url.username || url.password) return 'The issuer must have no user name or password.';
  if (url.pathname.includes('/.well-known/')) {
    return 'The issuer must be given as the provider names itself, without /.well-known/….';
  }
  return null;
}

/** Who names the people of a connection: the issuer or entity id; of OAuth 2.0, which has none, the userinfo endpoint. */
export function issuerOf(connection: Connection): string {
  return connection.type === 'oauth2' ? connection.userinfoEndpoint : connection.issuer;
}

/**
 * Why nobody goes on here as somebody whom a connection named before, or null: it is gone or disabled, or leads to another
 * provider by now, whose people must not be taken for those of the one before.
 */
export function findLoss(
  connection: Connection | null,
  { connectionId, issuer }: { connectionId: Connection['id']; issuer: string },
): string | null {
  if (!connection) return `Connection ${connectionId} was deleted meanwhile.`;
  if (!connection.enabled) return `The connection is «${connection.name}».`;
  if (issuerOf(connection) === issuer) return null;
  return `Connection «${connection.name}» leads to another provider than the person came from («${issuer}»).`;
}
