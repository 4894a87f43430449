import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { demoMark, openDemoDirectory } from '../../src/cli/demo/demo-directory.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'demo-directory-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a new directory is marked, and its secrets stay the same', async () => {
  const path = join(directory, 'new');
  const first = await openDemoDirectory(path);
  expect(await readdir(path)).toEqual(expect.arrayContaining([demoMark, 'demo.json']));
  expect(first.secrets.adminToken.length).toBeGreaterThanOrEqual(32);
  await first.remember({ applicationSecret: 'told once' });
  expect((await openDemoDirectory(path)).secrets).toEqual({ ...first.secrets, applicationSecret: 'told once' });
  expect((await stat(first.secretsFile)).mode & 0o777).toBe(0o600);
});

test('data without the mark is left alone', async () => {
  await writeFile(join(directory, 'stepgate.db'), 'real');
  await expect(openDemoDirectory(directory)).rejects.toThrow(/no file DEMO-DATA/);
  expect(await readdir(directory)).toEqual(['stepgate.db']);
  expect(await readFile(join(directory, 'stepgate.db'), 'utf8')).toBe('real');
});

test('the server alone refuses marked data, and leaves it as it is', async () => {
  const path = join(directory, 'new');
  await openDemoDirectory(path);
  const before = await readdir(path);
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const started = promisify(execFile)(process.execPath, [main], { env: { STEPGATE_DATA: path, PORT: '0' } });
  await expect(started).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('which belongs to the demo'),
  });
  expect(await readdir(path)).toEqual(before);
});
