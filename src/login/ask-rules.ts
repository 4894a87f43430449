import type { SignInRule } from '../applications/sign-in-rule.ts';
import type { Stores } from '../stores.ts';
import type { Failure } from './ending.ts';
import type { Facts } from './facts.ts';
import { readGroups } from './read-groups.ts';
import { failByRules } from './sign-in-rules.ts';

/**
 * Holds a login that comes to a good end against rules, with the person's groups and the connections' names as they are now:
 * a rule has the new name of a connection at once, and whoever came through it before comes in.
 * @param facts of a login that is for somebody
 */
export async function askRules(
  stores: Pick<Stores, 'users' | 'connections'>,
  rules: readonly SignInRule[],
  facts: Facts,
): Promise<Failure | null> {
  if (rules.length === 0) return null;
  const groups = await readGroups(stores, facts, facts.subject!.ref);
  const passed = await Promise.all(
    facts.passed.map(async (step) => {
      if (!('federated' in step.person)) return step;
      const connection = await stores.connections.findById(step.person.federated.connectionId);
      return { ...step, idp: connection?.name ?? step.idp };
    }),
  );
  return failByRules(rules, { ...facts, passed }, groups);
}
