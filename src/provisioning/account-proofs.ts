import type { JitSettings } from '../connections/connection.ts';
import type { User, UserStore } from '../directory/user.ts';
import { findVerifiedAddress } from '../directory/verified-address.ts';
import type { AccountProof } from './provision.ts';

/**
 * What somebody shows before an account is linked to them, in this order. Linking opens a door that asks for nothing of the
 * account any more, so it takes what the account itself is protected by: its authenticator app if it has one, else (beside
 * a password) its verified address.
 */
export async function listProofs(
  users: Pick<UserStore, 'findPasswordHash' | 'listFactors'>,
  user: User,
  proof: Extract<JitSettings['linking']['proof'], `CONFIRM_${string}`>,
): Promise<{ proofs: AccountProof[] } | { lacks: string }> {
  const hasApp = (await users.listFactors(user.id)).some(({ type }) => type === 'totp');
  const hasAddress = findVerifiedAddress(user) !== null;
  if (proof === 'CONFIRM_WITH_EMAIL_CODE') {
    if (!hasAddress) return { lacks: 'The account has no verified mail address.' };
    return { proofs: hasApp ? ['email-code', 'totp'] : ['email-code'] };
  }
  if ((await users.findPasswordHash(user.id)) === null) return { lacks: 'The account has no password.' };
  if (hasApp) return { proofs: ['password', 'totp'] };
  return { proofs: hasAddress ? ['password', 'email-code'] : ['password'] };
}
