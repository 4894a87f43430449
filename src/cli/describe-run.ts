import type { DryRunAnswer, TraceItem } from '../lab/dry-run-types.ts';
import { paint, type Terminal } from './terminal.ts';

/** A run as people read it: what happened line by line, accounts, and how it ended. */
export function describeRun(
  {
    outcome,
    trace,
    provisioning,
  }: Pick<DryRunAnswer, 'trace' | 'provisioning'> & { outcome: DryRunAnswer['outcome'] | null },
  terminal: Terminal,
  /** What to tell before an item. */
  before: (item: TraceItem) => string = () => '',
): string {
  const lines = trace.map((item) => `${before(item)}${describeItem(item, terminal)}`);
  const accounts = provisioning.map(({ idp, result }) => `account of the person from ${idp}: ${result}\n`);
  return `${lines.join('')}${accounts.join('')}${outcome ? describeOutcome(outcome, terminal) : ''}`;
}

export function describeItem({ kind, name, line, args, result }: TraceItem, terminal: Terminal): string {
  const place = line === null ? '' : `line ${line}`;
  const shown =
    kind === 'log'
      ? String(args[0])
      : kind === 'call' || kind === 'effect'
        ? `${name}(${args.map(short).join(', ')})`
        : name;
  const answered =
    kind === 'log' || kind === 'end' || result === null ? '' : paint(terminal, 'dim', ` → ${short(result)}`);
  return `${place.padEnd(10)}${kind.padEnd(14)}${shown}${answered}\n`;
}

export function describeOutcome(
  { result, code, message, waitingFor }: DryRunAnswer['outcome'],
  terminal: Terminal,
): string {
  const colour = result === 'success' ? 'green' : result === 'waiting' ? 'yellow' : 'red';
  const why = waitingFor ? ` for ${short(waitingFor)}` : code ? ` ${code}: ${message}` : '';
  return `${paint(terminal, colour, `${result}${why}`)}\n`;
}

export function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
