import { AppError } from '../kernel/errors.ts';
import type { User, UserStore } from './user.ts';
import { usernameKey } from './usernames.ts';
import { findVerifiedAddress, mailClaim } from './verified-address.ts';

/**
 * Whom somebody means who typed a user name or a mail address: the account with this user name, else the only account
 * that has this as its verified address. An address that nobody verified, or that two accounts have, means nobody.
 */
export async function findByIdentifier(
  users: Pick<UserStore, 'findByUsernameKey' | 'findByAttribute'>,
  typed: string,
): Promise<User | null> {
  const key = identifierKey(typed);
  // Both are looked up in any case, so that the time does not tell which of them it was.
  const byName = await users.findByUsernameKey(key);
  const holders = await users.findByAttribute(mailClaim, typed.trim(), 10);
  const proven = holders.filter((user) => user.verified.includes(mailClaim));
  return byName ?? (proven.length === 1 ? (proven[0] ?? null) : null);
}

/** What was typed, as it is compared and counted; what cannot be a user name is compared as it is. */
export function identifierKey(typed: string): string {
  try {
    return usernameKey(typed);
  } catch (error) {
    if (error instanceof AppError) return typed.trim().toLowerCase();
    throw error;
  }
}

/** The names under which wrong passwords of an account are counted: everything that `findByIdentifier` finds it by. */
export function identifierKeys(user: User): string[] {
  const address = findVerifiedAddress(user);
  return [user.usernameKey, ...(address === null ? [] : [identifierKey(address)])];
}
