import { type Static, Type } from 'typebox';
import { connectionKey } from '../../connections/connection.ts';
import { second } from '../../kernel/clock.ts';
import type { Flow } from '../../login/flow.ts';
import type { Stores } from '../../stores.ts';
import { pinFlow } from '../../validator/validate.ts';
import type { AdminDeps } from '../deps.ts';
import { readKnowledge } from '../knowledge.ts';
import { listAll } from '../paging.ts';
import { Findings, Id } from '../schemas.ts';
import { findFindings } from './find-findings.ts';
import { findOldName } from './find-old-name.ts';
import { findLive } from './sign-in-flow.ts';

export const AffectedApplication = Type.Object(
  {
    id: Id,
    name: Type.String(),
    where: Type.Enum(['live', 'draft'], { description: 'The flow that offers the connection, or has its old name.' }),
    findings: Findings,
  },
  { title: 'AffectedApplication' },
);
export type AffectedApplication = Static<typeof AffectedApplication>;

/** For all of them together. */
const patienceMs = 2 * second;

/**
 * Applications whose live flow (or else draft) offers a connection, with what is to be said of that flow now. Of one that has
 * been renamed also those that have its old name elsewhere.
 */
export async function listAffected(
  deps: AdminDeps,
  stores: Pick<Stores, 'applications' | 'connections' | 'roles' | 'scenarios' | 'scriptAssets' | 'secrets'>,
  { from, to }: { from: string; to: string | null },
): Promise<AffectedApplication[]> {
  const knowledge = await readKnowledge(deps, stores, null);
  const ends = performance.now() + patienceMs;
  const applications = await listAll((page) => stores.applications.list(page));
  const affected: AffectedApplication[] = [];
  for (const application of applications) {
    const { id, name, draft } = application;
    const live = await findLive(stores, application);
    const flows = [
      { where: 'live', flow: live?.flow ?? null, version: live?.version ?? null },
      { where: 'draft', flow: draft, version: null },
    ] as const;
    for (const { where, flow, version } of flows) {
      if (flow === null) continue;
      const old =
        to === null
          ? []
          : findOldName(pinFlow(flow, knowledge), await stores.scenarios.list(id, version), { from, to });
      if (!offers(flow, from) && old.length === 0) continue;
      const timeMs = ends - performance.now();
      const findings = await findFindings(deps, stores, { flow, knowledge, timeMs });
      affected.push({ id, name, where, findings: [...findings, ...old] });
      break;
    }
  }
  return affected;
}

function offers(flow: Flow, connection: string): boolean {
  const key = connectionKey(connection);
  return flow.steps.some(({ options }) =>
    options.some((option) => 'idp' in option && connectionKey(option.idp) === key),
  );
}
