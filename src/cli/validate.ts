import type { Finding } from '../validator/finding.ts';
import { hasErrors, validateFlow } from '../validator/validate.ts';
import { describeFindings } from './describe-findings.ts';
import { offlineKnowledge, readFlow } from './flow-file.ts';
import { prepareTry, serverHelp, serverOptions } from './server.ts';
import { type Command, onlyFile, paint, readText } from './terminal.ts';

export const validateCommand: Command = {
  name: 'validate',
  summary: 'says what is wrong with a script, without running it',
  options: { ...serverOptions, flow: { type: 'string' } },
  help: `Usage: stepgate validate SCRIPT [--flow FLOW.json] [--json]
       stepgate validate SCRIPT --server URL --application APP [--flow FLOW.json] [--json]

Reads a sign-in script and says what is wrong with it. Names of connections, roles, secrets and libraries are checked by a
server, against the steps of the application's draft.

  --flow FLOW.json   the steps that the script is for, {"steps": [{"options": [{"authenticator": "totp"}]}]};
                     without it: a password, then TOTP or Email OTP
${serverHelp}
  --json             the findings as JSON

Exit code: 0 no errors, 1 errors, 2 the call is wrong.

  stepgate validate scripts/mfa-for-local-users/script.js --flow scripts/mfa-for-local-users/cases.json
  stepgate validate script.js --server http://127.0.0.1:9400 --application Payroll
`,
  async run({ values, files, terminal }) {
    const file = onlyFile(files, 'SCRIPT');
    const findings = values['server'] === undefined ? validate(file, values) : await validateOnServer(file, values);
    if (values['json']) terminal.print(`${JSON.stringify({ findings }, null, 2)}\n`);
    else if (findings.length === 0) terminal.print(paint(terminal, 'green', `${file}: nothing to find\n`));
    else terminal.print(describeFindings(file, findings, terminal));
    return hasErrors(findings) ? 1 : 0;
  },
};

function validate(file: string, { flow }: Record<string, unknown>): Finding[] {
  const { steps } = readFlow(flow as string | undefined);
  return validateFlow({ steps, script: readText(file), scriptEnabled: true }, offlineKnowledge);
}

async function validateOnServer(file: string, values: Record<string, unknown>): Promise<Finding[]> {
  const { api, id, body } = await prepareTry({ ...values, script: file });
  return (await api.post(`/applications/${id}/validate`, body))['findings'] as Finding[];
}
