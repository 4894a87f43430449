import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

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
    run: (...args: string[]) => runWith({}, args),
    /** Somebody sits before the terminal and types these lines, and then nothing more. */
    runTyping(lines: readonly string[], ...args: string[]) {
      const rest = [...lines];
      return runWith({ ask: async () => rest.shift() ?? null }, args);
    },
  };
}

async function runWith(more: Pick<Terminal, 'ask'>, args: readonly string[]) {
  let out = '';
  let err = '';
  const code = await runCli(args, {
    print: (text) => (out += text),
    complain: (text) => (err += text),
    colour: false,
    ...more,
  });
  return { code, out, err };
}
