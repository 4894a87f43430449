import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../src/authenticators/federated/definition.ts';
import { createDryRun } from '../../src/lab/dry-run.ts';
import type { DryRunAnswer, Scenario } from '../../src/lab/dry-run-types.ts';
import type { Flow } from '../../src/login/flow.ts';
import { createRegistry } from '../../src/login/options.ts';
import { sharedPool } from '../sandbox/shared-pool.ts';
import { patient } from '../sandbox/world.ts';

const dryRun = createDryRun({
  pool: sharedPool(),
  limits: patient,
  authenticators: createRegistry(localDefinitions, federatedDefinition),
  clock: { now: () => Date.parse('2026-11-24T12:00:00Z') },
});

/** Step 1: a password or «Google»; step 2: an authenticator app or a mailed code. */
export const steps: Flow['steps'] = [
  { options: [{ authenticator: 'BasicAuthenticator' }, { idp: 'Google' }] },
  { options: [{ authenticator: 'totp' }, { authenticator: 'email-otp-authenticator' }] },
];

const libraries = [
  { name: 'greetings.js', version: 1, source: "exports.hello = function (name) { return 'Hello ' + name; };" },
];

const mailTemplates = [
  { name: 'new-device', version: 1, template: { subject: 'A new device', text: ['It is at {ip}.'] } },
];

/** Ann, an administrator, passes whatever she is asked. */
export const ann: Scenario = {
  request: { acrValues: ['urn:stepgate:2fa'] },
  steps: {
    '1': [
      {
        outcome: 'success',
        idp: 'LOCAL',
        user: { username: 'ann', claims: { emailaddress: 'ann@example.com' }, roles: ['admin'], groups: ['staff'] },
      },
    ],
    '2': [{ outcome: 'success' }],
  },
};

/** Runs a script for Ann, unless the scenario says otherwise, on the real engine. */
export async function tryScript(script: string, scenario: Scenario = ann): Promise<DryRunAnswer> {
  return dryRun({
    flow: { steps, script, scriptEnabled: true, libraries, mailTemplates },
    scenario,
    applicationName: 'Payroll',
    connections: [],
    findUser: async () => null,
  });
}
