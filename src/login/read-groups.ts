import type { Connection } from '../connections/connection.ts';
import type { User } from '../directory/user.ts';
import { mapGroups, readRemoteGroups } from '../provisioning/map-groups.ts';
import type { Stores } from '../stores.ts';
import type { Facts } from './facts.ts';
import { findAccountByRef } from './find-account.ts';

/**
 * The groups of somebody of the login, as scripts and sign-in rules see them: the account's and those that the identity
 * provider tells of. Without an account: also those that one would be given.
 */
export function listGroups(
  account: User | null,
  federated: { connection: Connection | null; claims: Record<string, unknown> } | null,
): string[] {
  const own = account?.groups.map(({ name }) => name) ?? [];
  if (!federated?.connection) return own;
  const { connection, claims } = federated;
  const mapped = account ? [] : mapGroups(connection, claims).groups;
  return [...new Set([...own, ...readRemoteGroups(connection, claims), ...mapped])];
}

/** The same of a reference; null where the account, or the connection, is gone and nothing tells. */
export async function readGroups(
  stores: Pick<Stores, 'users' | 'connections'>,
  facts: Facts,
  ref: string,
): Promise<string[] | null> {
  const account = await findAccountByRef(stores, facts, ref);
  const person = facts.federated.get(ref);
  if (!person) return account && listGroups(account, null);
  const connection = await stores.connections.findById(person.connectionId);
  return connection && listGroups(account, { connection, claims: person.claims });
}
