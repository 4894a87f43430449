import type { JitSettings } from '../connections/connection.ts';
import type { UserStore } from '../directory/user.ts';
import { isUsername, usernameKey } from '../directory/usernames.ts';
import { mailClaim } from '../directory/verified-address.ts';

/** How many numbers are tried behind a wished name before the person's own hash is put there. */
const numbersTried = 20;

/**
 * The wished name if it is free; else, where the connection says so, the name with a suffix: `ann-2`, `ann-3`, … and at
 * last `ann-<hash>`. null: the name belongs to somebody else and is not given away. The database decides in the end.
 */
export async function chooseUsername(
  users: Pick<UserStore, 'findByUsernameKey' | 'findByAttribute'>,
  wish: { username: string; onConflict: JitSettings['onConflict']; hash: string },
): Promise<string | null> {
  const { username, onConflict, hash } = wish;
  if (await isFree(users, username)) return username;
  if (onConflict !== 'SUFFIX_USERNAME') return null;
  const numbers = Array.from({ length: numbersTried - 1 }, (_, index) => String(index + 2));
  for (const suffix of [...numbers, hash]) {
    const name = `${username}-${suffix}`;
    if (isUsername(name) && (await isFree(users, name))) return name;
  }
  return null;
}

/** People may sign in with a proven mail address as well: a name that is somebody's address would keep them out. */
export async function isFree(
  users: Pick<UserStore, 'findByUsernameKey' | 'findByAttribute'>,
  name: string,
): Promise<boolean> {
  if ((await users.findByUsernameKey(usernameKey(name))) !== null) return false;
  if (!name.includes('@')) return true;
  const holders = await users.findByAttribute(mailClaim, name, 10);
  return !holders.some((user) => user.verified.includes(mailClaim));
}
