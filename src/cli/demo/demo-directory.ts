import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newSecret } from '../../kernel/ids.ts';

/** The file that tells demo data from real data; `npm start` refuses a directory that holds it. */
export const demoMark = 'DEMO-DATA';

/** Made at the first start and used at every later one. */
export interface DemoSecrets {
  adminToken: string;
  /** Of the server, at the demo identity provider. */
  identityProviderSecret: string;
  /** Of the demo application, at the server; null until it is registered. */
  applicationSecret: string | null;
}

export interface DemoDirectory {
  path: string;
  secrets: DemoSecrets;
  /** Where the secrets are kept (0600). */
  secretsFile: string;
  remember(changes: Partial<DemoSecrets>): Promise<void>;
}

/**
 * Opens the demo's own data directory, or makes it and marks it.
 * @throws Error when it holds something that is not marked: that may be real data.
 */
export async function openDemoDirectory(path: string): Promise<DemoDirectory> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const there = await readdir(path);
  if (there.length > 0 && !there.includes(demoMark)) {
    throw new Error(`${path} holds data that is not the demo's (no file ${demoMark}). Move it away, or remove it.`);
  }
  await writeFile(
    join(path, demoMark),
    'Data of the demo: made-up people and keys that protect nothing. Safe to delete.\n',
  );

  const secretsFile = join(path, 'demo.json');
  const kept: DemoSecrets | null = there.includes('demo.json') ? JSON.parse(await readFile(secretsFile, 'utf8')) : null;
  const directory: DemoDirectory = {
    path,
    secretsFile,
    secrets: kept ?? { adminToken: newSecret(), identityProviderSecret: newSecret(), applicationSecret: null },
    async remember(changes) {
      directory.secrets = { ...directory.secrets, ...changes };
      const next = `${secretsFile}.next`;
      await writeFile(next, `${JSON.stringify(directory.secrets, null, 2)}\n`, { mode: 0o600 });
      await rename(next, secretsFile);
    },
  };
  await directory.remember({});
  return directory;
}
