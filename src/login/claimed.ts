import type { ClaimedPerson, FederatedPerson } from '../authenticators/authenticator.ts';
import { identifierKey } from '../directory/find-by-identifier.ts';

/**
 * May this be whom somebody named before (identifier first)? What a script decided for the one must not open the door to
 * another. A name that an account has means that account, or somebody without one whom an identity provider knows by that
 * name: provisioning may link the two yet. A name that no account has means whoever goes by it.
 *
 * @param account of who has proven who they are, with all that it is known by; null where there is none
 * @param told what an identity provider said of them; null for people who signed in here
 */
export function isClaimed(
  { identifier, userId }: ClaimedPerson,
  account: { id: string; names: readonly (string | undefined)[] } | null,
  told: Pick<FederatedPerson, 'subject' | 'claims'> | null,
): boolean {
  if (userId !== null && account) return account.id === userId;
  const atProvider = told
    ? [told.subject, ...['email', 'preferred_username', 'upn'].map((name) => told.claims[name])]
    : [];
  const names = [...(account?.names ?? []), ...atProvider];
  return names.some((name) => typeof name === 'string' && identifierKey(name) === identifierKey(identifier));
}
