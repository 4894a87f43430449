import { type Static, Type } from 'typebox';
import { connectionKey } from '../connections/connection.ts';
import { second } from '../kernel/clock.ts';
import type { Flow } from '../login/flow.ts';
import type { Stores } from '../stores.ts';
import type { AdminDeps } from './deps.ts';
import { findFindings } from './find-findings.ts';
import { readKnowledge } from './knowledge.ts';
import { listAll } from './paging.ts';
import { Findings, Id } from './schemas.ts';
import { findLive } from './sign-in-flow.ts';

export const AffectedApplication = Type.Object(
  {
    id: Id,
    name: Type.String(),
    where: Type.Enum(['live', 'draft'], { description: 'The flow that offers the connection.' }),
    findings: Findings,
  },
  { title: 'AffectedApplication' },
);
export type AffectedApplication = Static<typeof AffectedApplication>;

/** For all of them together. */
const patienceMs = 2 * second;

/** Applications whose live flow (or else draft) offers a connection, with what is to be said of that flow now. */
export async function listAffected(
  deps: AdminDeps,
  stores: Pick<Stores, 'applications' | 'connections' | 'roles' | 'scriptAssets' | 'secrets'>,
  connection: string,
): Promise<AffectedApplication[]> {
  const knowledge = await readKnowledge(deps, stores, null);
  const ends = performance.now() + patienceMs;
  const applications = await listAll((page) => stores.applications.list(page));
  const affected: AffectedApplication[] = [];
  for (const application of applications) {
    const live = (await findLive(stores, application))?.flow ?? null;
    const where = offers(live, connection) ? 'live' : offers(application.draft, connection) ? 'draft' : null;
    const flow = where === 'live' ? live : application.draft;
    if (where === null || flow === null) continue;
    const timeMs = ends - performance.now();
    const findings = await findFindings(deps, stores, { flow, knowledge, timeMs });
    affected.push({ id: application.id, name: application.name, where, findings });
  }
  return affected;
}

function offers(flow: Flow | null, connection: string): boolean {
  const key = connectionKey(connection);
  return (flow?.steps ?? []).some(({ options }) =>
    options.some((option) => 'idp' in option && connectionKey(option.idp) === key),
  );
}
