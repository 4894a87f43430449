import { createPool } from '../../sandbox/pool.ts';
import { defaultLimits } from '../../sandbox/protocol.ts';
import { systemClock } from '../kernel/clock.ts';
import { createDryRun } from '../lab/dry-run.ts';
import type { DryRunAnswer, Scenario } from '../lab/dry-run-types.ts';
import type { Flow } from '../login/flow.ts';
import { offlineAuthenticators } from './flow-file.ts';

/** Dry runs without a server: nobody is stored, and connections have the usual settings. */
export interface Offline {
  play(flow: Pick<Flow, 'steps' | 'script'>, scenario: Scenario): Promise<DryRunAnswer>;
}

/** Lends the engine to `use`, and ends its processes afterwards. */
export async function withOffline<T>(use: (offline: Offline) => Promise<T>): Promise<T> {
  const pool = createPool({ size: 1, queue: 1 });
  const dryRun = createDryRun({
    pool,
    limits: defaultLimits,
    authenticators: offlineAuthenticators,
    clock: systemClock,
  });
  try {
    return await use({
      play: ({ steps, script }, scenario) =>
        dryRun({
          flow: { steps, script, scriptEnabled: true },
          scenario,
          applicationName: 'Application',
          connections: [],
          findUser: async () => null,
        }),
    });
  } finally {
    await pool.close();
  }
}
