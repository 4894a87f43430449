import { statSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkScenario } from '../admin/lab/check-scenario.ts';
import { type ScenarioRun, ScenarioSet } from '../admin/lab/scenario-schemas.ts';
import { runScenarios, tellDifference } from '../lab/run-scenarios.ts';
import type { ScenarioResult } from '../lab/scenario-types.ts';
import { checkFile, offlineKnowledge, readFlow } from './flow-file.ts';
import { type JUnitSuite, writeJUnit } from './junit.ts';
import { type Offline, withOffline } from './offline.ts';
import { connectTo, findApplication, readOtherFlow, serverHelp, serverOptions } from './server.ts';
import { type Command, paint, readJson, readText, type Terminal, UsageError } from './terminal.ts';

export const testCommand: Command = {
  name: 'test',
  summary: 'plays the scenarios of a script and compares what comes of them',
  options: {
    ...serverOptions,
    cases: { type: 'string' },
    version: { type: 'string' },
    junit: { type: 'string' },
    watch: { type: 'boolean' },
  },
  help: `Usage: stepgate test FOLDER… [--junit FILE] [--watch] [--json]
       stepgate test SCRIPT --cases CASES.json
       stepgate test --server URL --application APP [--version N]

Plays scenarios against a script and says where what comes of one is not what it expects. A folder has script.js and
cases.json; {"steps": […], "items": [{"name": …, "scenario": {…}, "expect": {"outcome": {"result": "success"}}}]}. On a
server, those that are stored beside the flow are played against its draft (or what is live), or a version.

  --cases FILE       the scenarios, where they stand elsewhere
${serverHelp}
  --version N        a published version rather than the draft
  --junit FILE       writes the results for a CI system
  --watch            plays them again whenever a file changes
  --json             the results as JSON

Exit code: 0 all pass, 1 some do not, 2 the call is wrong.

  stepgate test scripts/* --junit results.xml
  STEPGATE_TOKEN=… stepgate test --server http://127.0.0.1:9400 --application Payroll
`,
  async run({ values, files, terminal }) {
    const { server, watch: watches } = values;
    if (server !== undefined) {
      if (watches || files.length > 0) throw new UsageError('--server takes neither files nor --watch.');
      return tell([await testOnServer(values)], values, terminal);
    }
    if (files.length === 0) throw new UsageError('FOLDER is missing.');
    const targets = files.map((file) => findTarget(file, values['cases'] as string | undefined));
    return withOffline(async (offline) => {
      const once = async () => {
        const suites: JUnitSuite[] = [];
        for (const target of targets) suites.push(await testFiles(target, offline));
        return tell(suites, values, terminal);
      };
      return watches ? again(targets, once, terminal) : once();
    });
  },
};

interface Target {
  name: string;
  script: string;
  cases: string;
}

function findTarget(file: string, cases: string | undefined): Target {
  if (cases !== undefined) return { name: file, script: file, cases };
  const isFolder = statSync(file, { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder) throw new UsageError(`${file} is no folder with script.js and cases.json; name the cases by --cases.`);
  return { name: file, script: join(file, 'script.js'), cases: join(file, 'cases.json') };
}

async function testFiles({ name, script: file, cases }: Target, { play }: Offline): Promise<JUnitSuite> {
  const flow = readFlow(cases);
  const { items } = checkFile(ScenarioSet, { items: (readJson(cases) as { items?: unknown }).items }, cases);
  const script = readText(file);
  const results = await runScenarios(items, (scenario) => play({ ...flow, script }, scenario));
  const findings = await Promise.all(
    items.map(({ scenario }, i) =>
      checkScenario(scenario, {
        flow,
        knowledge: offlineKnowledge,
        personExists: null,
        path: `/items/${i}/scenario`,
      }),
    ),
  );
  return { name, cases: results.map((result, i) => toCase({ ...result, findings: findings[i]! })) };
}

async function testOnServer({ server: address, application, version }: Record<string, unknown>): Promise<JUnitSuite> {
  const server = connectTo(address);
  const { id, name } = await findApplication(server, application);
  const { items } = await server.post(`/applications/${id}/scenarios/run`, readOtherFlow({ version }));
  return { name, cases: (items as ScenarioRun['items']).map(toCase) };
}

function toCase(result: ScenarioResult & { findings: readonly { message: string; path?: string }[] }) {
  const { name, outcome, differences, findings } = result;
  const untold = outcome ? [] : ['there was no time to play it'];
  const told = findings.map(({ path, message }) => `${path ?? ''} ${message}`.trim());
  return { name, problems: [...untold, ...told, ...differences.map(tellDifference)] };
}

function tell(suites: readonly JUnitSuite[], values: Record<string, unknown>, terminal: Terminal): number {
  const { junit } = values;
  if (typeof junit === 'string') writeFileSync(junit, writeJUnit(suites));
  const all = suites.flatMap(({ cases }) => cases);
  const failed = all.filter(({ problems }) => problems.length > 0).length;
  if (values['json']) terminal.print(`${JSON.stringify({ passes: failed === 0, suites }, null, 2)}\n`);
  else
    terminal.print(
      `${suites.map((suite) => describeSuite(suite, terminal)).join('')}${sum(all.length, failed, terminal)}`,
    );
  return failed === 0 ? 0 : 1;
}

function describeSuite({ name, cases }: JUnitSuite, terminal: Terminal): string {
  const lines = cases.map(({ name: of, problems }) => {
    const mark = problems.length === 0 ? paint(terminal, 'green', '✓') : paint(terminal, 'red', '✗');
    return `  ${mark} ${of}\n${problems.map((problem) => `      ${problem}\n`).join('')}`;
  });
  return `${paint(terminal, 'bold', name)}\n${lines.join('')}`;
}

function sum(all: number, failed: number, terminal: Terminal): string {
  const text = failed === 0 ? `${all} passed` : `${failed} of ${all} failed`;
  return `${paint(terminal, failed === 0 ? 'green' : 'red', text)}\n`;
}

/** Tests again after each change, until the command is told to stop. @returns the exit code of the last time */
async function again(targets: readonly Target[], once: () => Promise<number>, terminal: Terminal): Promise<number> {
  const ended = Promise.withResolvers<void>();
  let changed = Promise.withResolvers<void>();
  const folders = new Set(targets.flatMap(({ script, cases }) => [dirname(script), dirname(cases)]));
  const watchers = [...folders].map((folder) => watch(folder, () => changed.resolve()));
  terminal.stop?.addEventListener('abort', () => ended.resolve(), { once: true });
  let code = 0;
  try {
    while (!terminal.stop?.aborted) {
      changed = Promise.withResolvers();
      // A file on its way to be written may be broken: that is told, and waited for.
      code = await once().catch((failure: unknown) => {
        if (!(failure instanceof UsageError)) throw failure;
        terminal.complain(`${failure.message}\n`);
        return 2;
      });
      terminal.print(paint(terminal, 'dim', 'waiting for changes; Ctrl+C ends\n'));
      await Promise.race([changed.promise, ended.promise]);
    }
  } finally {
    for (const watcher of watchers) watcher.close();
  }
  return code;
}
