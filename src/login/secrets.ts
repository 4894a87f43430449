import { createHash, timingSafeEqual } from 'node:crypto';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId } from '../kernel/ids.ts';
import type { Secrets } from '../script-api/world.ts';
import { replacePlaceholders, type SecretReference, writePlaceholder } from '../secrets/placeholder.ts';
import { openSecret } from '../secrets/secret.ts';
import type { Stores } from '../stores.ts';

/** The organisation's secrets as one login has them: those of the moment it began. */
export function createSecrets({
  stores,
  box,
  loginId,
  beganAt,
}: {
  stores: Pick<Stores, 'secrets'>;
  box: Pick<CryptoBox, 'mac' | 'open'>;
  loginId: LoginId;
  beganAt: number;
}): Secrets {
  return {
    async find(name) {
      const version = await stores.secrets.findVersionAt(name, beganAt);
      return version && writePlaceholder(box, loginId, { name, version: version.version });
    },
    async compare(placeholder, text) {
      let meant: SecretReference | null = null;
      const rest = await replacePlaceholders(box, loginId, placeholder, async (reference) => {
        meant = reference;
        return '';
      });
      if (!meant || rest !== '') return false;
      const { name, version } = meant as SecretReference;
      const found = await stores.secrets.findVersion(name, version);
      return found !== null && timingSafeEqual(digest(openSecret(box, found)), digest(text));
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
