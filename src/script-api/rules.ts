import { defaultLimits, type Limits, outcomes, type Verdict } from '../../sandbox/protocol.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { ScriptFunction } from './definition.ts';

/** What the callbacks of a call may be named; `any` for prompts, whose actions have names of their own. */
export function handlerNamesOf({ handlers, group }: ScriptFunction): readonly string[] | 'any' {
  if (!handlers) return [];
  if (group === 'prompts') return 'any';
  return group === 'steps' ? stepHandlers : callHandlers;
}

const namesFor = (...ends: string[]) => [...new Set(ends.flatMap((end) => outcomes[end]?.handlers ?? []))];

/** What a step can answer with, and so which callbacks can be called. */
export const stepHandlers: readonly string[] = namesFor('success', 'fail', 'abort', 'fallback');
/** The same for a call with handlers. */
export const callHandlers: readonly string[] = namesFor('success', 'fail', 'timeout');

/** When a sign-in ends, and how; by the sandbox's own name of the rule. */
export const verdictRules: Readonly<Record<'success' | (Verdict & { result: 'failure' })['by'] | 'error', string>> = {
  success: 'Nothing is left to run, and a step that proves who the person is was passed.',
  fail: '`fail` was called. The callback runs to its end, the first verdict stands, and nothing more is scheduled.',
  sendError: '`sendError` was called. The same holds as for `fail`.',
  unanswered: 'A step or a call failed, and the script gave no callback that takes it.',
  'empty-handler': 'A step failed, and its callback scheduled nothing: whatever was waiting does not run.',
  'no-step': 'Nothing is left to run, and no step that proves who the person is was passed.',
  error: 'The script threw, broke a limit, or called a function wrongly. The sign-in fails closed.',
};

/** Each limit with its unit, and the code of what ends when it is met (null: something is left out); the values are the sandbox's. */
const limitSummaries: Readonly<Record<keyof Limits, { unit: string; code: ErrorCode | null; summary: string }>> = {
  turnCpuMs: { unit: 'ms', code: 'SCRIPT_TIMEOUT', summary: 'CPU time of one turn (one callback).' },
  loginCpuMs: {
    unit: 'ms',
    code: 'SCRIPT_LOGIN_TIMEOUT',
    summary: 'CPU time of all turns of a sign-in; playing them again is not counted.',
  },
  turnWallMs: { unit: 'ms', code: 'SCRIPT_WALL_TIMEOUT', summary: 'Time on the clock that one turn may take.' },
  callWallMs: {
    unit: 'ms',
    code: 'CALL_TIMEOUT',
    summary: 'Time on the clock that the calls of a sign-in to other servers may take.',
  },
  memoryMiB: { unit: 'MiB', code: 'SCRIPT_MEMORY', summary: 'Memory of the script.' },
  scriptBytes: { unit: 'bytes', code: 'SCRIPT_TOO_LONG', summary: 'Length of a script in UTF-8.' },
  entries: { unit: 'entries', code: 'SCRIPT_LIMIT', summary: 'Calls and steps of a sign-in.' },
  queue: { unit: 'calls', code: 'SCRIPT_QUEUE', summary: 'Steps and calls with callbacks that may wait at once.' },
  logLines: { unit: 'lines', code: null, summary: 'Log lines of a sign-in; one more tells how many were left out.' },
  logLineBytes: { unit: 'bytes', code: null, summary: 'Length of a log line in UTF-8; longer ones are cut.' },
  argumentBytes: {
    unit: 'characters',
    code: 'SCRIPT_DATA',
    summary: 'Arguments of all calls of a sign-in as JSON; what the script sets, too.',
  },
};

/** What a call counts against, besides the time and the memory of its turn. */
export function limitsOf({ effect, handlers }: ScriptFunction): (keyof Limits)[] {
  const journalled = effect !== 'steers' || handlers !== undefined;
  return [
    ...(journalled ? (['entries'] as const) : []),
    'argumentBytes',
    ...(handlers ? (['queue'] as const) : []),
    ...(effect === 'asks' ? (['callWallMs'] as const) : []),
  ];
}

export function describeLimits(limits: Limits = defaultLimits) {
  return Object.entries(limitSummaries).map(([name, of]) => ({ name, value: limits[name as keyof Limits], ...of }));
}
