import type { CryptoBox } from '../kernel/crypto-box.ts';
import type { ConnectionId } from '../kernel/ids.ts';

/**
 * What applications get as `sub` of a person from a connection who has no account here: always the same, and telling
 * nothing of the identity provider's own subject. The account that is made for the person later keeps it.
 */
export function subjectWithoutAccount(
  box: Pick<CryptoBox, 'mac'>,
  connectionId: ConnectionId,
  subject: string,
): string {
  // As JSON, so that no pair of texts can be taken for another pair.
  return box.mac('subject', JSON.stringify([connectionId, subject]));
}
