import type { SAML, SamlConfig } from '@node-saml/node-saml';
import type { ConnectionKey, SamlConnection } from '../../connections/connection.ts';
import { openPrivateKey } from '../../connections/connection-keys.ts';
import { connectionUrls } from '../../connections/urls.ts';
import type { GuardedFetch } from '../../egress/guarded-fetch.ts';
import { minute, second } from '../../kernel/clock.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import type { FederationProtocol } from '../federated/protocol.ts';
import { type Kept, prepareDeparture } from './depart.ts';
import { loadSaml } from './library.ts';
import { readLogoutRequest } from './logout-request.ts';
import { getActiveKey } from './messages.ts';
import { readAnswer } from './read.ts';
import { buildSignOutUrl } from './sign-out.ts';
import { tellBySoap } from './soap.ts';

export interface SamlProtocolDeps {
  /** Without a trailing slash. */
  publicUrl: string;
  fetch: GuardedFetch['fetch'];
  box: Pick<CryptoBox, 'open'>;
  /** Milliseconds for each request to a provider. Default 8 s. */
  deadline?: number;
}

/** The service provider that a connection is, with the key of ours that opens what was encrypted. */
export type ServiceProvider = (
  connection: SamlConnection,
  key: ConnectionKey,
  more?: Partial<SamlConfig>,
) => Promise<{ saml: SAML; entityId: string; callbackUrl: string }>;

/**
 * SAML 2.0 Web Browser SSO as a service provider: signed requests by redirect, signed assertions by POST to an address of
 * each connection's own. Times are checked against the system's own.
 */
export function createSamlProtocol({
  publicUrl,
  fetch,
  box,
  deadline = 8 * second,
}: SamlProtocolDeps): FederationProtocol<SamlConnection> {
  const serve: ServiceProvider = async (connection, key, more = {}) => {
    const { SAML, ValidateInResponseTo } = await loadSaml();
    const { callbackUrl, metadataUrl = '' } = connectionUrls(publicUrl, connection);
    const saml = new SAML({
      issuer: metadataUrl,
      callbackUrl,
      entryPoint: connection.ssoUrl,
      idpCert: connection.certificates,
      audience: metadataUrl,
      privateKey: openPrivateKey(box, connection, getActiveKey(connection)),
      decryptionPvk: openPrivateKey(box, connection, key),
      signatureAlgorithm: 'sha256',
      digestAlgorithm: 'sha256',
      identifierFormat: connection.nameIdFormat,
      disableRequestedAuthnContext: true,
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: false,
      acceptedClockSkewMs: minute,
      // Ours to check, against the request that this login sent.
      validateInResponseTo: ValidateInResponseTo.never,
      ...more,
    });
    return { saml, entityId: metadataUrl, callbackUrl };
  };
  return {
    depart: (connection, request) => prepareDeparture(serve, connection, request),
    read: (connection, kept, form) => readAnswer(serve, connection, kept as unknown as Kept, form),
    signOut: (connection, signOut, { state }) => buildSignOutUrl(serve, connection, signOut, { state }),
    tellSignOut: (connection, signOut) =>
      tellBySoap(
        { fetch: (url, request) => fetch(url, { ...request, deadline }), box, publicUrl },
        connection,
        signOut,
      ),
    readSignOut: (connection, message) => readLogoutRequest({ serve, box, publicUrl }, connection, message),
    // What is known of the provider stands in the connection itself.
    forget: () => {},
  };
}
