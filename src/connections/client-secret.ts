import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import type { Connection, ConnectionClient } from './connection.ts';

/** Our secret at the provider, for `Connection.clientSecretSealed`. */
export function sealClientSecret(box: Pick<CryptoBox, 'seal'>, id: ConnectionId, secret: string): string {
  return box.seal(secret, place(id));
}

/** null for a public client. @throws AppError INTERNAL when the secret was changed or moved, or its key is gone. */
export function openClientSecret(
  box: Pick<CryptoBox, 'open'>,
  { id, name, clientSecretSealed }: { id: ConnectionId; name: string } & Pick<ConnectionClient, 'clientSecretSealed'>,
): string | null {
  if (clientSecretSealed === null) return null;
  try {
    return box.open(clientSecretSealed, place(id));
  } catch (cause) {
    throw new AppError('INTERNAL', { detail: `The client secret of connection «${name}» cannot be opened.`, cause });
  }
}

/**
 * The connection with another secret. The one before is kept, to be tried where the provider does not know the new one:
 * it may be given here before or after it is changed there.
 */
export function changeClientSecret<C extends ConnectionClient & { id: ConnectionId }>(
  box: Pick<CryptoBox, 'seal'>,
  connection: C,
  secret: string | null,
): C {
  return {
    ...connection,
    clientSecretSealed: secret === null ? null : sealClientSecret(box, connection.id, secret),
    previousSecretSealed: secret === null ? null : connection.clientSecretSealed,
  };
}

/**
 * What decides where our secret is shown: the issuer, whose metadata name the token endpoint, or that endpoint. null: it is
 * shown to nobody, as a key that signs (Apple), or one that is not used.
 */
export function secretRecipient(connection: Connection): string | null {
  switch (connection.type) {
    case 'oidc':
      return connection.clientAuthentication === 'secret' ? connection.issuer : null;
    case 'oauth2':
      return connection.tokenEndpoint;
    case 'saml':
      return null;
  }
}

/** Would what a connection has as its secret be shown to somebody new? */
export function hasNewRecipient(before: Connection, after: Connection): boolean {
  const recipient = secretRecipient(after);
  return recipient !== null && recipient !== secretRecipient(before);
}

function place(id: ConnectionId): string {
  return `connections/${id}/clientSecret`;
}
