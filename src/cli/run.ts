import { join } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ApiRefusal } from './admin-api.ts';
import { applyCommand, diffCommand, exportCommand } from './config/commands.ts';
import { dryRunCommand } from './dry-run.ts';
import { exploreCommand } from './explore.ts';
import { replayCommand } from './replay.ts';
import type { Command, Terminal } from './terminal.ts';
import { readJson, UsageError } from './terminal.ts';
import { testCommand } from './test.ts';
import { typesCommand } from './types.ts';
import { validateCommand } from './validate.ts';
import { whatIfCommand } from './what-if.ts';

const commands: readonly Command[] = [
  validateCommand,
  dryRunCommand,
  exploreCommand,
  testCommand,
  replayCommand,
  whatIfCommand,
  typesCommand,
  exportCommand,
  diffCommand,
  applyCommand,
];

/**
 * Runs one command line. @returns the exit code: 0 well, 1 the script (or its run) is not as it should be, 2 the command
 * line or a file is wrong.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...others] = args;
  if (first === undefined || (others.length === 0 && ['help', '--help', '-h'].includes(first))) {
    terminal.print(describeAll());
    return first === undefined ? 2 : 0;
  }
  if (first === '--version') {
    const { version } = readJson(join(import.meta.dirname, '../../package.json')) as { version: string };
    terminal.print(`stepgate ${version}\n`);
    return 0;
  }
  const [name, ...rest] = first === 'help' ? [others[0]!, '--help'] : [first, ...others];
  const command = commands.find((each) => each.name === name);
  if (!command) {
    terminal.complain(`stepgate: there is no command "${name}".\n\n${describeAll()}`);
    return 2;
  }
  try {
    const options: ParseArgsConfig['options'] = {
      ...command.options,
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    };
    const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true });
    if (values['help']) {
      terminal.print(command.help);
      return 0;
    }
    return await command.run({ values, files: positionals, terminal });
  } catch (failure) {
    if (failure instanceof ApiRefusal) {
      const { message = failure.message, findings = [] } = failure.problem;
      const places = findings.map(({ path, message: told }) => `  ${path ?? ''} ${told}\n`).join('');
      terminal.complain(`stepgate ${name}: ${message}\n${places}`);
      return 1;
    }
    // That is how fetch tells that it found nobody.
    if (failure instanceof TypeError && failure.cause instanceof Error) {
      terminal.complain(`stepgate ${name}: the server cannot be reached: ${failure.cause.message}\n`);
      return 2;
    }
    if ((failure as Error).name === 'TimeoutError') {
      terminal.complain(`stepgate ${name}: the server has not answered in time\n`);
      return 2;
    }
    // parseArgs throws TypeErrors with a code of their own.
    const isUsage = failure instanceof UsageError || (failure as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
    if (!isUsage) throw failure;
    const [usage] = command.help.split('\n\n');
    terminal.complain(
      `stepgate ${name}: ${(failure as Error).message}\n\n${usage}\n\nstepgate ${name} --help tells more.\n`,
    );
    return 2;
  }
}

function describeAll(): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`);
  return `Usage: stepgate COMMAND …\n\n${lines.join('\n')}\n\nstepgate COMMAND --help tells more, with examples. Every command takes --json.
Exit code: 0 well, 1 not as it should be, 2 the call is wrong. Colour only at a terminal, and never with NO_COLOR.
`;
}
