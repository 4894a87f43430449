import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { CryptoBox } from '../kernel/crypto-box.ts';

/**
 * What applications get as `sub` of a person from a connection who has no account here: always the same, and telling
 * nothing of the identity provider's own subject. The account that is made for the person later keeps it. A provider that
 * the connection leads to later cannot name the people of the one before.
 */
export function subjectWithoutAccount(
  box: Pick<CryptoBox, 'mac'>,
  { connectionId, issuer, subject }: Pick<FederatedPerson, 'connectionId' | 'issuer' | 'subject'>,
): string {
  // As JSON, so that no texts can be taken for others.
  return box.mac('subject', JSON.stringify([connectionId, issuer, subject]));
}
