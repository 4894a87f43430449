import { readFileSync } from 'node:fs';
import type { ParseArgsConfig } from 'node:util';

export interface Terminal {
  print(text: string): void;
  complain(text: string): void;
  colour: boolean;
  /** How far something has come, in place of what was told before. Not there where nobody looks on. */
  progress?(text: string): void;
  /** Asks whoever sits before it for a line; null when there will be none. Not there where nobody does. */
  ask?(prompt: string): Promise<string | null>;
  /** Ends a command that would go on for ever. */
  stop?: AbortSignal;
}

export interface Command {
  name: string;
  summary: string;
  /** Usage, options, exit codes, examples. */
  help: string;
  options: NonNullable<ParseArgsConfig['options']>;
  run(call: { values: Record<string, unknown>; files: string[]; terminal: Terminal }): Promise<number>;
}

/** The command line, or a file that it names, is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (failure) {
    throw new UsageError(`${file} cannot be read: ${(failure as Error).message}`);
  }
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readText(file));
  } catch (failure) {
    if (failure instanceof UsageError) throw failure;
    throw new UsageError(`${file} is not JSON: ${(failure as Error).message}`);
  }
}

/** The one file that a command takes. */
export function onlyFile(files: readonly string[], what: string): string {
  const [file, ...more] = files;
  if (file === undefined) throw new UsageError(`${what} is missing.`);
  if (more.length > 0) throw new UsageError(`one ${what} is taken, and ${files.length} were given.`);
  return file;
}

const codes = { red: 31, yellow: 33, green: 32, dim: 2, bold: 1 } as const;

export function paint({ colour }: Terminal, how: keyof typeof codes, text: string): string {
  return colour ? `\u001b[${codes[how]}m${text}\u001b[0m` : text;
}
