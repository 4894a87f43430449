import { domainToASCII } from 'node:url';
import type { Connection } from '../connections/connection.ts';
import { isMailAddress } from '../mail/address.ts';

/**
 * Why a person may not come in through a connection that is for the people of some domains, or null. The domain is that of
 * an address which the provider itself says is verified, if it is believed: what somebody merely typed there opens no door.
 * Subdomains are domains of their own.
 */
export function findDomainFault(
  {
    allowedDomains,
    preset,
    trustsVerifiedEmail,
  }: Pick<Connection, 'allowedDomains' | 'preset' | 'trustsVerifiedEmail'>,
  claims: Record<string, unknown>,
): string | null {
  if (allowedDomains.length === 0) return null;
  const { email, email_verified: flag } = claims;
  if (typeof email !== 'string' || !isMailAddress(email)) return 'The provider told no mail address.';
  if (flag !== true && flag !== 'true') return `The provider does not say that «${email}» is verified.`;
  if (!trustsVerifiedEmail)
    return 'The provider is not believed when it says that an address is verified (trustsVerifiedEmail).';
  const domain = email.slice(email.lastIndexOf('@') + 1);
  // A private Google account may have a company's address and keep it after its person has left: `hd` tells whose account
  // it is (Google, «OpenID Connect», ID token payload).
  const { hd } = claims;
  if (preset === 'google' && typeof hd !== 'string' && !isSame(domain, 'gmail.com')) {
    return `«${email}» is a private Google account, not one of an organisation.`;
  }
  const domains = [domain, ...(preset === 'google' && typeof hd === 'string' ? [hd] : [])];
  const fits = allowedDomains.some((allowed) => domains.some((one) => isSame(one, allowed)));
  return fits ? null : `The domain of «${email}» is not among ${allowedDomains.join(', ')}.`;
}

/** Domains are compared as DNS does, those with other letters by their ASCII form. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [domainToASCII(one), domainToASCII(other)];
  return a !== '' && a === b;
}
