import { localIdp } from '../kernel/local-idp.ts';
import type { DryRunAnswer, TraceItem } from '../lab/dry-run-types.ts';
import { paint, type Terminal } from './terminal.ts';

type Outcome = DryRunAnswer['outcome'];

/** A run as people read it: what happened line by line, how it ended, and what became of accounts. */
export function describeRun(
  {
    outcome,
    trace,
    steps,
    provisioning,
  }: Pick<DryRunAnswer, 'trace' | 'steps' | 'provisioning'> & { outcome: Outcome | null },
  terminal: Terminal,
  /** What to tell before an item. */
  before: (item: TraceItem) => string = () => '',
): string {
  return [
    ...trace.map((item) => `${before(item)}${describeItem(item, terminal, outcome)}`),
    describeAttempts(trace, steps),
    ...provisioning.map((one) => describeAccount(one, terminal)),
  ].join('');
}

/** @param outcome how the run ended, where that is known: the end is told by it */
export function describeItem(item: TraceItem, terminal: Terminal, outcome: Outcome | null = null): string {
  const { kind, line, library } = item;
  const place = line === null ? '' : `line ${line}`;
  const what = kind === 'end' && outcome ? describeOutcome(outcome, terminal) : showItem(item, terminal);
  return `${place.padEnd(10)}${kind.padEnd(14)}${what}${library === undefined ? '' : ` (in ${library})`}\n`;
}

function showItem({ kind, name, args, result, source }: TraceItem, terminal: Terminal): string {
  const answer = (text: string) => paint(terminal, 'dim', ` → ${text}`);
  switch (kind) {
    case 'log':
      return String(args[0]);
    case 'step':
      return `${showWay(name, result)}${answer(showStep(result))}`;
    case 'provisioning':
      return String((result as { result?: unknown }).result);
    case 'end':
      return name;
    default: {
      const shown = kind === 'start' ? name : showCall(name, args);
      const made = source === 'fake' ? ' (fake)' : '';
      return `${shown}${result === null && !made ? '' : answer(`${short(result)}${made}`)}`;
    }
  }
}

/** A call as a script writes it; arguments that were left out at its end stay out. */
export function showCall(name: string, args: readonly unknown[]): string {
  const last = args.findLastIndex((arg) => arg !== null);
  return `${name}(${args
    .slice(0, last + 1)
    .map(short)
    .join(', ')})`;
}

/** Whom somebody came through: the connection, or our own authenticator. */
function showWay(authenticator: string, result: unknown): string {
  const { idp } = result as { idp?: string | null };
  return typeof idp === 'string' && idp !== localIdp ? idp : authenticator;
}

function showStep(result: unknown): string {
  const {
    outcome,
    amr = [],
    code,
    reused,
  } = result as {
    outcome: string;
    amr?: string[];
    code?: string;
    reused?: boolean;
  };
  return [outcome, code, amr.length > 0 ? amr.join('+') : undefined, reused ? 'by the session' : undefined]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** Attempts after which the page is shown again are no entries of a sign-in: told where there were any. */
function describeAttempts(trace: readonly TraceItem[], steps: DryRunAnswer['steps']): string {
  if (steps.length === trace.filter(({ kind }) => kind === 'step').length) return '';
  const told = steps.map(({ step, authenticator, outcome }) => `step ${step} ${authenticator ?? ''} ${outcome}`);
  return `attempts: ${told.join(', ')}\n`;
}

function describeAccount(
  { idp, result, changes, asks, problem }: DryRunAnswer['provisioning'][number],
  terminal: Terminal,
): string {
  const lines = [
    ...asks.map((what) => `asks for ${what}`),
    ...changes.map(({ what, before, after }) => `${what}: ${before ?? 'nothing'} → ${after ?? 'nothing'}`),
    ...(problem ? [`${problem.code}: ${problem.detail}`] : []),
  ];
  return [
    `account of the person from ${idp}: ${result}\n`,
    ...lines.map((line) => paint(terminal, 'dim', `    ${line}\n`)),
  ].join('');
}

/** Without the line break at its end. */
export function describeOutcome({ result, code, message, waitingFor }: Outcome, terminal: Terminal): string {
  const colour = result === 'success' ? 'green' : result === 'waiting' ? 'yellow' : 'red';
  const why = code ? ` ${code}: ${message}` : '';
  const missing = waitingFor ? tellMissing(waitingFor).what : null;
  const waited = missing === null ? '' : result === 'waiting' ? ` for ${missing}` : ` (it waited for ${missing})`;
  return paint(terminal, colour, `${result}${why}${waited}`);
}

/** What a run waits for, and the part of a scenario that would answer it. */
export function tellMissing(waitingFor: NonNullable<Outcome['waitingFor']>): { what: string; scenario: object } {
  const { kind, step, name, args, options } = waitingFor as {
    kind: string;
    step?: number;
    name?: string;
    args?: unknown[];
    options?: { idp: string; authenticator: string }[];
  };
  switch (kind) {
    case 'step': {
      const ways = (options ?? []).map(({ idp, authenticator }) => (idp === localIdp ? authenticator : idp));
      const what = `step ${step}${ways.length > 0 ? `: ${ways.join(' or ')}` : ''}`;
      return { what, scenario: { steps: { [String(step)]: [{ outcome: 'success' }] } } };
    }
    case 'prompt':
      return { what: `the prompt «${name}»`, scenario: { prompts: [{ action: 'success' }] } };
    default: {
      const call = showCall(String(name), args ?? []);
      return { what: call, scenario: { functions: { [String(name)]: [{ outcome: 'success', data: null }] } } };
    }
  }
}

export function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
