import { createHash } from 'node:crypto';
import type { FederatedPerson } from '../authenticators/authenticator.ts';
import type { Connection } from '../connections/connection.ts';
import { cleanUsername, isUsername } from '../directory/usernames.ts';
import { claimText } from './claim-text.ts';
import { hasVerifiedMail } from './map-claims.ts';

/** The user name that a person's account should have, and the claim that it came from. */
export interface WishedUsername {
  username: string;
  from: string;
}

/**
 * The claim that the connection names, else `preferred_username`, else a verified mail address; what cannot be a user name
 * is passed over. The last resort is made from connection and subject, so that the same person gets the same name.
 */
export function wishUsername(
  connection: Pick<Connection, 'id' | 'jit' | 'trustsVerifiedEmail'>,
  { claims, subject }: Pick<FederatedPerson, 'claims' | 'subject'>,
): WishedUsername {
  const candidates = [
    ...(connection.jit.username === null ? [] : [connection.jit.username]),
    'preferred_username',
    ...(hasVerifiedMail(connection, claims) ? ['email'] : []),
  ];
  for (const from of candidates) {
    const text = Object.hasOwn(claims, from) ? claimText(claims[from]) : null;
    if (text !== null && isUsername(text)) return { username: cleanUsername(text), from };
  }
  return { username: `person-${shortHash(connection.id, subject)}`, from: 'generated' };
}

/** 12 characters that stand for a person of a connection where a name needs something of its own. */
export function shortHash(connectionId: string, subject: string): string {
  return createHash('sha256')
    .update(JSON.stringify([connectionId, subject]))
    .digest('hex')
    .slice(0, 12);
}
