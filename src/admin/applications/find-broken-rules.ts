import type { Application } from '../../applications/application.ts';
import { second } from '../../kernel/clock.ts';
import type { ExploredPath } from '../../lab/explore/explore-types.ts';
import type { Flow } from '../../login/flow.ts';
import type { Stores } from '../../stores.ts';
import type { Finding } from '../../validator/finding.ts';
import type { Knowledge } from '../../validator/knowledge.ts';
import { pinFlow } from '../../validator/validate.ts';
import { ContentError, createContentFinding } from '../content-error.ts';
import type { AdminDeps } from '../deps.ts';
import { listAll } from '../paging.ts';

/** Why a flow goes live all the same, for the audit log. */
export type Force = { reason: string } | undefined;

const bounds = { timeMs: 5 * second, paths: 5000 };

/**
 * Rules of the application that a path of the flow breaks: whoever goes it is refused at its end, whatever the script says.
 * A rule that is not found broken is not proven where not all paths could be tried; it is enforced all the same.
 */
async function findBrokenRules(
  deps: Pick<AdminDeps, 'explore'>,
  stores: Pick<Stores, 'connections'>,
  { application, flow, knowledge }: { application: Application; flow: Flow; knowledge: Knowledge },
): Promise<Finding[]> {
  const rules = application.signInRules;
  if (rules.length === 0) return [];
  const { properties, paths } = await deps.explore({
    flow: pinFlow(flow, knowledge),
    applicationName: application.name,
    connections: await listAll((page) => stores.connections.list(page)),
    bounds,
    rules,
  });
  return properties
    .filter(({ source }) => source === 'rule')
    .flatMap(({ name, counterexample }, i) => {
      const path = counterexample && paths[counterexample.path - 1];
      if (!path) return [];
      const message = `The rule «${name}» is broken on a path: ${describeWay(path)}. Such a sign-in is refused at its end.`;
      return [createContentFinding('RULE_BROKEN', `/signInRules/${i}`, message)];
    });
}

/**
 * Refuses to let a flow go live that breaks a rule, unless a reason is given.
 * @returns what was broken all the same, in sentences for the audit log
 * @throws ContentError RULES_BROKEN, with a path to each
 */
export async function refuseBrokenRules(
  deps: Pick<AdminDeps, 'explore'>,
  stores: Pick<Stores, 'connections'>,
  about: { application: Application; flow: Flow; knowledge: Knowledge },
  force: Force,
): Promise<string[]> {
  const broken = await findBrokenRules(deps, stores, about);
  if (broken.length > 0 && !force) throw new ContentError(broken, { code: 'RULES_BROKEN' });
  return broken.map(({ message }) => message);
}

/** For the audit log: that something was forced, and against what. */
export function describeForce(
  force: Force,
  { rules, scenarios = [] }: { rules: readonly string[]; scenarios?: readonly string[] },
): Record<string, unknown> {
  if (!force || rules.length + scenarios.length === 0) return {};
  return { forced: { reason: force.reason, scenarios, ...(rules.length > 0 ? { rules } : {}) } };
}

function describeWay({ answers }: ExploredPath): string {
  return answers
    .filter(({ kind, of }) => kind === 'step' || of > 1)
    .map(({ kind, name, args, answer }) => `${kind === 'step' ? `step ${args[0]}` : name} → ${answer}`)
    .join(', ');
}
