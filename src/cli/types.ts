import { existsSync, writeFileSync } from 'node:fs';
import { describeAuthenticators } from '../authenticators/definitions.ts';
import { writeTypings } from '../script-api/typings.ts';
import { listOffered } from '../validator/offered.ts';
import { offlineKnowledge, readFlow } from './flow-file.ts';
import { connectTo, findApplication, serverHelp, serverOptions } from './server.ts';
import { type Command, readText, UsageError } from './terminal.ts';

export const typesCommand: Command = {
  name: 'types',
  summary: 'prints the typings that an editor checks scripts with',
  options: { ...serverOptions, flow: { type: 'string' }, out: { type: 'string' } },
  help: `Usage: stepgate types [--flow FLOW.json] [--out FILE]
       stepgate types --server URL --application APP [--out FILE]

Prints TypeScript declarations (.d.ts) of everything that a sign-in script may say. Names of connections and roles are any
text: only a server knows them, and tells them with --server.

  --flow FLOW.json   the steps that the script is for, {"steps": [{"options": [{"authenticator": "totp"}]}]};
                     without it: a password, then TOTP or Email OTP
${serverHelp}
  --out FILE         writes them there, unless they stand there already
  --json             {"typings": …}

Exit code: 0 done, 1 the server refuses something, 2 the call is wrong.

  stepgate types --flow scripts/mfa-for-local-users/cases.json --out stepgate.d.ts
  stepgate types --server http://127.0.0.1:9400 --application Payroll --out stepgate.d.ts
`,
  async run({ values, files, terminal }) {
    if (files.length > 0) throw new UsageError('types takes no file.');
    const { server, application, flow, out } = values as Record<string, string | undefined>;
    if (server !== undefined && flow !== undefined) throw new UsageError('--server knows the flow; leave --flow out.');
    const typings = server === undefined ? writeOffline(flow) : await readTypings(server, application);
    if (values['json']) terminal.print(`${JSON.stringify({ typings }, null, 2)}\n`);
    else if (out === undefined) terminal.print(typings);
    // An editor reads a file again that is written again.
    else if (!existsSync(out) || readText(out) !== typings) writeFileSync(out, typings);
    return 0;
  },
};

async function readTypings(server: string, application: string | undefined): Promise<string> {
  const api = connectTo(server);
  const { id } = await findApplication(api, application);
  return api.getText(`/applications/${id}/script-typings`);
}

function writeOffline(flow: string | undefined): string {
  const steps = listOffered(readFlow(flow).steps, offlineKnowledge).map((options) => ({
    options: options.map(({ idp, authenticator }) => ({ idp, authenticator })),
  }));
  const unknown = {
    connections: null,
    roles: null,
    applicationRoles: null,
    groups: null,
    libraries: null,
    secrets: null,
  };
  return writeTypings({ steps, authenticators: describeAuthenticators(), ...unknown });
}
