import type { Pool } from '../../../sandbox/pool.ts';
import { type Bundle, defaultLimits, type Entry, type Limits } from '../../../sandbox/protocol.ts';
import type { SignInRule } from '../../applications/sign-in-rule.ts';
import { second } from '../../kernel/clock.ts';
import { localIdp } from '../../kernel/local-idp.ts';
import type { Flow } from '../../login/flow.ts';
import { describeRule, findBrokenRule } from '../../login/sign-in-rules.ts';
import type { ExploredPath, PropertyScript, PropertyVerdict } from './explore-types.ts';
import { accountId } from './provisioning-answers.ts';

/*
 * A property is said of each path: it holds where it is true of all of them. Where exploring was not complete, a path that
 * was not tried might break it, so it is then only not found broken.
 */

interface BuiltIn {
  name: string;
  /** Does the property mean anything in this flow? */
  concerns(flow: Pick<Flow, 'steps'>): boolean;
  holds(path: ExploredPath): boolean;
}

const builtInProperties: readonly BuiltIn[] = [
  {
    name: 'no local person ends without a factor in step 2',
    concerns: ({ steps }) => steps.length > 1,
    holds: ({ outcome, subject, steps }) =>
      outcome.result !== 'success' ||
      subject?.account !== 'local' ||
      steps.some(({ step, outcome, proves }) => step === 2 && outcome === 'success' && proves),
  },
  {
    name: 'every path that ends well passed at least one step',
    concerns: () => true,
    holds: ({ outcome, steps }) =>
      outcome.result !== 'success' || steps.some(({ outcome, proves }) => outcome === 'success' && proves),
  },
  {
    name: 'no path reaches a factor that needs an account with JIT off',
    concerns: () => true,
    holds: ({ steps }) => !steps.some(({ lacksAccount }) => lacksAccount),
  },
];

/** What is found of one property: the numbers of paths that break it, or why it could not be asked. */
interface Found {
  broken: ExploredPath[];
  problem: PropertyVerdict['problem'];
}

export async function checkProperties(
  pool: Pool,
  { paths, complete, flow }: { paths: readonly ExploredPath[]; complete: boolean; flow: Pick<Flow, 'steps'> },
  { own, rules }: { own: readonly PropertyScript[]; rules: readonly SignInRule[] },
): Promise<PropertyVerdict[]> {
  const ruled = rules.map((rule) => {
    const found = { broken: paths.filter((path) => breaksRule(path, rule)), problem: null };
    return judge(describeRule(rule), 'rule', found, paths, complete);
  });
  const verdicts = builtInProperties
    .filter(({ concerns }) => concerns(flow))
    .map(({ name, holds }) => {
      const found = { broken: paths.filter((path) => !holds(path)), problem: null };
      return judge(name, 'built-in', found, paths, complete);
    });
  verdicts.push(...ruled);
  for (const property of own) {
    verdicts.push(judge(property.name, 'own', await ask(pool, property, paths), paths, complete));
  }
  return verdicts;
}

function judge(
  name: string,
  source: PropertyVerdict['source'],
  { broken, problem }: Found,
  paths: readonly ExploredPath[],
  complete: boolean,
): PropertyVerdict {
  const shortest = broken.toSorted((a, b) => a.answers.length - b.answers.length || a.number - b.number)[0];
  const holds = problem ? null : shortest ? false : complete ? true : null;
  const verdict = problem
    ? 'not asked'
    : holds === true
      ? 'holds'
      : holds === false
        ? 'broken'
        : `not found broken in ${paths.length} paths`;
  return { name, source, holds, verdict, problem, counterexample: shortest ? { path: shortest.number } : null };
}

/** Does somebody end well on this path who does not fulfil the rule? Whoever is not known to be no member may be one. */
function breaksRule({ outcome, subject, steps, answers }: ExploredPath, rule: SignInRule): boolean {
  if (outcome.result !== 'success' || !subject) return false;
  const proofs = steps.flatMap(({ outcome, proves, idp, authenticator, amr }) =>
    outcome === 'success' && proves && idp !== null && authenticator !== null ? [{ idp, authenticator, amr }] : [],
  );
  const isMember = (group: string) =>
    !answers.some(
      ({ name, args, answer }) =>
        name === 'isMemberOfAnyOfGroups' &&
        answer === 'false' &&
        isWhoSignsIn(args[0], subject.idp) &&
        includes(args[1], group),
    );
  return findBrokenRule([rule], { subjectIdp: subject.idp, proofs, isMember }) !== null;
}

/** By the names that `personRef` gives people. What is said of others, whom a script has found, says nothing of them. */
function isWhoSignsIn(user: unknown, idp: string): boolean {
  const ref = String((user as { $user?: unknown } | null)?.$user);
  return idp === localIdp ? ref === accountId : ref.startsWith(`federated:${idp}:`);
}

function includes(list: unknown, text: string): boolean {
  return Array.isArray(list) && list.map(String).includes(text);
}

/** So many paths are asked about in one play: they are all in the child's memory. */
const chunk = 500;
const limits: Limits = {
  ...defaultLimits,
  turnCpuMs: second,
  loginCpuMs: second,
  turnWallMs: 3 * second,
  entries: chunk + 2,
  argumentBytes: 10_000_000,
};

/** The admin's own is a function of a path, and runs where scripts run: it can reach nothing, and is ended when it loops. */
async function ask(pool: Pool, { script }: PropertyScript, paths: readonly ExploredPath[]): Promise<Found> {
  const broken: ExploredPath[] = [];
  for (let from = 0; from < paths.length; from += chunk) {
    const part = paths.slice(from, from + chunk);
    const found = await askPart(pool, script, part);
    broken.push(...found.broken);
    if (found.problem) return { broken, problem: found.problem };
  }
  return { broken, problem: null };
}

async function askPart(pool: Pool, script: string, paths: readonly ExploredPath[]): Promise<Found> {
  const journal: Entry[] = [];
  const broken: ExploredPath[] = [];
  let problem: Found['problem'] = null;
  let next = 0;
  const result = await pool.play(makeBundle(script), journal, limits, async ({ op, args }) => {
    const [told] = op === 'start' ? [null] : (JSON.parse(args) as [{ holds?: boolean; threw?: string } | null]);
    const last = paths[next - 1];
    if (last && told?.holds === false) broken.push(last);
    if (last && told?.threw !== undefined) {
      problem ??= {
        code: 'SCRIPT_ERROR',
        message: `${told.threw.slice(0, 500)} (path ${last.number})`,
        path: last.number,
      };
    }
    const answer = JSON.stringify(op === 'start' ? { at: 0, seed: 1 } : problem ? null : (paths[next++] ?? null));
    journal.push({ op, args, answer });
    return { answer };
  });
  if (result.kind === 'ends' && result.verdict.result === 'error') {
    const { code, message, line, column } = result.verdict;
    const where =
      line === null ? '' : ` (line ${line}, column ${line === 1 && column ? column - before.length : column})`;
    problem = { code, message: `${message}${where}`, path: paths[next - 1]?.number ?? null };
  } else if (result.kind !== 'ends') {
    problem = {
      code: 'SCRIPT_TIMEOUT',
      message: 'It did not end in time: it takes too much CPU time, or the machine was busy.',
      path: null,
    };
  }
  return { broken, problem };
}

const before = 'var property = (';

function makeBundle(script: string): Bundle {
  return {
    script: `${before}${script}\n);
function onLoginRequest() {
  if (typeof property !== 'function') throw new TypeError('A property must be a function of a path.');
  for (var told = null, path; (path = nextPath(told)) !== null; ) {
    try {
      var holds = property(path);
      told = typeof holds === 'boolean' ? { holds: holds } : { threw: 'A property must return true or false.' };
    } catch (error) {
      told = { threw: String(error) };
    }
  }
}`,
    functions: [{ name: 'nextPath', kind: 'read' }],
    steering: [],
    steps: [],
    tenantDomain: '',
    serviceProviderName: '',
    hashKey: '',
  };
}
