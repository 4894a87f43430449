import type { SignInRule } from '../applications/sign-in-rule.ts';
import { type ErrorCode, errors } from '../kernel/errors.ts';
import type { LoginId } from '../kernel/ids.ts';
import { askRules } from '../login/ask-rules.ts';
import { endsWell, type Failure, failWithPage } from '../login/ending.ts';
import { readFacts } from '../login/facts.ts';
import type { Login } from '../login/login.ts';
import type { Stores } from '../stores.ts';
import { stateOf } from './login-state.ts';
import type { Replayed } from './replay.ts';

/*
 * How a login ends is not the script's alone: it may be refused at a good end, or be ended while it waits. A play comes to
 * neither.
 */

/** Why a login that its play would let in, or lets wait, failed all the same; null where it did not. */
export function findOwnEnd(login: Login, { result }: Replayed, now: number): ErrorCode | null {
  return endsWell(result) || result.kind === 'waits' ? stateOf(login, now).failureCode : null;
}

/** The same, as the admin was told then. */
export async function readOwnEnd(
  read: Pick<Stores, 'audit'>,
  login: Login,
  { played, now }: { played: Replayed; now: number },
): Promise<Failure | null> {
  const code = findOwnEnd(login, played, now);
  return code && failWithPage(code, {}, (await readDetail(read, login.id)) ?? errors[code].admin);
}

/** What was told of a failed login beyond its code; null where nothing was. */
export async function readDetail({ audit }: Pick<Stores, 'audit'>, loginId: LoginId): Promise<string | null> {
  const [event] = await audit.list({ after: null, limit: 1, type: 'login.failed', loginId });
  const detail = event?.details['detail'];
  return typeof detail === 'string' ? detail : null;
}

/**
 * What refuses a play that comes to another good end than its login did: a login without proof, and the application's rules
 * as they are now, with the person's groups as they are now.
 * @param refused what the login itself was refused with at its good end; null where it was let in or came to none
 * @returns null where nothing refuses it, a sentence where nobody can tell
 */
export async function checkOtherEnd(
  read: Pick<Stores, 'users' | 'connections'>,
  { journal }: Pick<Replayed, 'journal'>,
  { rules, refused }: { rules: readonly SignInRule[]; refused: ErrorCode | null },
): Promise<Failure | string | null> {
  const facts = readFacts(journal);
  const { subject, passed } = facts;
  if (!subject || !passed.some(({ proves }) => proves)) return failWithPage('NO_STEP_PASSED');
  // Rules are asked last: whoever came to them had passed all else.
  if (refused !== null && refused !== 'RULE_NOT_MET') {
    return `It was refused at its end with ${refused}, and nobody can tell whether it would be again.`;
  }
  return askRules(read, rules, facts);
}
