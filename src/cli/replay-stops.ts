import { isDeepStrictEqual } from 'node:util';
import type { TraceItem } from '../lab/dry-run-types.ts';
import type { ReplayAnswer } from '../lab/replay-types.ts';
import { describeItem, short, showCall } from './describe-run.ts';
import { paint, type Terminal } from './terminal.ts';

type Moment = ReplayAnswer['moments'][number];

/** An entry of a replayed sign-in, and what the script had when it asked for it. */
export interface Stop {
  seq: number;
  items: TraceItem[];
  variables: Moment['variables'];
  /** Names of variables that are new, or other than at the entry before. */
  changed: string[];
  /** What waits for its turn, next first, with its callbacks. */
  queue: Moment['queue'];
}

export function listStops({ trace, moments }: Pick<ReplayAnswer, 'trace' | 'moments'>): Stop[] {
  const stops: Stop[] = [];
  for (const item of trace) {
    const last = stops.at(-1);
    if (last?.seq === item.seq) {
      last.items.push(item);
      continue;
    }
    const { variables = {}, queue = [] } = moments.findLast(({ seq }) => seq <= item.seq) ?? {};
    const before = last?.variables ?? {};
    const changed = Object.keys(variables).filter((name) => !isDeepStrictEqual(variables[name], before[name]));
    stops.push({ seq: item.seq, items: [item], variables, changed, queue });
  }
  return stops;
}

/** A stop as somebody reads it who goes from one to the next. @param script null where nobody has it any more */
export function describeStop(stop: Stop, answer: ReplayAnswer, script: string | null, terminal: Terminal): string {
  const { differs, notReplayable, outcome } = answer;
  const last = answer.trace.at(-1)?.seq ?? 0;
  // A call whose turn it is stands first in the queue.
  const [first, ...others] = stop.queue;
  const own = first && stop.items.some((item) => isCallOf(item, first)) ? first : null;
  const waiting = own ? others : stop.queue;
  const variables = Object.entries(stop.variables).filter(([, value]) => !isFunction(value));
  return [
    paint(terminal, 'bold', `entry ${stop.seq} of ${last}\n`),
    script === null ? '' : showSource(script, stop, terminal),
    ...stop.items.map((item) => describeItem(item, terminal, outcome)),
    own && own.handlers.length > 0 ? `${paint(terminal, 'dim', 'callbacks')} ${own.handlers.join(', ')}\n` : '',
    ...(variables.length > 0 ? [paint(terminal, 'dim', 'variables\n')] : []),
    ...variables.map(([name, value]) => showVariable(name, value, stop.changed.includes(name), terminal)),
    ...(waiting.length > 0 ? [paint(terminal, 'dim', 'waiting for their turn\n')] : []),
    ...waiting.map(showQueued),
    differs?.seq === stop.seq ? paint(terminal, 'yellow', `differs here: ${differs.message}\n`) : '',
    stop.seq === last && notReplayable !== null ? paint(terminal, 'yellow', `${notReplayable}\n`) : '',
  ].join('');
}

function isCallOf({ name, args }: TraceItem, queued: Moment['queue'][number]): boolean {
  return name === queued.name && isDeepStrictEqual(args, queued.args);
}

/** How much of the script is seen above and below the line. */
const around = 2;

function showSource(script: string, { items }: Stop, terminal: Terminal): string {
  const at = items.find(({ line }) => line !== null);
  if (!at || at.library !== undefined) return '';
  const lines = script.split('\n');
  const first = Math.max(1, at.line! - around);
  return lines
    .slice(first - 1, at.line! + around)
    .map((text, i) => {
      const here = first + i === at.line;
      const row = `${here ? '>' : ' '}${String(first + i).padStart(4)} | ${text.slice(0, 110)}\n`;
      return here ? row : paint(terminal, 'dim', row);
    })
    .join('');
}

/** A star says that it has changed, also to those who see no colours. */
function showVariable(name: string, value: unknown, changed: boolean, terminal: Terminal): string {
  const text = `${changed ? '*' : ' '} ${name} = ${tellValue(value)}\n`;
  return changed ? paint(terminal, 'yellow', text) : text;
}

function showQueued({ name, args, handlers, line }: Moment['queue'][number]): string {
  const callbacks = handlers.length > 0 ? `, then ${handlers.join(' or ')}` : '';
  return `  ${showCall(name, args)}${callbacks}${line === null ? '' : ` (line ${line})`}\n`;
}

export function isFunction(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '$is' in value && value.$is === 'function';
}

export function tellValue(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('$is' in value)) return short(value);
  return 'name' in value ? `${value.$is} ${value.name}` : String(value.$is);
}

const prompt = 'n next, p previous, a number, q quit: ';

/**
 * Goes through the stops as somebody says who sits before the terminal, forward and back; Enter goes the way that was gone
 * last. Resolves when they have seen enough.
 */
export async function walk(
  stops: readonly Stop[],
  show: (stop: Stop) => void,
  ask: NonNullable<Terminal['ask']>,
  complain: (text: string) => void,
): Promise<void> {
  let at = 0;
  let way = 1;
  if (stops[at]) show(stops[at]!);
  for (;;) {
    const said = (await ask(prompt))?.trim();
    if (said === undefined || /^q(uit)?$/.test(said)) return;
    const wanted = /^\d+$/.test(said) ? stops.findIndex(({ seq }) => seq === Number(said)) : null;
    if (/^n(ext)?$/.test(said)) way = 1;
    else if (/^p(revious)?$/.test(said)) way = -1;
    else if (wanted === null && said !== '') {
      complain(`«${said}» is nothing that can be done here.\n`);
      continue;
    }
    const to = wanted ?? at + way;
    if (stops[to]) {
      at = to;
      show(stops[at]!);
    } else
      complain(
        wanted !== null ? `There is no entry ${said}.\n` : `That was the ${way > 0 ? 'last' : 'first'} entry.\n`,
      );
  }
}
