import type { Limits, PlayResult, SaidLine } from '../../sandbox/protocol.ts';
import { noUsage, nowhere, placeOf } from '../../sandbox/protocol.ts';
import { errors } from '../kernel/errors.ts';
import { spentOnCalls } from '../login/call.ts';
import { endsWell, type Failure, type FindAllowedUrl, readFailure } from '../login/ending.ts';
import type { JournalEntry } from '../login/journal.ts';
import type { Login } from '../login/login.ts';
import { personSentence } from '../pages/errors.ts';
import type { DryRunAnswer, LoginUsage } from './dry-run-types.ts';
import type { TraceEnd } from './trace.ts';

/** What a play used, against what it may use. */
export function describeUsage(
  { usage, said }: Pick<PlayResult, 'usage'> & { said: readonly SaidLine[] },
  { limits, journal, script }: { limits: Limits; journal: readonly JournalEntry[]; script: string },
): DryRunAnswer['usage'] {
  const cpu = usage.turns.map((turn) => turn.cpuUs);
  return {
    turnCpuMs: { used: toMs(Math.max(0, ...cpu)), limit: limits.turnCpuMs },
    cpuMs: { used: toMs(cpu.reduce((sum, one) => sum + one, 0)), limit: limits.loginCpuMs },
    turnWallMs: { used: toMs(usage.turnWallMs * 1000), limit: limits.turnWallMs },
    callMs: { used: spentOnCalls(journal), limit: limits.callWallMs },
    heapBytes: { used: usage.heapBytes, limit: limits.memoryMiB * 2 ** 20 },
    scriptBytes: { used: Buffer.byteLength(script), limit: limits.scriptBytes },
    journalEntries: { used: journal.length, limit: limits.entries },
    queue: { used: usage.queued, limit: limits.queue },
    argumentBytes: { used: usage.argumentBytes, limit: limits.argumentBytes },
    logLines: { used: usage.logLines + usage.logLinesLeftOut, limit: limits.logLines },
    logLineBytes: { used: Math.max(0, ...said.map(({ text }) => Buffer.byteLength(text))), limit: limits.logLineBytes },
  };
}

/** The same of a login that was played long ago: what only a play can measure is not known. */
export function describeKeptUsage(
  login: Pick<Login, 'createdAt' | 'expiresAt' | 'endedAt'>,
  {
    limits,
    journal,
    said,
    script,
    now,
  }: { limits: Limits; journal: readonly JournalEntry[]; said: readonly SaidLine[]; script: string; now: number },
): LoginUsage {
  const turns = journal.map(({ cpuUs }, seq) => ({ seq, cpuUs: cpuUs ?? 0 }));
  const usage = { ...noUsage, turns, logLines: said.length };
  const { turnWallMs, heapBytes, queue, argumentBytes, ...known } = describeUsage(
    { usage, said },
    { limits, journal, script },
  );
  return {
    ...known,
    turnWallMs: { ...turnWallMs, used: null },
    heapBytes: { ...heapBytes, used: null },
    queue: { ...queue, used: null },
    argumentBytes: { ...argumentBytes, used: null },
    loginMs: { used: (login.endedAt ?? now) - login.createdAt, limit: login.expiresAt - login.createdAt },
  };
}

/** Microseconds as milliseconds with two digits behind the point. */
function toMs(us: number): number {
  return Math.round(us / 10) / 100;
}

/** Null for a success. */
export function failureOf(
  result: PlayResult & { kind: 'ends' | 'differs' },
  findAllowedUrl: FindAllowedUrl,
): Failure | null {
  return endsWell(result) ? null : readFailure(result, findAllowedUrl);
}

/** @param failure null for a success, and for a play that waits; a login may have ended while it waited */
export function describeEnd(
  result: PlayResult,
  failure: Failure | null,
  missing: Record<string, unknown> | null,
  at: number,
): {
  outcome: Pick<
    DryRunAnswer['outcome'],
    'result' | 'code' | 'message' | 'line' | 'column' | 'library' | 'waitingFor' | 'redirect' | 'application' | 'limit'
  >;
  trace: TraceEnd;
} {
  const verdict = result.kind === 'ends' ? result.verdict : null;
  const place = verdict && verdict.result !== 'success' ? placeOf(verdict) : nowhere;
  const isOver = failure !== null || result.kind !== 'waits';
  const kind = !isOver ? 'waiting' : !failure ? 'success' : failure.code.startsWith('SCRIPT_') ? 'error' : 'failure';
  const message = failure && (failure.detail ?? messageOf(failure));
  const code = failure?.code ?? null;
  const redirect = failure?.ending.kind === 'elsewhere' ? failure.ending.url : null;
  return {
    outcome: {
      result: kind,
      code,
      message,
      limit: failure?.limit ?? null,
      ...place,
      waitingFor: result.kind === 'waits' ? missing : null,
      redirect,
      application: failure && toldApplication(failure),
    },
    trace: { result: kind, code, message, ...place, at },
  };
}

/** The error that the application gets, at once or when the person goes on from the page. */
function toldApplication({ ending }: Failure): NonNullable<DryRunAnswer['outcome']['application']> | null {
  if (!('result' in ending) || ending.result.ok) return null;
  const { ok: _, ...told } = ending.result;
  return told;
}

/** The sentence that the person would read, where it says more than the admin's. */
function messageOf({ code, params }: Failure): string {
  return Object.keys(params).length > 0 ? personSentence('en', code, params) : errors[code].admin;
}
