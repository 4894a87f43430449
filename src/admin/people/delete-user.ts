import type { User } from '../../directory/user.ts';
import type { Stores } from '../../stores.ts';
import type { AdminDeps } from '../deps.ts';
import type { RecordEvent } from '../records.ts';
import { erasePerson } from './erase-person.ts';

/**
 * Deletes an account and all that is kept about its person. Sessions, tokens and sign-ins on the way end with it. Must be
 * called in the unit of what it is for.
 */
export async function deleteUser(
  { endAccess }: Pick<AdminDeps, 'endAccess'>,
  stores: Stores,
  record: RecordEvent,
  user: User,
): Promise<void> {
  await endAccess(stores, user.id, 'ACCESS_DENIED');
  await erasePerson(stores, user);
  await stores.users.delete(user.id);
  // Nothing of the person: they are gone.
  await record(stores, { type: 'user.deleted', target: user.id, details: {} });
}
