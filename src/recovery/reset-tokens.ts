import type { User } from '../directory/user.ts';
import { findVerifiedAddress } from '../directory/verified-address.ts';
import { minute } from '../kernel/clock.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';
import { newSecret, type UserId } from '../kernel/ids.ts';
import type { Stores } from '../stores.ts';

/** In milliseconds. */
export const tokenLifetime = 30 * minute;

type TokenStores = Pick<Stores, 'users' | 'throttle'>;

/**
 * The tokens in links to choose a new password: `<account>.<256 random bits>`, stored as a keyed hash. The hash also covers
 * what the token was given for: the account's verified address, its password of then, and which of its requests it was. So
 * a token ends when a newer one is asked for, when the address changes or the password does, without anybody having to
 * look for it.
 */
export interface ResetTokens {
  /** Makes the account's newest token; null when it can have none: no verified address, or nothing to reset. */
  issue(stores: TokenStores, user: User, now: number): Promise<{ token: string; address: string } | null>;
  /** Whose token it is, as things stand in the stores; null when it does not count (any more). */
  find(stores: TokenStores, token: string, now: number): Promise<{ user: User; hash: string } | null>;
}

export function createResetTokens({ box }: { box: CryptoBox }): ResetTokens {
  const requestsKey = (id: UserId) => box.mac('reset-requests', id);

  function hashOf(token: string, address: string, passwordHash: string | null, request: number): string {
    return box.mac('reset-token', JSON.stringify([token, address, passwordHash, request]));
  }

  return {
    async issue({ users, throttle }, user, now) {
      const address = findVerifiedAddress(user);
      if (address === null || !(await hasPasswordToReset(users, user.id))) return null;
      const token = `${user.id}.${newSecret()}`;
      // Counted for as long as the last token lives: when the count starts anew, no older token works any more.
      const request = await throttle.add(requestsKey(user.id), now, tokenLifetime);
      const hash = hashOf(token, address, await users.findPasswordHash(user.id), request);
      await users.insertResetToken({ hash, userId: user.id, expiresAt: now + tokenLifetime });
      return { token, address };
    },

    async find({ users, throttle }, token, now) {
      const user = await users.findById(token.slice(0, token.indexOf('.')) as UserId);
      const address = user && findVerifiedAddress(user);
      if (!user || user.disabled || user.locked || address === null) return null;
      const { count } = await throttle.find(requestsKey(user.id), now);
      const hash = hashOf(token, address, await users.findPasswordHash(user.id), count);
      const stored = await users.findResetToken(hash);
      return stored && stored.userId === user.id && stored.expiresAt > now ? { user, hash } : null;
    },
  };
}

/**
 * Somebody who signs in through a connection alone gets no password by mail: it would be a door that their identity
 * provider cannot close.
 */
async function hasPasswordToReset(users: Stores['users'], id: UserId): Promise<boolean> {
  return (await users.findPasswordHash(id)) !== null || (await users.listAssociations(id)).length === 0;
}
