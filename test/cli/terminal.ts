import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { runCli } from '../../src/cli/run.ts';

/** A folder of the test file's own, and a command line that prints into texts. */
export function useTerminal() {
  const directory = mkdtempSync(join(tmpdir(), 'stepgate-cli-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  return {
    directory,
    write(name: string, content: unknown): string {
      const file = join(directory, name);
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    async run(...args: string[]) {
      let out = '';
      let err = '';
      const code = await runCli(args, {
        print: (text) => (out += text),
        complain: (text) => (err += text),
        colour: false,
      });
      return { code, out, err };
    },
  };
}
