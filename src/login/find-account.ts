import type { User } from '../directory/user.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Stores } from '../stores.ts';
import type { Facts } from './facts.ts';

/** The account of somebody of the login, by their reference; null when they have none (yet). */
export async function findAccountByRef(
  { users }: Pick<Stores, 'users'>,
  facts: Facts,
  ref: string,
): Promise<User | null> {
  const federated = facts.federated.get(ref);
  if (!federated) return users.findById(ref as UserId);
  const known = facts.accounts.get(ref);
  if (known) return users.findById(known);
  const association = await users.findAssociation(federated.connectionId, federated.subject);
  return association && users.findById(association.userId);
}
