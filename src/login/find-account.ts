import type { User } from '../directory/user.ts';
import type { UserId } from '../kernel/ids.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import type { Stores } from '../stores.ts';
import type { Facts } from './facts.ts';

/**
 * Only people of this login: a script cannot reach others by their id.
 * @throws ScriptCallError
 */
export function checkKnown(facts: Facts, ref: string): void {
  if (!facts.found.has(ref) && !facts.passed.some(({ user }) => user === ref)) {
    throw new ScriptCallError('A user object of this sign-in was expected, and another one was given.');
  }
}

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
