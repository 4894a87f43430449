import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { walkThrough } from '../../src/admin/reference/walk-through.ts';
import { type App, createApp } from '../../src/app.ts';
import { findFreePort } from '../../src/cli/demo/ports.ts';
import { readSettings } from '../../src/settings.ts';
import { sharedPool } from '../sandbox/shared-pool.ts';

const run = promisify(execFile);
const token = 'a-token-of-at-least-32-characters-for-tests';

let app: App;
let directory: string;
let url: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stepgate-walk-'));
  const port = await findFreePort({ host: '127.0.0.1' });
  url = `http://127.0.0.1:${port}`;
  const settings = readSettings({ PORT: String(port), STEPGATE_DATA: directory, STEPGATE_ADMIN_TOKEN: token });
  app = await createApp({ settings, pool: sharedPool(), logLevel: 'silent' });
  await app.start();
});
afterAll(async () => {
  await app.stop();
  await rm(directory, { recursive: true });
});

test('the first sign-in of the API’s reference, line by line as it stands there', async () => {
  const lines = walkThrough.map(({ shell }) => `${shell}\necho\necho ----`).join('\n');
  const script = lines
    .replace('http://127.0.0.1:9400', url)
    .replace('STEPGATE_ADMIN_TOKEN=…', `STEPGATE_ADMIN_TOKEN=${token}`);
  const { stdout, stderr } = await run('sh', ['-c', `set -u\n${script}`], { cwd: directory });
  const outputs = stdout.split('----').map((text) => text.trim());
  const [, user, connection, , , , userinfo, dryRun] = outputs;
  expect(stderr).toBe('');
  expect(JSON.parse(user ?? '')).toMatchObject({ username: 'ann', hasPassword: true });
  expect(JSON.parse(connection ?? '')).toMatchObject({ name: 'Google', issuer: 'https://accounts.google.com' });
  expect(JSON.parse(userinfo ?? '')).toMatchObject({
    sub: JSON.parse(user ?? '').subject,
    preferred_username: 'ann',
    given_name: 'Ann',
    email: 'ann@example.com',
    email_verified: false,
  });
  expect(JSON.parse(dryRun ?? '')).toMatchObject({
    outcome: { result: 'success', amr: ['pwd', 'otp'] },
    steps: [
      { step: 1, outcome: 'success' },
      { step: 2, outcome: 'fail' },
      { step: 2, outcome: 'success' },
    ],
    findings: [],
  });
});

test('an authenticator that this server does not have yet is known by its name all the same', async () => {
  const answer = await fetch(`${url}/api/v1/applications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'With passkeys',
      redirectUris: ['https://a.example/cb'],
      clientType: 'public',
      signInFlow: { steps: [{ options: [{ authenticator: 'fido' }, { authenticator: 'BasicAuthenticator' }] }] },
    }),
  });
  expect(answer.status).toBe(201);
  const { findings } = (await answer.json()) as { findings: object[] };
  expect(findings).toMatchObject([
    { code: 'AUTHENTICATOR_NOT_AVAILABLE', severity: 'warning', path: '/steps/0/options/0' },
  ]);
});
