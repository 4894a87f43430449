import type { Application } from '../../applications/application.ts';
import { findByClaims } from '../../directory/find-by-claims.ts';
import type { User } from '../../directory/user.ts';
import { cleanUsername, isUsername, usernameKey } from '../../directory/usernames.ts';
import type { DryRunAnswer, Scenario } from '../../lab/dry-run-types.ts';
import { runScenarios } from '../../lab/run-scenarios.ts';
import type { StoredScenario } from '../../lab/scenario-types.ts';
import type { PublishedFlow } from '../../login/flow.ts';
import type { Finding } from '../../validator/finding.ts';
import type { AdminDeps } from '../deps.ts';
import { readKnowledge } from '../knowledge.ts';
import { listAll } from '../paging.ts';
import { checkScenario } from './check-scenario.ts';
import type { ScenarioRun } from './scenario-schemas.ts';

/** A flow of an application, ready to be tried: it reads what is stored, and writes nothing. */
export interface PreparedDryRun {
  play(scenario: Scenario): Promise<DryRunAnswer>;
  /** What in a scenario the flow or the server does not have. @param path its place in the request's content */
  check(scenario: Scenario, path: string): Promise<Finding[]>;
  /** Plays all, one after the other; one with an error in it does not pass. */
  test(items: readonly StoredScenario[]): Promise<ScenarioRun>;
}

export async function prepareDryRun(
  deps: AdminDeps,
  application: Application,
  flow: PublishedFlow,
): Promise<PreparedDryRun> {
  const { read } = deps.database;
  const connections = await listAll((page) => read.connections.list(page));
  const knowledge = await readKnowledge(deps, read, application.id);

  const findUser = async (name: string): Promise<User | null> =>
    isUsername(name) ? read.users.findByUsernameKey(usernameKey(cleanUsername(name))) : null;

  const play = (scenario: Scenario) =>
    deps.dryRun({
      flow,
      scenario,
      applicationName: application.name,
      signInRules: application.signInRules,
      connections,
      applicationId: application.id,
      roleExists: async (name, audience) =>
        (await read.roles.findByName(name, audience === 'application' ? application.id : null)) !== null,
      secretExists: async (name) => (await read.secrets.findByName(name)) !== null,
      findByClaims: (wanted, limit) => findByClaims(read.users, wanted, limit),
      directory: read.users,
      findUser,
      findAssociated: async (connectionId, subject) => {
        const association = await read.users.findAssociation(connectionId, subject);
        return association && read.users.findById(association.userId);
      },
    });

  const check: PreparedDryRun['check'] = (scenario, path) =>
    checkScenario(scenario, { flow, knowledge, personExists: async (name) => (await findUser(name)) !== null, path });

  return {
    play,
    check,
    async test(stored) {
      const results = await runScenarios(stored, play);
      const items: ScenarioRun['items'] = [];
      for (const [i, result] of results.entries()) {
        const findings = await check(stored[i]!.scenario, `/items/${i}/scenario`);
        const passes = result.passes && findings.every(({ severity }) => severity !== 'error');
        items.push({ ...result, passes, findings });
      }
      const passed = items.filter(({ passes }) => passes).length;
      return { passes: passed === items.length, passed, failed: items.length - passed, items };
    },
  };
}
