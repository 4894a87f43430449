import { createHash, timingSafeEqual } from 'node:crypto';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { LoginId } from '../kernel/ids.ts';
import type { ScriptFunction } from '../script-api/definition.ts';
import { describeMissingSecret } from '../script-api/missing-secret.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import type { Secrets } from '../script-api/world.ts';
import { type Reference, replacePlaceholders, writePlaceholder } from '../secrets/placeholder.ts';
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
      return version && writePlaceholder(box, loginId, { kind: 'secret', name, version: version.version });
    },
    async compare(placeholder, text) {
      let meant: Reference | null = null;
      const rest = await replacePlaceholders(box, loginId, placeholder, async (reference) => {
        meant = reference;
        return '';
      });
      if (!meant || rest !== '') return false;
      const { kind, name, version } = meant as Reference;
      // Comparing is one guess a call; with what a person typed it would be many.
      if (kind !== 'secret') return false;
      const found = await stores.secrets.findVersion(name, version);
      return found !== null && timingSafeEqual(digest(openSecret(box, found)), digest(text));
    },
  };
}

/**
 * Are the secrets there that a call names in fields of its arguments?
 * @throws ScriptCallError naming the first that is not
 */
export async function checkSecretNames(
  fn: Pick<ScriptFunction, 'name' | 'parameters'>,
  given: readonly unknown[],
  secrets: Pick<Secrets, 'find'>,
): Promise<void> {
  for (const [i, { name, secretNames = [] }] of fn.parameters.entries()) {
    for (const field of secretNames) {
      const secret = (given[i] as Record<string, string> | undefined)?.[field];
      if (secret === undefined || (await secrets.find(secret)) !== null) continue;
      throw new ScriptCallError(`${fn.name}: ${name}.${field}: ${describeMissingSecret(secret)}`);
    }
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
