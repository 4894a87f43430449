import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ApiRefusal } from './admin-api.ts';
import { applyCommand, diffCommand, exportCommand } from './config/commands.ts';
import { dryRunCommand } from './dry-run.ts';
import { exploreCommand } from './explore.ts';
import { replayCommand } from './replay.ts';
import type { Command, Terminal } from './terminal.ts';
import { UsageError } from './terminal.ts';
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
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help') {
    terminal.print(describeAll());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((each) => each.name === name);
  if (!command) {
    terminal.complain(`stepgate: there is no command "${name}".\n\n${describeAll()}`);
    return 2;
  }
  try {
    const options: ParseArgsConfig['options'] = {
      ...command.options,
      json: { type: 'boolean' },
      help: { type: 'boolean' },
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
    // parseArgs throws TypeErrors with a code of their own.
    const usage = failure instanceof UsageError || (failure as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
    if (!usage) throw failure;
    terminal.complain(`stepgate ${name}: ${(failure as Error).message}\n\n${command.help}`);
    return 2;
  }
}

function describeAll(): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`);
  return `Usage: stepgate COMMAND …\n\n${lines.join('\n')}\n\nstepgate COMMAND --help tells more.\n`;
}
