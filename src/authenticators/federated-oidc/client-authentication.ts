import { createPrivateKey } from 'node:crypto';
import { importPKCS8, SignJWT } from 'jose';
import * as client from 'openid-client';
import { openClientSecret } from '../../connections/client-secret.ts';
import type { OidcConnection } from '../../connections/connection.ts';
import { findActiveKey, openPrivateKey } from '../../connections/connection-keys.ts';
import type { CryptoBox } from '../../kernel/crypto-box.ts';
import { AppError } from '../../kernel/errors.ts';

/** How we prove ourselves at the token endpoint (OpenID Connect Core 1.0, section 9). */
export async function createClientAuthentication(
  box: Pick<CryptoBox, 'open'>,
  connection: OidcConnection,
  metadata: client.ServerMetadata,
): Promise<client.ClientAuth> {
  if (connection.clientAuthentication === 'private_key_jwt') return proveByKey(box, connection);
  const secret = openClientSecret(box, connection);
  if (secret === null) return client.None();
  if (connection.clientAuthentication === 'apple') return proveToApple(connection, secret);
  // The provider's default is client_secret_basic (OpenID Connect Discovery 1.0, section 3).
  const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const post = offered.includes('client_secret_post') && !offered.includes('client_secret_basic');
  return post ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret);
}

async function proveByKey(box: Pick<CryptoBox, 'open'>, connection: OidcConnection): Promise<client.ClientAuth> {
  const active = findActiveKey(connection);
  if (!active) throw notConfigured(connection, 'private_key_jwt needs a key of the connection, and it has none.');
  const key = await importPKCS8(openPrivateKey(box, connection, active), 'RS256');
  return client.PrivateKeyJwt({ key, kid: `${active.id}.sig` });
}

/** Apple's client secret: a token that our key there signs («Creating a client secret» in its documentation). */
function proveToApple(connection: OidcConnection, pem: string): client.ClientAuth {
  const { apple, clientId } = connection;
  if (!apple) throw notConfigured(connection, 'Apple needs a team id and a key id.');
  const key = readAppleKey(connection, pem);
  return async (_server, _client, body) => {
    const secret = await new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: apple.keyId })
      .setIssuer(apple.teamId)
      .setSubject(clientId)
      .setAudience('https://appleid.apple.com')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(key);
    body.set('client_id', clientId);
    body.set('client_secret', secret);
  };
}

function readAppleKey(connection: OidcConnection, pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    throw notConfigured(connection, 'The client secret is not the text of Apple’s .p8 file.');
  }
}

function notConfigured({ name }: OidcConnection, detail: string): AppError {
  return new AppError('IDP_ERROR', { detail: `Connection «${name}» is not set up: ${detail}` });
}
