import type { User } from '../../directory/user.ts';
import type { Stores } from '../../stores.ts';
import type { StepContext } from '../authenticator.ts';

/** The account that codes go to: the person's, or the one that was named; as it is now. */
export async function findAccount(
  { user, claimed }: StepContext,
  { users }: Pick<Stores, 'users'>,
): Promise<User | null> {
  const account = user ?? claimed?.user ?? null;
  return account && users.findById(account.id);
}
