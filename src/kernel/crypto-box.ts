import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Keeps secrets at rest, and makes keyed hashes, all from one installation key. */
export interface CryptoBox {
  /**
   * Encrypts with AES-256-GCM (NIST SP 800-38D), a fresh random nonce each time.
   * @param place names the row and column the value belongs to (`connections/conn_x/clientSecret`): a sealed value that is
   *   moved to another place does not open.
   */
  seal(plain: string, place: string): string;
  /** @throws when the value was changed, moved, or sealed under a key that is no longer held. */
  open(sealed: string, place: string): string;
  /** A keyed hash (HMAC-SHA-256, base64url). `purpose` keeps the hashes of different uses apart; it never changes with key rotation. */
  mac(purpose: string, text: string): string;
}

/**
 * @param keys 32-byte keys by name. New values are sealed under the first; all of them open. Keyed hashes use `macKey`,
 *   which stays the same for the life of the installation (subjects of people without an account depend on it).
 */
export function createCryptoBox({ keys, macKey }: { keys: ReadonlyMap<string, Buffer>; macKey: Buffer }): CryptoBox {
  const [current] = keys;
  if (!current) throw new Error('a crypto box needs at least one key');
  const derived = new Map<string, Buffer>();

  return {
    seal(plain, place) {
      const [name, key] = current;
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `${name}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open(sealed, place) {
      const dot = sealed.indexOf('.');
      const key = keys.get(sealed.slice(0, dot));
      if (!key) throw new Error(`no key named "${sealed.slice(0, dot)}" to open ${place}`);
      const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return decipher.update(bytes.subarray(28)).toString('utf8') + decipher.final('utf8');
    },
    mac(purpose, text) {
      let key = derived.get(purpose);
      if (!key) {
        key = Buffer.from(hkdfSync('sha256', macKey, '', `stepgate/${purpose}`, 32));
        derived.set(purpose, key);
      }
      return createHmac('sha256', key).update(text).digest('base64url');
    },
  };
}
