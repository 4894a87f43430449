import { identifierKey } from '../directory/find-by-identifier.ts';
import type { User } from '../directory/user.ts';
import type { StepContext } from './authenticator.ts';

/** What wrong codes are counted against: the account, or a name that nobody has, so that waiting tells nothing. */
export function attackedSubject({ claimed }: StepContext, account: User | null): string {
  return account?.id ?? `claimed:${identifierKey(claimed?.identifier ?? '')}`;
}
