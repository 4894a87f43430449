import type { Entry } from '../../../sandbox/protocol.ts';
import type { DryRunAnswer } from '../../../src/lab/dry-run-types.ts';
import type { ExploredPath } from '../../../src/lab/explore/explore-types.ts';
import type { StepAnswer } from '../../../src/login/answers.ts';

/** What was asked and answered, in lines that a path, a dry run and a sign-in have in common. */

/** People go by other names where somebody else answers. */
const argsOf = (args: readonly unknown[]) => JSON.stringify(args).replace(/\{"\$user":"[^"]*"\}/g, 'user');

export function tellPath(path: ExploredPath): string[] {
  let step = 0;
  const told = path.answers.flatMap(({ kind, name, args, answer }) => {
    if (kind === 'reads') return [];
    if (kind === 'prompt') return [`prompt: ${answer === 'cancel' ? 'abort' : 'Success'}`];
    if (kind === 'call') return [`${name}${argsOf(args)}: ${answer}`];
    const { outcome, idp, authenticator, step: number } = path.steps[step++]!;
    return [`step ${number}: ${outcome === 'success' ? `${idp} ${authenticator}` : outcome}`];
  });
  return [...told, path.outcome.result];
}

/** The same of a sign-in, as its journal has it. */
export function tellJournal(journal: readonly Entry[], result: ExploredPath['outcome']['result']): string[] {
  const told = journal.flatMap(({ op, args, answer, note }) => {
    if (op === 'start' || op === 'user.load' || note) return [];
    const given = JSON.parse(args) as unknown[];
    const said = JSON.parse(answer) as Record<string, unknown>;
    if (op === 'step') {
      const { step, outcome, idp, authenticator } = said as unknown as StepAnswer;
      return [`step ${step}: ${outcome === 'success' ? `${idp} ${authenticator}` : outcome}`];
    }
    if (op === 'prompt') return [`prompt: ${said['outcome'] === 'abort' ? 'abort' : 'Success'}`];
    return [`${op}${argsOf(given)}: ${op === 'httpGet' ? said['outcome'] : answer}`];
  });
  return [...told, result];
}

/** The same of a dry run. */
export function tellRun({ trace, outcome }: DryRunAnswer): string[] {
  const told = trace.flatMap(({ kind, name, args, result }) => {
    const answer = result as Record<string, unknown>;
    if (kind === 'step') {
      const how = answer['outcome'] === 'success' ? `${answer['idp']} ${answer['authenticator']}` : answer['outcome'];
      return [`step ${args[0]}: ${how}`];
    }
    if (kind === 'prompt') return [`prompt: ${answer['outcome']}`];
    if ((kind !== 'call' && kind !== 'effect') || name === 'executeStep' || name === 'user.load') return [];
    return [`${name}${argsOf(args)}: ${name === 'httpGet' ? answer['outcome'] : JSON.stringify(answer)}`];
  });
  return [...told, outcome.result];
}
