import { generateKeyPair, randomBytes, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { AppError } from '../kernel/errors.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import type { Connection, ConnectionKey } from './connection.ts';
import { makeCertificate } from './self-signed-certificate.ts';

const generate = promisify(generateKeyPair);

/** A new RSA key of a connection: 2048 bits, the least that every provider takes and its metadata can still carry well. */
export async function makeConnectionKey(
  box: Pick<CryptoBox, 'seal'>,
  connection: ConnectionId,
  { state, now }: { state: ConnectionKey['state']; now: number },
): Promise<ConnectionKey> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  const id = randomBytes(9).toString('base64url');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return {
    id,
    certificate: makeCertificate({ publicKey, privateKey, name: `Stepgate ${connection}`, now }),
    privateKeySealed: box.seal(pem, place(connection, id)),
    state,
    createdAt: now,
  };
}

/** PKCS #8, PEM. @throws AppError INTERNAL when the key was changed or moved, or the box's own key is gone. */
export function openPrivateKey(
  box: Pick<CryptoBox, 'open'>,
  { id, name }: Pick<Connection, 'id' | 'name'>,
  key: ConnectionKey,
): string {
  try {
    return box.open(key.privateKeySealed, place(id, key.id));
  } catch (cause) {
    throw new AppError('INTERNAL', { detail: `A key of connection «${name}» cannot be opened.`, cause });
  }
}

/** The key that signs. */
export function findActiveKey({ keys }: Pick<Connection, 'keys'>): ConnectionKey | null {
  return keys.find(({ state }) => state === 'active') ?? null;
}

/** The public halves (RFC 7517): each once for signing and once for encrypting, as providers tell them apart. */
export function listPublicKeys({ keys }: Pick<Connection, 'keys'>): Record<string, unknown>[] {
  return keys.flatMap(({ id, certificate }) => {
    const bare = new X509Certificate(certificate).publicKey.export({ format: 'jwk' });
    return [
      { ...bare, kid: `${id}.sig`, use: 'sig', alg: 'RS256' },
      { ...bare, kid: `${id}.enc`, use: 'enc', alg: 'RSA-OAEP-256' },
    ];
  });
}

function place(connection: ConnectionId, key: string): string {
  return `connections/${connection}/keys/${key}`;
}
