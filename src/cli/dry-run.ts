import { checkScenario } from '../admin/lab/check-scenario.ts';
import { type DryRunAnswer, Scenario } from '../lab/dry-run-types.ts';
import type { Finding } from '../validator/finding.ts';
import { hasErrors, validateFlow } from '../validator/validate.ts';
import { describeFindings } from './describe-findings.ts';
import { describeRun, tellMissing } from './describe-run.ts';
import { checkFile, offlineKnowledge, readFlow } from './flow-file.ts';
import { withOffline } from './offline.ts';
import { prepareTry, serverHelp, serverOptions } from './server.ts';
import { type Command, onlyFile, paint, readJson, readText, UsageError } from './terminal.ts';

export const dryRunCommand: Command = {
  name: 'dry-run',
  summary: 'runs a script against a scenario; nothing is written or sent',
  options: { ...serverOptions, flow: { type: 'string' }, scenario: { type: 'string' } },
  help: `Usage: stepgate dry-run SCRIPT --scenario SCENARIO.json [--flow FLOW.json] [--json]
       stepgate dry-run [SCRIPT] --scenario SCENARIO.json --server URL --application APP [--flow FLOW.json] [--json]

Runs a sign-in script on the real engine, with the scenario in place of the world: who passes which step, what functions
answer, what time it is. What the scenario does not answer ends the run as «waiting», and it is told what for. On a server,
its people, connections and libraries are there, and the draft where no SCRIPT is given; nothing is touched.

  --scenario FILE    {"steps": {"1": [{"outcome": "success", "idp": "LOCAL", "user": {"username": "ann"}}]}}
  --flow FLOW.json   the steps that the script is for; without it: a password, then TOTP or Email OTP
${serverHelp}
  --json             the whole answer as JSON

Exit code: 0 signed in, 1 any other end or an error in the scenario, 2 the call is wrong.

  stepgate dry-run script.js --scenario local.json --flow flow.json
  stepgate dry-run --scenario local.json --server http://127.0.0.1:9400 --application Payroll
`,
  async run({ values, files, terminal }) {
    const file = values['scenario'];
    if (typeof file !== 'string') throw new UsageError('--scenario is missing.');
    const scenario = checkFile(Scenario, readJson(file), file);
    const { findings, ...answer } = values['server'] === undefined ? await runOffline() : await runOnServer();
    if (values['json']) terminal.print(`${JSON.stringify({ ...answer, findings }, null, 2)}\n`);
    else {
      const { waitingFor } = answer.outcome;
      const hint = waitingFor && `to go on, add to the scenario: ${JSON.stringify(tellMissing(waitingFor).scenario)}\n`;
      const told = describeFindings(file, inScenario(findings), terminal);
      terminal.print(`${describeRun(answer, terminal)}${hint ? paint(terminal, 'dim', hint) : ''}${told}`);
    }
    return answer.outcome.result === 'success' && !hasErrors(inScenario(findings)) ? 0 : 1;

    async function runOffline(): Promise<Tried> {
      const script = readText(onlyFile(files, 'SCRIPT'));
      const flow = readFlow(values['flow'] as string | undefined);
      const about = { flow, knowledge: offlineKnowledge, personExists: null, path: inContent };
      const findings = [
        ...validateFlow({ ...flow, script, scriptEnabled: true }, offlineKnowledge),
        ...(await checkScenario(scenario, about)),
      ];
      return { ...(await withOffline(({ play }) => play({ ...flow, script }, scenario))), findings };
    }

    async function runOnServer(): Promise<Tried> {
      const script = files.length === 0 ? undefined : onlyFile(files, 'SCRIPT');
      const { api, id, body } = await prepareTry({ ...values, script });
      return (await api.post(`/applications/${id}/dry-run`, { ...body, scenario })) as unknown as Tried;
    }
  },
};

type Tried = DryRunAnswer & { findings: Finding[] };

/** Where the scenario stands in what the API takes. */
const inContent = '/scenario';

/** What is wrong with the scenario, by its places in the file; what is wrong with the script, `validate` tells. */
function inScenario(findings: readonly Finding[]): Finding[] {
  return findings
    .filter(({ path }) => path?.startsWith(inContent))
    .map((finding) => ({ ...finding, path: finding.path!.slice(inContent.length) }));
}
