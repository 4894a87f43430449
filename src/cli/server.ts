import { type AdminApi, createAdminApi } from './admin-api.ts';
import { readFlow } from './flow-file.ts';
import { readText, UsageError } from './terminal.ts';

/** What commands that work against a server take. */
export const serverOptions = { server: { type: 'string' }, application: { type: 'string' } } as const;

export const serverOption =
  '  --server URL       the server, as http://127.0.0.1:9400; its token stands in STEPGATE_TOKEN or STEPGATE_ADMIN_TOKEN';

export const serverHelp = `${serverOption}
  --application APP  the application, by its name or id`;

/** @throws UsageError when the address or the token is missing */
export function connectTo(address: unknown): AdminApi {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('--server must be a URL such as http://127.0.0.1:9400.');
  }
  const adminToken = process.env['STEPGATE_TOKEN'] || process.env['STEPGATE_ADMIN_TOKEN'];
  if (!adminToken) throw new UsageError('the token of the server is missing: set STEPGATE_TOKEN.');
  return createAdminApi({ serverUrl: url.href.replace(/\/$/, ''), adminToken });
}

/** @throws UsageError when there is none */
export async function findApplication(api: AdminApi, nameOrId: unknown): Promise<{ id: string; name: string }> {
  if (typeof nameOrId !== 'string') throw new UsageError('--application is missing.');
  const all = await api.list('/applications');
  const found = all.find(({ id, name }) => id === nameOrId || name === nameOrId);
  if (!found) throw new UsageError(`the server has no application «${nameOrId}».`);
  return { id: found.id, name: String(found['name']) };
}

/** The flow that `--script` or `--version` names, as the API takes it; nothing where neither is given. @throws UsageError */
export function readOtherFlow({ script, version }: Record<string, unknown>): { script?: string; version?: number } {
  if (script !== undefined && version !== undefined) throw new UsageError('--script and --version exclude each other.');
  if (typeof script === 'string') return { script: readText(script) };
  if (version === undefined) return {};
  if (!/^[1-9]\d{0,8}$/.test(String(version))) throw new UsageError('--version must be a number.');
  return { version: Number(version) };
}

/** What a command tries on a server: a script and steps where files are named, else those of the draft. @throws UsageError */
export async function prepareTry({ server, application, script, flow }: Record<string, unknown>) {
  const api = connectTo(server);
  const { id } = await findApplication(api, application);
  const body = {
    ...(typeof script === 'string' ? { script: readText(script) } : {}),
    ...(typeof flow === 'string' ? { steps: readFlow(flow).steps } : {}),
  };
  return { api, id, body };
}
