import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { type AdminApi, createAdminApi } from '../../src/cli/admin-api.ts';
import { findFreePort } from '../../src/cli/demo/ports.ts';
import { readSettings } from '../../src/settings.ts';
import { sharedPool } from '../sandbox/shared-pool.ts';

const token = 'a-token-of-at-least-32-characters-for-tests';

/** A server that commands work against, with its token in the environment. */
export function useServer(): { readonly url: string; readonly api: AdminApi; readonly app: App } {
  let directory: string;
  const server = {} as { url: string; api: AdminApi; app: App };
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stepgate-cli-server-'));
    const port = await findFreePort({ host: '127.0.0.1' });
    const settings = readSettings({ PORT: String(port), STEPGATE_DATA: directory, STEPGATE_ADMIN_TOKEN: token });
    const app = await createApp({ settings, pool: sharedPool(), logLevel: 'silent' });
    await app.start();
    const url = `http://127.0.0.1:${port}`;
    Object.assign(server, { app, url, api: createAdminApi({ serverUrl: url, adminToken: token }) });
    vi.stubEnv('STEPGATE_TOKEN', token);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server.app.stop();
    await rm(directory, { recursive: true });
  });
  return server;
}
