import type { SignInRule } from '../../applications/sign-in-rule.ts';
import type { Stores } from '../../stores.ts';
import type { AdminDeps } from '../deps.ts';
import { listAll } from '../paging.ts';
import { compare, createRecords } from '../records.ts';
import { updateApplication } from './applications.ts';

/**
 * Keeps the rules of all applications about what they are about when that gets another name, in the unit that renames it.
 * @param carry what becomes of a rule
 */
export async function carryRules(
  deps: Pick<AdminDeps, 'clock'>,
  stores: Pick<Stores, 'applications' | 'audit'>,
  carry: (rule: SignInRule) => SignInRule[],
): Promise<void> {
  const record = createRecords(deps);
  for (const application of await listAll((page) => stores.applications.list(page))) {
    const signInRules = application.signInRules.flatMap(carry);
    const details = compare({ signInRules: application.signInRules }, { signInRules });
    if (!details) continue;
    await updateApplication(stores, { ...application, signInRules, updatedAt: deps.clock.now() });
    await record(stores, { type: 'application.updated', target: application.id, details });
  }
}
