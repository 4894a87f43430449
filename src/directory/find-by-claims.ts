import type { UserId } from '../kernel/ids.ts';
import { claims, claimUri, readClaims } from './claims.ts';
import type { User, UserStore } from './user.ts';
import { isUsername, usernameKey } from './usernames.ts';

/**
 * The accounts that have all of these claims, by URI or plain name, at most `limit`. The user name may carry its user store
 * (`PRIMARY/ann`); with it, or with the user id, there is one account at most.
 */
export async function findByClaims(
  users: Pick<UserStore, 'findById' | 'findByUsernameKey' | 'findByAttributes'>,
  wanted: Readonly<Record<string, string>>,
  limit: number,
): Promise<User[]> {
  const { [claims.username]: qualified, [claims.userId]: id, ...attributes } = byUri(wanted);
  const key = qualified === undefined ? null : keyOf(unqualified(qualified));
  if (qualified === undefined && id === undefined) {
    const pairs = Object.entries(attributes).map(([uri, value]) => ({ uri, value }));
    return users.findByAttributes(pairs, limit);
  }
  const named =
    id !== undefined ? await users.findById(id as UserId) : key === null ? null : await users.findByUsernameKey(key);
  if (!named || (qualified !== undefined && named.usernameKey !== key)) return [];
  const own = readClaims(named);
  return Object.entries(attributes).every(([uri, value]) => own[uri] === value) ? [named] : [];
}

function keyOf(username: string): string | null {
  return isUsername(username) ? usernameKey(username) : null;
}

/** Scripts of other servers write the user store before a name: `DEFAULT/ann`, `PRIMARY/ann`. */
export function unqualified(username: string): string {
  return username.replace(/^(?:DEFAULT|PRIMARY)\//i, '');
}

export function byUri(wanted: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(wanted).map(([claim, value]) => [claimUri(claim), value]));
}
