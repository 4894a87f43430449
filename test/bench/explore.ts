import { createPool } from '../../sandbox/pool.ts';
import { defaultLimits } from '../../sandbox/protocol.ts';
import { localDefinitions } from '../../src/authenticators/definitions.ts';
import { federatedDefinition } from '../../src/authenticators/federated/definition.ts';
import { createExplore } from '../../src/lab/explore/explore.ts';
import { createRegistry } from '../../src/login/options.ts';
import { type Row, round, type Table } from './measure.ts';

const steps = [{ options: [{ authenticator: 'BasicAuthenticator' }] }, { options: [{ authenticator: 'totp' }] }];

/** Each of so many roles doubles the paths. */
const asksRoles = (roles: number) => `function onLoginRequest(context) {
  executeStep(1, { onSuccess: function (context) {
    var has = 0;
    for (var i = 0; i < ${roles}; i++) if (hasRole(context.currentKnownSubject, 'role ' + i)) has++;
    if (has > 3) executeStep(2);
  } });
}`;

/** Steps again and again, each of whose outcomes leads on. */
const asksSteps = `var n = 0;
function onLoginRequest(context) { again(); }
function again() {
  if (++n > 8) return fail();
  executeStep(n % 2 ? 1 : 2, { onSuccess: again, onFail: again });
}`;

/** Exploring scripts with many paths, each of which is a play of the real engine from its start. */
export async function run({ paths = 10_000 } = {}): Promise<Table[]> {
  const pool = createPool({ size: 2, queue: 50 });
  const authenticators = createRegistry(localDefinitions, federatedDefinition);
  const explore = createExplore({ pool, limits: defaultLimits, authenticators });
  const bounds = { timeMs: 120_000, paths };
  const play = (script: string, more: { paths: number }) =>
    explore({
      flow: { steps, script, scriptEnabled: true },
      applicationName: 'Payroll',
      connections: [],
      bounds: { ...bounds, ...more },
    });
  await pool.ready();
  await play(asksRoles(5), { paths: 50 });
  const rows: Row[] = [];
  for (const [script, text] of [
    ['13 roles in a row', asksRoles(13)],
    ['8 steps in a row', asksSteps],
  ] as const) {
    const begun = performance.now();
    const { pathCount } = await play(text, { paths });
    const seconds = (performance.now() - begun) / 1000;
    rows.push({
      script,
      paths: pathCount,
      seconds: round(seconds),
      'paths per second': Math.round(pathCount / seconds),
    });
  }
  await pool.close();
  return [{ title: 'Exploring', rows, note: 'Two children on two cores; graph, coverage and properties included.' }];
}
