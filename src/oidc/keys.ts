import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Clock, day, minute } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { Database } from '../kernel/unit-of-work.ts';
import type { SigningKey } from './signing-keys.ts';
import type { OidcStores } from './stores.ts';

/** The keys as a provider takes them: private JWKs, the one that signs first. */
export interface KeySet {
  keys: JWK[];
  /** When to look again, in milliseconds since the epoch: another process may have changed the keys, or the next one begins to sign. */
  validUntil: number;
}

export interface SigningKeys {
  /** Reads the keys, and makes the first one when there is none. */
  load(): Promise<KeySet>;
  /**
   * Adds the next key, published at once and signing a day later, when every application has had time to read it; and
   * stops publishing keys that have not signed for a month (until then they recognise an `id_token_hint`).
   */
  rotate(): Promise<{ kid: string; activeAt: number }>;
}

const publishedAheadMs = day;
const publishedAfterMs = 30 * day;
const rereadMs = minute;

/** ES256 alone: it signs in a fifth of the time of RS256, and an application cannot ask for anything else yet. */
const alg = 'ES256';

export function createSigningKeys({
  database,
  box,
  clock,
}: {
  database: Database<OidcStores>;
  box: CryptoBox;
  clock: Clock;
}): SigningKeys {
  return {
    async load() {
      let stored = published(await database.read.signingKeys.list(), clock.now());
      if (stored.length === 0) {
        const key = await newKey(clock.now());
        stored = await database.unit(async ({ signingKeys }) => {
          // Of two processes that start for the first time together, one makes the key.
          const others = published(await signingKeys.list(), clock.now());
          if (others.length === 0) await signingKeys.insert(key);
          return others.length === 0 ? [key] : others;
        });
      }
      const now = clock.now();
      const signing = findSigning(stored, now);
      const next = stored.map(({ activeAt }) => activeAt).filter((at) => at > now);
      return {
        keys: [signing, ...stored.filter((key) => key !== signing)].map(
          ({ kid, jwkSealed }) => JSON.parse(box.open(jwkSealed, place(kid))) as JWK,
        ),
        validUntil: Math.min(now + rereadMs, ...next),
      };
    },
    async rotate() {
      const now = clock.now();
      const key = await newKey(now + publishedAheadMs);
      await database.unit(async ({ signingKeys }) => {
        const stored = published(await signingKeys.list(), now);
        for (const old of stored) {
          const successor = stored.filter(({ activeAt }) => activeAt > old.activeAt).at(-1);
          if (successor && successor.activeAt + publishedAfterMs <= now) await signingKeys.retire(old.kid, now);
        }
        await signingKeys.insert(key);
      });
      return { kid: key.kid, activeAt: key.activeAt };
    },
  };

  async function newKey(activeAt: number): Promise<SigningKey> {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = await exportJWK(privateKey);
    const kid = await calculateJwkThumbprint(jwk);
    const jwkSealed = box.seal(JSON.stringify({ ...jwk, kid, alg, use: 'sig' }), place(kid));
    return { kid, alg, jwkSealed, createdAt: clock.now(), activeAt, retiredAt: null };
  }
}

/** Newest first. */
function published(keys: SigningKey[], now: number): SigningKey[] {
  return keys.filter(({ retiredAt }) => retiredAt === null || retiredAt > now).sort((a, b) => b.activeAt - a.activeAt);
}

/** The newest that may sign; the oldest of all if the clock went back behind every one. */
function findSigning(keys: SigningKey[], now: number): SigningKey {
  const signing = keys.find(({ activeAt }) => activeAt <= now) ?? keys.at(-1);
  if (!signing) throw new Error('no signing key is stored');
  return signing;
}

function place(kid: string): string {
  return `signing_keys/${kid}`;
}
