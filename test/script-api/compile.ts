import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeAuthenticators } from '../../src/authenticators/definitions.ts';
import { type TypingsSubject, writeTypings } from '../../src/script-api/typings.ts';

const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
/** As an editor of scripts is set: plain JavaScript, and nothing of a browser. */
const settings = {
  noEmit: true,
  allowJs: true,
  checkJs: true,
  target: 'es2024',
  lib: ['es2024'],
  types: [],
};

/** Step 1: a password or «Google»; step 2: an authenticator app, a mailed code or «Partner IdP». */
export const payroll: TypingsSubject = {
  steps: [
    {
      options: [
        { idp: 'LOCAL', authenticator: 'BasicAuthenticator' },
        { idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' },
      ],
    },
    {
      options: [
        { idp: 'LOCAL', authenticator: 'totp' },
        { idp: 'LOCAL', authenticator: 'email-otp-authenticator' },
        { idp: 'Partner IdP', authenticator: 'OpenIDConnectAuthenticator' },
      ],
    },
  ],
  authenticators: describeAuthenticators(),
  connections: ['Google', 'Partner IdP', 'The Other One'],
  roles: ['admin', 'manager'],
  applicationRoles: ['approver'],
  groups: ['finance'],
  libraries: ['greetings', 'dates.js'],
  secrets: ['RISK_KEY'],
};

/** The same steps where only they are known. */
export const unknown: TypingsSubject = {
  ...payroll,
  connections: null,
  roles: null,
  applicationRoles: null,
  groups: null,
  libraries: null,
  secrets: null,
};

/**
 * What the installed TypeScript says of each script, as `line:column code message`. It reads all of them at once, each as a
 * module, so that none sees the names of another; a single one is read as the script that it is.
 */
export async function compile(
  scripts: Record<string, string>,
  subject: TypingsSubject = payroll,
  { strict = false, ending = 'js' }: { strict?: boolean; ending?: 'js' | 'ts' } = {},
): Promise<Record<string, string[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-typings-'));
  const names = Object.keys(scripts);
  const files = names.map((_name, i) => `${i}.${ending}`);
  const moduleDetection = names.length > 1 ? 'force' : 'auto';
  try {
    for (const [i, file] of files.entries()) writeFileSync(join(folder, file), scripts[names[i]!]!);
    writeFileSync(join(folder, 'stepgate.d.ts'), writeTypings(subject));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...settings, strict, moduleDetection }, files: ['stepgate.d.ts', ...files] }),
    );
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [compiler, '--project', folder, '--pretty', 'false'],
      { cwd: folder },
    ).catch((failure: { stdout: string }) => failure);
    const found: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]));
    for (const line of stdout.split('\n').filter((text) => text.includes('error TS'))) {
      const [, i, row, column, says] = /^(\d+)\.[jt]s\((\d+),(\d+)\): error (.*)$/.exec(line) ?? [];
      if (i === undefined) throw new Error(`The typings themselves are wrong: ${line}`);
      found[names[Number(i)]!]!.push(`${row}:${column} ${says}`);
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
