import type { User } from '../directory/user.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ScriptFunction } from '../script-api/definition.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import type { Stores } from '../stores.ts';
import type { Facts } from './facts.ts';

/**
 * Are the people of a call people of this login? A script cannot reach others by their id.
 * @throws ScriptCallError naming the first parameter that is not
 */
export function checkPeople(
  fn: Pick<ScriptFunction, 'name' | 'parameters'>,
  given: readonly unknown[],
  facts: Facts,
): void {
  for (const [i, { name, type }] of fn.parameters.entries()) {
    if (type !== 'user' || isKnown(facts, given[i] as string)) continue;
    throw new ScriptCallError(`${fn.name}: ${name} must be a user object of this sign-in, and another one was given.`);
  }
}

/** @throws ScriptCallError where `checkPeople` has not looked */
export function checkKnown(facts: Facts, ref: string): void {
  if (isKnown(facts, ref)) return;
  throw new ScriptCallError('A user object of this sign-in was expected, and another one was given.');
}

function isKnown({ found, passed }: Facts, ref: string): boolean {
  return found.has(ref) || passed.some(({ user }) => user === ref);
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
