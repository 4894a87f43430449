import { readFileSync } from 'node:fs';
import { defaultLimits } from '../../../sandbox/protocol.ts';
import { localDefinitions } from '../../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../../src/authenticators/federated/definition.ts';
import { claims } from '../../../src/directory/claims.ts';
import { createDryRun } from '../../../src/lab/dry-run.ts';
import type { DryRunRequest, Scenario } from '../../../src/lab/dry-run-types.ts';
import type { Flow } from '../../../src/login/flow.ts';
import { createRegistry } from '../../../src/login/options.ts';
import { aConnection } from '../../provisioning/people.ts';
import { sharedPool } from '../../sandbox/shared-pool.ts';

/** A dry run of the mission's script, by people from here and from Google. */

/** A busy machine must not keep a loop from using up its CPU time. */
export const limits = { ...defaultLimits, turnWallMs: 30_000 };
const dryRun = createDryRun({
  pool: sharedPool(),
  limits,
  authenticators: createRegistry(localDefinitions, federatedDefinition),
  clock: { now: () => Date.parse('2026-11-24T12:00:00Z') },
});

const script = readFileSync(new URL('../../../scripts/mfa-for-local-users/script.js', import.meta.url), 'utf8');
export const flow: Flow = {
  steps: [
    { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
    { options: [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }] },
  ],
  script,
  scriptEnabled: true,
};
export const google = aConnection({ groupMapping: { research: 'research' } });
export const grace = {
  idp: 'Google',
  subject: 'g-1',
  claims: { email: 'grace@example.com', email_verified: true, groups: ['research'] },
};
export const ann = {
  username: 'ann',
  claims: { [claims.email]: 'ann@example.com' },
  roles: ['admin'],
  groups: ['staff'],
};

export function run(scenario: Scenario, more: Partial<Omit<DryRunRequest, 'flow'>> & { flow?: Partial<Flow> } = {}) {
  return dryRun({
    scenario,
    applicationName: 'Payroll',
    connections: [google],
    findUser: async () => null,
    ...more,
    flow: { ...flow, ...more.flow },
  });
}

/** A script whose first step, once passed, runs `body`. */
export const after = (body: string) => ({
  flow: {
    script: `function onLoginRequest(context) {\n  executeStep(1, { onSuccess: function (context) {\n    ${body}\n  } });\n}`,
  },
});
export const local: Scenario = { steps: { 1: [{ outcome: 'success', idp: 'LOCAL', user: ann }] } };
