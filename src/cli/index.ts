#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { runCli } from './run.ts';

const { stdin, stdout, stderr, env } = process;

process.exitCode = await runCli(process.argv.slice(2), {
  print: (text) => stdout.write(text),
  complain: (text) => stderr.write(text),
  colour: stdout.isTTY === true && !env['NO_COLOR'],
  // Back to the beginning of the line, and away with what stood there.
  ...(stderr.isTTY ? { progress: (text: string) => void stderr.write(`\r\u001b[K${text}`) } : {}),
  ...(stdin.isTTY && stdout.isTTY ? { ask } : {}),
});

/** One line at a time: between two questions the terminal is left as it was. */
async function ask(prompt: string): Promise<string | null> {
  const lines = createInterface({ input: stdin, output: stdout });
  const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
  try {
    const said = await Promise.race([lines.question(prompt), closed]);
    // Whoever ends it by Ctrl+D has typed no line break.
    if (said === null) stdout.write('\n');
    return said;
  } finally {
    lines.close();
  }
}
