import type { Attempt, Throttling } from '../../directory/throttling.ts';
import type { User } from '../../directory/user.ts';
import type { Move, Settle, StepContext, StepProblem } from '../authenticator.ts';
import { show } from '../show.ts';
import { tryLater } from '../wait.ts';

interface Checked {
  throttling: Throttling;
  context: StepContext;
  attempt: Attempt;
  /** Whose password was checked; null when nobody has the name. */
  user: User | null;
  /** What it was checked against. */
  hash: string | null;
  right: boolean;
  /** The same password hashed with the parameters now in force, where that is due. */
  newHash: string | null;
}

/**
 * Decides what a password, checked outside the unit, is worth inside it. Everything is read again: of many answers checked
 * at the same time only so many count as the throttle allows, and neither a password nor an account that was changed
 * meanwhile lets anybody in.
 */
export function settlePassword({ throttling, context, attempt, user, hash, right, newHash }: Checked): Settle {
  const { now } = context;
  return async (stores) => {
    const wait = await throttling.findWait(stores.throttle, attempt, now);
    if (wait > 0) return show(tryLater(wait));
    if (!right || !user) {
      await throttling.count(stores.throttle, attempt, now);
      return { kind: 'wrong', state: {}, problem: { ...mismatch, detail: causeOf(user, hash) } };
    }

    const account = await stores.users.findById(user.id);
    if (!account || (await stores.users.findPasswordHash(user.id)) !== hash) return show(mismatch);
    if (account.disabled) return failed('ACCOUNT_DISABLED');
    if (account.locked) return failed('ACCOUNT_LOCKED');

    await throttling.clear(stores.throttle, attempt, now);
    if (newHash !== null) await stores.users.setPasswordHash(user.id, newHash);
    return { kind: 'success', person: { userId: user.id }, amr: ['pwd'] };
  };
}

const mismatch = { code: 'INVALID_CREDENTIALS', field: 'password' } as const satisfies StepProblem;

/** For the admin only: the person gets one sentence for all three. */
function causeOf(user: User | null, hash: string | null): string {
  if (!user) return 'Nobody has this name.';
  return hash === null ? 'The account has no password.' : 'The password is wrong.';
}

function failed(code: 'ACCOUNT_DISABLED' | 'ACCOUNT_LOCKED'): Move {
  return { kind: 'failed', problem: { code } };
}
