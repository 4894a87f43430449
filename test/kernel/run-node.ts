import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a module's text in a Node process of its own and resolves with what it printed. */
export async function runNode(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return stdout;
}
