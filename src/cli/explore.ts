import { writeFileSync } from 'node:fs';
import { Type } from 'typebox';
import { mostPaths } from '../admin/lab/explore.ts';
import { second } from '../kernel/clock.ts';
import { drawGraph } from '../lab/explore/draw.ts';
import { type Exploration, type ExploredPath, PropertyScript } from '../lab/explore/explore-types.ts';
import { checkFile, readFlow } from './flow-file.ts';
import { withOffline } from './offline.ts';
import {
  type CaseStore,
  type Counterexample,
  casesFile,
  draftScenarios,
  saveCounterexamples,
} from './save-counterexample.ts';
import { prepareTry, serverHelp, serverOptions } from './server.ts';
import { type Command, onlyFile, paint, readJson, readText, type Terminal, UsageError } from './terminal.ts';

/** As `properties.json` beside a shipped script; those without a script are asked anyway. */
const PropertiesFile = Type.Object({
  properties: Type.Array(
    Type.Object({ name: Type.String(), script: Type.Optional(PropertyScript.properties.script) }),
    { maxItems: 50 },
  ),
});

export const exploreCommand: Command = {
  name: 'explore',
  summary: 'finds every path of a script, draws them, and proves what holds on all of them',
  options: {
    ...serverOptions,
    flow: { type: 'string' },
    properties: { type: 'string' },
    svg: { type: 'string' },
    'jit-off': { type: 'string', multiple: true },
    paths: { type: 'string' },
    seconds: { type: 'string' },
    'save-counterexample': { type: 'string' },
  },
  help: `Usage: stepgate explore SCRIPT [--flow FLOW.json] [--properties FILE.json] [--svg OUT.svg] [--json]
       stepgate explore [SCRIPT] --server URL --application APP [--flow FLOW.json] [--properties FILE.json] [--json]
       stepgate explore … --save-counterexample FILE.json|NAME

Plays a sign-in script on the real engine with every answer to every call: each option of a step passed, failed and
cancelled, each result of a function. Says which lines run, which steps are never reached, where the script breaks, and which
properties hold on all paths. Where not all paths can be tried (a script that reads the clock, an address, a claim), it says
where, and proves nothing. On a server, its connections and libraries are there, the rules of the application are asked too,
and it is the draft where no SCRIPT is given.

  --flow FLOW.json   the steps that the script is for; without it: a password, then TOTP or Email OTP
  --properties FILE  your own: {"properties": [{"name": "…", "script": "(path) => path.steps.length > 0"}]}
  --svg OUT.svg      draws the graph: what is asked, and where each answer leads
  --jit-off NAME     the connection makes no accounts (Just-in-Time provisioning is off), as "jitOff": ["NAME"] in the
                     flow's file says; may be given again, and not with --server, which knows
  --save-counterexample FILE|NAME
                     keeps the shortest path of each broken property as a scenario, which expects what comes of it now: in
                     a file such as cases.json, which is made where there is none; with --server by this name beside the
                     draft. stepgate test plays it, and it fails once the script is mended: then write what is right
  --paths N          at most so many paths [10000]
  --seconds N        at most so long [10]
${serverHelp}
  --json             everything as JSON

Exit code: 0 nothing is wrong, 1 a property is broken or a path breaks, 2 the call is wrong.

  stepgate explore scripts/mfa-for-local-users/script.js --flow scripts/mfa-for-local-users/cases.json --svg paths.svg
  stepgate explore script.js --flow cases.json --save-counterexample cases.json
  stepgate explore --server http://127.0.0.1:9400 --application Payroll --save-counterexample 'in without a factor'
`,
  async run({ values, files, terminal }) {
    const properties = readProperties(values['properties'] as string | undefined);
    const paths = readCount(values, 'paths');
    const seconds = readCount(values, 'seconds');
    const target = values['save-counterexample'] as string | undefined;
    const { found, saved } = values['server'] === undefined ? await exploreOffline() : await exploreOnServer();
    const svg = values['svg'];
    if (typeof svg === 'string') {
      writeFileSync(svg, drawGraph(found.graph, `Paths of ${files[0] ?? values['application']}`));
    }
    terminal.print(values['json'] ? `${JSON.stringify(found, null, 2)}\n` : describeExploration(found, terminal));
    if (target !== undefined) (values['json'] ? terminal.complain : terminal.print)(describeSaved(saved, target));
    const isWrong =
      found.failing.length > 0 || found.properties.some(({ holds, problem }) => holds === false || problem);
    return isWrong ? 1 : 0;

    async function exploreOffline(): Promise<Explored> {
      const script = readText(onlyFile(files, 'SCRIPT'));
      const read = readFlow(values['flow'] as string | undefined);
      const jitOff = [...new Set([...(read.jitOff ?? []), ...((values['jit-off'] ?? []) as string[])])];
      const file = { ...read, ...(jitOff.length > 0 ? { jitOff } : {}) };
      const flow = { ...file, script };
      const bounds = {
        ...(paths === null ? {} : { paths }),
        ...(seconds === null ? {} : { timeMs: seconds * second }),
      };
      return withOffline(async ({ explore, play }) => {
        const store = target === undefined ? null : casesFile(target, file, (scenario) => play(flow, scenario));
        return keep(await explore(flow, { properties, bounds }), store);
      });
    }

    async function exploreOnServer(): Promise<Explored> {
      if (values['jit-off'] !== undefined) throw new UsageError('--server knows its connections: leave --jit-off out.');
      const script = files.length === 0 ? undefined : onlyFile(files, 'SCRIPT');
      const { api, id, body } = await prepareTry({ ...values, script });
      const store = target === undefined ? null : draftScenarios(api, id, { name: target, body });
      const bounds = { ...(paths === null ? {} : { paths }), ...(seconds === null ? {} : { seconds }) };
      // What is told of paths counts them: all are asked for.
      const asked = { ...body, properties, bounds, showPaths: mostPaths };
      return keep((await api.post(`/applications/${id}/explore`, asked)) as unknown as Exploration, store);
    }
  },
};

interface Explored {
  found: Exploration;
  saved: readonly Counterexample[];
}

async function keep(found: Exploration, store: CaseStore | null): Promise<Explored> {
  return { found, saved: store ? await saveCounterexamples(found, store) : [] };
}

function describeSaved(saved: readonly Counterexample[], target: string): string {
  if (saved.length === 0) return 'no property is broken: there is no counterexample to save\n';
  return saved
    .map(({ property, kept }) =>
      kept ? `saved to ${target}: ${kept.name}\n` : `not saved: ${property}: a dry run of it goes another way\n`,
    )
    .join('');
}

function readProperties(file: string | undefined): PropertyScript[] {
  if (file === undefined) return [];
  const { properties } = checkFile(PropertiesFile, readJson(file), file);
  return properties.flatMap(({ name, script }) => (script === undefined ? [] : { name, script }));
}

function readCount(values: Record<string, unknown>, name: string): number | null {
  const given = values[name];
  if (given === undefined) return null;
  if (/^[1-9]\d{0,5}$/.test(String(given))) return Number(given);
  throw new UsageError(`--${name} must be a number from 1 to 999999, and ${given} was given.`);
}

function describeExploration(found: Exploration, terminal: Terminal): string {
  const { complete, method, open, cut, paths, coverage, unreachableSteps, failing, properties } = found;
  const { lines, branches } = coverage;
  const ends = (result: ExploredPath['outcome']['result']) =>
    paths.filter(({ outcome }) => outcome.result === result).length;
  return [
    paint(terminal, complete ? 'green' : 'yellow', method),
    `${ends('success')} sign in, ${ends('failure')} are refused, ${ends('error')} break, ${ends('cut')} were not followed to their end`,
    ...open.map(({ what, why, line }) => paint(terminal, 'yellow', `open: ${what}${at(line)}: ${why}`)),
    ...cut.map(({ message, line }) => paint(terminal, 'yellow', `cut${at(line)}: ${message}`)),
    `${lines.visited} of ${lines.total} lines and ${branches.visited} of ${branches.total} branches ran${lines.missed.length > 0 ? `; lines that never do: ${lines.missed.join(', ')}` : ''}`,
    ...unreachableSteps.map((step) =>
      paint(terminal, 'yellow', `step ${step} is ${complete ? 'never reached' : 'not reached'}`),
    ),
    ...failing.map(
      ({ code, message, line, path }) =>
        paint(terminal, 'red', `breaks${at(line)}: ${code}: ${message}`) + way(paths, path),
    ),
    ...properties.map((property) => describeProperty(property, paths, terminal)),
    '',
  ].join('\n');
}

function describeProperty(
  { name, holds, verdict, counterexample, problem }: Exploration['properties'][number],
  paths: readonly ExploredPath[],
  terminal: Terminal,
): string {
  const colour = holds ? 'green' : holds === false || problem ? 'red' : 'yellow';
  const why = problem ? `: ${problem.code}: ${problem.message}` : '';
  return `${paint(terminal, colour, verdict)}: ${name}${why}${counterexample ? way(paths, counterexample.path) : ''}`;
}

function way(paths: readonly ExploredPath[], number: number): string {
  const path = paths.find((each) => each.number === number)!;
  const asked = path.answers.filter(({ of, kind }) => of > 1 || kind === 'step');
  const told = asked.map(({ kind, name, args, answer, line }) => {
    const what = kind === 'step' ? `step ${args[0]}` : name;
    return `\n    line ${line}: ${what} → ${answer}`;
  });
  const { result, code } = path.outcome;
  const codes = path.endsWithoutAccount?.join(' or ') ?? code;
  return `${told.join('')}\n    ${result}${codes === null ? '' : ` ${codes}`}`;
}

function at(line: number | null): string {
  return line === null ? '' : ` in line ${line}`;
}
