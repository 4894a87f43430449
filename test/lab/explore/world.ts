import { createPool } from '../../../sandbox/pool.ts';
import { defaultLimits } from '../../../sandbox/protocol.ts';
import { localDefinitions } from '../../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../../src/authenticators/federated/definition.ts';
import type { Connection } from '../../../src/connections/connection.ts';
import { defaultJit } from '../../../src/connections/default-jit.ts';
import { createExplore, type ExploreRequest } from '../../../src/lab/explore/explore.ts';
import type { ExploredPath } from '../../../src/lab/explore/explore-types.ts';
import type { FlowStep, PublishedFlow } from '../../../src/login/flow.ts';
import { createRegistry } from '../../../src/login/options.ts';
import { aConnection } from '../../provisioning/people.ts';

export const authenticators = createRegistry(localDefinitions, federatedDefinition);

/** Time enough for a machine that runs all tests at once. */
export const limits = { ...defaultLimits, turnCpuMs: 2000, loginCpuMs: 10_000, turnWallMs: 10_000 };

/** Step 1 is a password or Google, step 2 a factor. */
export const usualSteps: FlowStep[] = [
  { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
  { options: [{ authenticator: 'totp' }] },
];

export const google = aConnection();
export const googleWithoutJit: Connection = { ...google, jit: { ...defaultJit, enabled: false } };

export function createLab() {
  const pool = createPool({ size: 1, queue: 100 });
  const exploreFlow = createExplore({ pool, limits, authenticators });
  return {
    pool,
    explore: (
      script: string,
      more: Partial<Omit<ExploreRequest, 'flow'>> & Partial<Omit<PublishedFlow, 'script'>> = {},
    ) => {
      const { steps = usualSteps, promptTemplates = [], mailTemplates = [], ...rest } = more;
      const flow = { steps, script, scriptEnabled: true, promptTemplates, mailTemplates };
      const bounds = { timeMs: 60_000, ...rest.bounds };
      return exploreFlow({ flow, applicationName: 'Payroll', connections: [google], ...rest, bounds });
    },
  };
}

/** A script whose first step, once passed, runs `body` (which begins in line 3). */
export const after = (body: string) =>
  `function onLoginRequest(context) {\n  executeStep(1, { onSuccess: function (context) {\n    ${body}\n  } });\n}`;

/** `executeStep: Google > executeStep: success = success` */
export function tell({ answers, outcome }: ExploredPath): string {
  const way = answers.map(({ kind, name, answer }) => (kind === 'step' ? answer : `${name} ${answer}`));
  return `${way.join(' > ')} = ${outcome.result}`;
}
