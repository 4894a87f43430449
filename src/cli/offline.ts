import { createPool } from '../../sandbox/pool.ts';
import { defaultLimits } from '../../sandbox/protocol.ts';
import { systemClock } from '../kernel/clock.ts';
import { createDryRun } from '../lab/dry-run.ts';
import type { DryRunAnswer, Scenario } from '../lab/dry-run-types.ts';
import { createExplore, type ExploreRequest } from '../lab/explore/explore.ts';
import type { Exploration } from '../lab/explore/explore-types.ts';
import { findConnection } from '../lab/find-connection.ts';
import type { Flow } from '../login/flow.ts';
import { type FileFlow, offlineAuthenticators } from './flow-file.ts';

/** Dry runs without a server: nobody is stored, and connections have the usual settings. */
export interface Offline {
  play(flow: FileFlow & Pick<Flow, 'script'>, scenario: Scenario): Promise<DryRunAnswer>;
  explore(
    flow: FileFlow & Pick<Flow, 'script'>,
    more: Pick<ExploreRequest, 'properties' | 'bounds'>,
  ): Promise<Exploration>;
}

/** Lends the engine to `use`, and ends its processes afterwards. */
export async function withOffline<T>(use: (offline: Offline) => Promise<T>): Promise<T> {
  const pool = createPool({ size: 2, queue: 8 });
  const dryRun = createDryRun({
    pool,
    limits: defaultLimits,
    authenticators: offlineAuthenticators,
    clock: systemClock,
  });
  const explore = createExplore({ pool, limits: defaultLimits, authenticators: offlineAuthenticators });
  try {
    return await use({
      explore: ({ jitOff = [], ...flow }, more) =>
        explore({
          flow: { ...flow, scriptEnabled: true },
          applicationName: 'Application',
          connections: jitOff.map(withoutAccounts),
          ...more,
        }),
      play: ({ jitOff = [], ...flow }, scenario) =>
        dryRun({
          flow: { ...flow, scriptEnabled: true },
          scenario,
          applicationName: 'Application',
          connections: jitOff.map(withoutAccounts),
          findUser: async () => null,
        }),
    });
  } finally {
    await pool.close();
  }
}

/** The connection of that name, with the usual settings but for one. */
function withoutAccounts(name: string): ReturnType<typeof findConnection> {
  const usual = findConnection([], name);
  return { ...usual, jit: { ...usual.jit, enabled: false } };
}
