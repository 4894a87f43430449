import { connectTo, serverOption, serverOptions } from '../server.ts';
import { type Command, onlyFile } from '../terminal.ts';
import { readFolder, writeFolder } from './folder.ts';
import { activeOf, carryOut, describePlan, makePlan, readServer } from './plan.ts';
import { settleSecrets } from './secrets.ts';

const layout = `  groups.json, roles.json, secrets.json, script-libraries/NAME, prompt-templates/NAME.json, mail-templates/NAME.json,
  connections/NAME.json, applications/NAME/{application.json, flow.json, script.js, scenarios.json}`;

export const exportCommand: Command = {
  name: 'export',
  summary: 'writes a server’s configuration to files',
  options: { server: serverOptions.server },
  help: `Usage: stepgate export FOLDER --server URL [--json]

Writes the configuration of a server to files, for Git: what is live, without people and drafts. The same configuration
always makes the same files. Of a secret they say where its value is to be read when they are applied, and never the value:
{"fromEnv": "NAME"}, or {"fromFile": "PATH"} (from the folder on), which you may write in its place.

${layout}

${serverOption}
  --json             the names of the files that have changed

Exit code: 0 done, or nothing to do; 1 the server refuses something; 2 the call is wrong.

  stepgate export config --server http://127.0.0.1:9400
`,
  async run({ values, files, terminal }) {
    const folder = onlyFile(files, 'FOLDER');
    const touched = writeFolder(folder, await readServer(connectTo(values['server'])));
    if (values['json']) terminal.print(`${JSON.stringify({ files: touched }, null, 2)}\n`);
    else terminal.print(touched.length === 0 ? 'nothing has changed\n' : touched.map((file) => `${file}\n`).join(''));
    return 0;
  },
};

export const diffCommand: Command = {
  name: 'diff',
  summary: 'says what apply would do',
  options: { server: serverOptions.server, prune: { type: 'boolean' }, 'force-secrets': { type: 'boolean' } },
  help: `Usage: stepgate diff FOLDER --server URL [--prune] [--json]

Compares files with a server and says what apply would do, without doing it. Of secrets it is told that they are another,
and never what they are.

${serverOption}
  --prune            counts what is on the server alone as to be deleted
  --force-secrets    counts every secret as one that is to be set again
  --json             the plan as JSON

Exit code: 0 there is nothing to do, 1 there is, 2 the call is wrong.

  stepgate diff config --server http://127.0.0.1:9400
`,
  async run({ values, files, terminal }) {
    const { how, plan, notes } = await prepare(values, files);
    const active = activeOf(plan, how);
    terminal.print(values['json'] ? toJson(active, notes) : describePlan(plan, how, notes, terminal));
    return active.length === 0 ? 0 : 1;
  },
};

export const applyCommand: Command = {
  name: 'apply',
  summary: 'makes a server as files say',
  options: {
    server: serverOptions.server,
    prune: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    'force-secrets': { type: 'boolean' },
  },
  help: `Usage: stepgate apply FOLDER --server URL [--prune] [--dry-run] [--json]

Makes the configuration of a server as files say: makes what is missing, and changes what is otherwise. What a file does
not say is left alone. Flows are published, after their scenarios have been played. Applied twice, it does nothing.

${layout}

${serverOption}
  --prune            deletes what is on the server alone
  --force-secrets    sets every secret again, also to the value that it has
  --dry-run          says what would be done
  --json             the plan as JSON

Secrets are read where the files say ({"fromEnv": "NAME"} or {"fromFile": "PATH"}), and set where the server has another
value; it is asked, and tells no more than that. One that cannot be read here is left as it is, or cannot be made. The client
secret of an application that is made is printed, once.

Exit code: 0 done, or nothing to do; 1 the server refuses something; 2 the call is wrong.

  STEPGATE_CLIENT_SECRET_GOOGLE=… stepgate apply config --server http://127.0.0.1:9400
`,
  async run({ values, files, terminal }) {
    const { api, how, plan, notes } = await prepare(values, files);
    const active = activeOf(plan, how);
    if (!values['json']) terminal.print(describePlan(plan, how, notes, terminal));
    const told = values['dry-run'] ? [] : await carryOut(api, active);
    if (values['json']) terminal.print(toJson(active, notes, told));
    else terminal.print(told.map((text) => `${text}\n`).join(''));
    return 0;
  },
};

async function prepare(values: Record<string, unknown>, files: readonly string[]) {
  const how = { prune: values['prune'] === true };
  const folder = onlyFile(files, 'FOLDER');
  const read = readFolder(folder);
  const api = connectTo(values['server']);
  const stored = await readServer(api);
  const { wanted, notes } = await settleSecrets(api, read, stored, { folder, force: values['force-secrets'] === true });
  return { api, how, plan: makePlan(wanted, stored), notes };
}

function toJson(plan: ReturnType<typeof activeOf>, notes: readonly string[], told: readonly string[] = []): string {
  const actions = plan.map((action) => ({
    do: action.do,
    kind: action.kind.name,
    name: action.item.name,
    ...(action.do === 'change' ? { changes: action.told } : {}),
  }));
  return `${JSON.stringify({ actions, ...(notes.length > 0 ? { notes } : {}), ...(told.length > 0 ? { told } : {}) }, null, 2)}\n`;
}
