import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { beginsSignIn, comesThroughGoogle, loginIdOf, typesPassword } from '../stories/moves.ts';
import { startWorld, type World } from '../stories/world.ts';
import { useTerminal } from './terminal.ts';

/*
 * What README shows of a shell is what comes of it: `$ cat FILE` makes the file, `$ npx stepgate …` is run, in their order.
 * WRITE_README=1 writes what came.
 */

const { directory, run } = useTerminal();
const readme = new URL('../../README.md', import.meta.url);
const text = readFileSync(readme, 'utf8');
const adminToken = 'an-admin-token-that-is-long-enough';
let world: World;
let login: string;

interface Shown {
  command: string;
  output: string;
}

const shown: Shown[] = [...text.matchAll(/^```\n(\$ [\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => ({
      command: part.slice(0, part.indexOf('\n')),
      output: part.slice(part.indexOf('\n') + 1),
    })),
);

beforeAll(async () => {
  vi.stubEnv('STEPGATE_TOKEN', adminToken);
  vi.stubEnv('STEPGATE_CLIENT_SECRET_GOOGLE', 'a secret between the two of them');
  world = await startWorld({ env: { STEPGATE_ADMIN_TOKEN: adminToken } });
  await world.addUser('ann');
  for (let n = 0; n < 3; n++) await typesPassword(await beginsSignIn(world), 'ann');
  const grace = await beginsSignIn(world);
  login = loginIdOf(grace);
  await comesThroughGoogle(grace);
  const mission = readFileSync('scripts/mfa-for-local-users/script.js', 'utf8');
  writeFileSync(join(directory, 'careless.js'), mission.replace("'LOCAL'", "'local'"));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await world?.close();
});

/** What is another one each time. */
const timeless = (output: string) => output.replace(/in \d+\.\d s$/m, 'in 0.1 s');

async function carryOut({ command, output }: Shown): Promise<string> {
  const [program, ...words] = command.replace(/ +#.*$/, '').split(' ');
  if (program === 'cat') {
    writeFileSync(join(directory, words[0]!), output);
    return output;
  }
  const args = words.slice(1).map((word) => {
    if (word === 'LOGIN') return login;
    if (word.startsWith('http://')) return world.url;
    return /^[\w.]+$/.test(word) && (word === 'config' || /\.(?:json|js)$/.test(word)) ? join(directory, word) : word;
  });
  const { out, err } = await run(...args);
  if (args[0] === 'export') changeScript();
  return timeless(`${out}${err}`).replaceAll(`${directory}/`, '');
}

/** What README says was done between the export and the diff. */
function changeScript(): void {
  const script = join(directory, 'config/applications/Payroll/script.js');
  writeFileSync(script, readFileSync(script, 'utf8').replace("== 'LOCAL'", "!= 'Google'"));
}

describe('README', () => {
  it('shows a shell', () => {
    expect(shown.filter(({ command }) => command.startsWith('npx stepgate')).length).toBeGreaterThan(9);
  });

  it.each(shown.map((one) => [one.command, one] as const))('$ %s', async (_command, one) => {
    const output = await carryOut(one);
    if (process.env['WRITE_README']) {
      const now = readFileSync(readme, 'utf8');
      writeFileSync(
        readme,
        now.replace(`$ ${one.command}\n${one.output}`, () => `$ ${one.command}\n${output}`),
      );
    } else expect(output).toBe(timeless(one.output));
  });
});
