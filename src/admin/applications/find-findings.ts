import { second } from '../../kernel/clock.ts';
import { localIdp } from '../../kernel/local-idp.ts';
import type { ExploredPath } from '../../lab/explore/explore-types.ts';
import type { Flow } from '../../login/flow.ts';
import type { Stores } from '../../stores.ts';
import { mendLack } from '../../validator/check-accounts.ts';
import { createFinding, type Finding, sortFindings } from '../../validator/finding.ts';
import type { Knowledge } from '../../validator/knowledge.ts';
import { listOffered } from '../../validator/offered.ts';
import { hasErrors, pinFlow, validateFlow } from '../../validator/validate.ts';
import type { AdminDeps } from '../deps.ts';
import { listAll } from '../paging.ts';

/** As long as somebody who edits a script may wait. */
const patience = { timeMs: 2 * second, paths: 3000 };

/**
 * What is to be said of a flow. Whether somebody without an account comes to a factor that needs one is found by exploring:
 * where all paths could be tried, that decides; where not, what was read from the script's text stands, and says so.
 */
export async function findFindings(
  deps: Pick<AdminDeps, 'explore'>,
  stores: Pick<Stores, 'connections'>,
  { flow, knowledge, timeMs = patience.timeMs }: { flow: Flow; knowledge: Knowledge; timeMs?: number },
): Promise<Finding[]> {
  const read = validateFlow(flow, knowledge);
  if (timeMs <= 0 || hasErrors(read) || !isConcerned(flow, knowledge)) return read;
  const { complete, paths, open, cut } = await deps.explore({
    flow: pinFlow(flow, knowledge),
    applicationName: '',
    connections: await listAll((page) => stores.connections.list(page)),
    bounds: { ...patience, timeMs },
  });
  if (paths.length === 0) return read;
  const seen = paths.flatMap(findLacking);
  const others = read.filter(({ code }) => code !== 'ACCOUNT_REQUIRED');
  const warnings = read.filter(({ code }) => code === 'ACCOUNT_REQUIRED');
  const scope = complete
    ? `Every path was tried (${paths.length})`
    : `${paths.length} paths were tried, and there are others`;
  const told = warnings.flatMap((warning) => {
    const found = seen.find((lacking) => isAbout(warning, lacking, flow));
    if (found) return [explain(warning, `${scope}; on one of them: ${describeWay(found.path)}.`)];
    if (complete) return [];
    const [first] = [...open, ...cut];
    const where = first?.line ? ` (see line ${first.line})` : '';
    return [
      explain(
        warning,
        `It is read from the script’s text, and not found in ${paths.length} paths; there are others${where}.`,
      ),
    ];
  });
  const missed = seen.filter((lacking) => !warnings.some((warning) => isAbout(warning, lacking, flow)));
  return sortFindings([
    ...others,
    ...told,
    ...firstOfEachPlace(missed).map((lacking) => warn(lacking, flow, { knowledge, scope })),
  ]);
}

/** Can there be somebody without an account, and something that needs one? */
function isConcerned({ steps, script }: Flow, knowledge: Knowledge): boolean {
  const offered = listOffered(steps, knowledge).flat();
  const skips = script?.includes('provisionUser') && offered.some(({ idp }) => idp !== localIdp);
  const isAccountless = skips || offered.some(({ accountless }) => accountless !== null);
  return isAccountless && offered.some(({ needsAccount }) => needsAccount);
}

interface Lacking {
  path: ExploredPath;
  step: ExploredPath['steps'][number];
}

function findLacking(path: ExploredPath): Lacking[] {
  return path.steps.filter(({ lacksAccount }) => lacksAccount).map((step) => ({ path, step }));
}

function isAbout({ line, path: place, message }: Finding, { path, step }: Lacking, { scriptEnabled }: Flow): boolean {
  const isHere = scriptEnabled && line !== null ? line === step.line : place === `/steps/${step.step - 1}`;
  return isHere && message.includes(`«${path.subject?.idp}»`);
}

/** With what exploring found in place of how the text was read. */
function explain(warning: Finding, how: string): Finding {
  return { ...warning, message: `${warning.message.replace(/ This is read from .*$/, '')} ${how}` };
}

function describeWay({ steps }: ExploredPath): string {
  return steps.map(({ step, idp, outcome }) => `step ${step} ${idp ?? outcome}`).join(', ');
}

function firstOfEachPlace(all: readonly Lacking[]): Lacking[] {
  const places = new Map<string, Lacking>();
  for (const each of all) {
    const key = `${each.step.line} ${each.step.step} ${each.path.subject?.idp}`;
    if (!places.has(key)) places.set(key, each);
  }
  return [...places.values()];
}

function warn(
  { path, step }: Lacking,
  { scriptEnabled, steps }: Flow,
  { knowledge, scope }: { knowledge: Knowledge; scope: string },
): Finding {
  const { line, column, library } = step;
  const idp = path.subject?.idp ?? '';
  const connection = listOffered(steps, knowledge)
    .flat()
    .find((option) => option.idp === idp);
  const span =
    scriptEnabled && line !== null && column !== null && library === undefined
      ? { line, column, endLine: line, endColumn: column + 'executeStep'.length }
      : null;
  return createFinding(
    'ACCOUNT_REQUIRED',
    `Somebody from connection «${idp}» who has no account here can come to step ${step.step}, which needs one: the sign-in fails there. ${scope}; on one of them: ${describeWay(path)}.`,
    {
      ...(span ? { span } : { path: `/steps/${step.step - 1}` }),
      mend: `${mendLack(idp, connection?.accountless ?? 'skipped')}, or run the step only for people with an account: if (context.steps[${path.subject?.step}].idp == 'LOCAL') { executeStep(${step.step}); }`,
    },
  );
}
