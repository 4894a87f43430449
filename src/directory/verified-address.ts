import { isMailAddress } from '../mail/address.ts';
import type { User } from './user.ts';

export const mailClaim = 'http://wso2.org/claims/emailaddress';

/** The account's mail address if it is proven to be the person's and mail can be sent to it, else null. */
export function findVerifiedAddress(user: User): string | null {
  if (!user.verified.includes(mailClaim)) return null;
  const address = user.attributes.find((attribute) => attribute.uri === mailClaim)?.value;
  return address !== undefined && isMailAddress(address) ? address : null;
}

/**
 * A mail address as it is compared. Only A to Z lose their case: other letters have capitals that turn into letters of
 * another address (the Kelvin sign into k, the dotless ı into I).
 */
export function mailKey(address: string): string {
  return address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
