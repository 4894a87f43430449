import type { Question } from '../../sandbox/protocol.ts';
import { second } from '../kernel/clock.ts';
import { AppError, type ErrorCode } from '../kernel/errors.ts';
import type { LoginId } from '../kernel/ids.ts';
import type { AskingFunction, CallAnswer } from '../script-api/definition.ts';
import { callLimits } from '../script-api/http/limits.ts';
import { scriptFunctions } from '../script-api/index.ts';
import { type Outside, OutsideFailure } from '../script-api/outside.ts';
import { readArguments } from '../script-api/read-arguments.ts';
import type { LoginDeps } from './deps.ts';
import type { JournalEntry } from './journal.ts';
import type { Login } from './login.ts';
import { moveOn } from './turn.ts';
import type { Visit } from './visit.ts';
import { type CallWaiting, openWaiting, sealWaiting } from './waiting.ts';

/*
 * A call that asks somebody outside is made in three parts, because no transaction reaches that far: it is claimed in the
 * login's row, made outside of every unit and of the login's turn, and then its answer is the journal's entry. Whoever finds
 * a claim that has run out, or whose process is gone, makes the call again, with the same idempotency key: so it is made at least once.
 */

/** Opens the outside for one attempt at one call. Once `signal` is aborted nobody waits for it any more. */
export type OpenOutside = (call: {
  loginId: LoginId;
  seq: number;
  /** When the login began, in milliseconds since the epoch: secrets are of that moment. */
  beganAt: number;
  signal: AbortSignal;
}) => Outside;

/** A call that this request must now make and settle, outside of the login's turn. */
export interface ClaimedCall {
  kind: 'claimed';
  visit: Visit<CallWaiting>;
  /** The arguments, none of them hidden: they are in memory alone. */
  plainArgs: string;
}

/** An answer as the journal has it: with the time that the person was kept waiting for it. */
type TimedAnswer = CallAnswer & { tookMs: number };

/** After so many breakdowns nobody knows what a call has done, and it is left at that. */
const { value: mostAttempts } = callLimits.begins;

/** Beyond the time that a call may take, until a claim is taken for that of a dead process. */
const claimMargin = 2 * second;

/**
 * Claims the call that the script waits for; whoever gets `claimed` makes it.
 * @throws AppError STEP_NOT_CURRENT when another request was faster
 */
export async function beginCall(
  deps: LoginDeps,
  at: Omit<Visit, 'waiting'>,
  { seq, op, args, plainArgs = args, handlers, line, column }: Question,
): Promise<ClaimedCall | { kind: 'done'; login: Login }> {
  const { database, box, clock, limits, run } = deps;
  const { login } = at;
  const before = login.waitingSealed === null ? null : openWaiting(box, login.id, login.waitingSealed);
  const attempt = before?.kind === 'call' && before.seq === seq ? before.attempt + 1 : 1;
  const allowedMs = limits.callWallMs - spentOnCalls(at.journal);
  const waiting: CallWaiting = {
    ...{ kind: 'call', seq, op, args, handlers, line, column, attempt, allowedMs },
    claimedBy: run.mark,
    claimedUntil: clock.now() + allowedMs + claimMargin,
  };
  if (attempt > mostAttempts || allowedMs <= 0) {
    const answer =
      attempt > mostAttempts
        ? failed('fail', 'CALL_UNKNOWN', `It was begun ${mostAttempts} times.`)
        : failed('timeout', 'CALL_TIMEOUT', `Earlier calls took all of the ${limits.callWallMs} ms.`);
    return { kind: 'done', login: await settleCall(deps, { ...at, waiting }, { ...answer, tookMs: 0 }) };
  }
  const waitingSealed = sealWaiting(box, login.id, waiting);
  const moved = await database.unit(({ logins }) => moveOn(logins, { ...login, waitingSealed }));
  return { kind: 'claimed', visit: { ...at, login: moved, waiting }, plainArgs };
}

/** Is nobody at work on the call any more? Should somebody be after all, one answer counts: the first. */
export function isAbandoned({ run, clock }: Pick<LoginDeps, 'run' | 'clock'>, waiting: CallWaiting): boolean {
  return waiting.claimedUntil <= clock.now() || run.isOver(waiting.claimedBy);
}

/** Makes a claimed call. Whatever happens, there is an answer in the time that is left for it. */
export async function makeCall(
  { openOutside, log }: LoginDeps,
  { visit: { login, waiting, facts }, plainArgs }: ClaimedCall,
): Promise<TimedAnswer> {
  const { seq, op, allowedMs } = waiting;
  const fn = getAskingFunction(op);
  const began = performance.now();
  const tooLate = new OutsideFailure('timeout', 'CALL_TIMEOUT', `«${op}» was given ${Math.round(allowedMs)} ms.`);
  const patience = new AbortController();
  const end = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    patience.abort(tooLate);
    end.reject(tooLate);
  }, allowedMs);
  const tookMs = () => Math.ceil(performance.now() - began);
  try {
    const outside = openOutside({ loginId: login.id, seq, beganAt: facts.start.at, signal: patience.signal });
    const given = readArguments(fn, JSON.parse(plainArgs)) as never[];
    return { ...(await Promise.race([fn.run(outside, ...given), end.promise])), tookMs: tookMs() };
  } catch (failure) {
    if (failure instanceof OutsideFailure) {
      return { ...failed(failure.outcome, failure.code, failure.detail), tookMs: tookMs() };
    }
    log.warn({ err: failure, login: login.id, call: op }, 'A call of a script broke down.');
    return { ...failed('fail', 'CALL_FAILED', 'A fault in Stepgate itself; the log has it.'), tookMs: tookMs() };
  } finally {
    clearTimeout(timer);
  }
}

/** Writes the call's entry, and lets the login go on. */
export async function settleCall(
  { database, journals, clock }: LoginDeps,
  { login, waiting }: Visit<CallWaiting>,
  answer: TimedAnswer,
): Promise<Login> {
  const { seq, op, args, line, column } = waiting;
  const now = clock.now();
  const entry: JournalEntry = {
    ...{ op, args, line, column, at: now, cpuUs: null },
    answer: JSON.stringify({ at: now, ...answer }),
  };
  return database.unit(async ({ logins }) => {
    await journals.append(logins, login.id, seq, entry);
    return moveOn(logins, { ...login, cursor: seq + 1, waitingSealed: null });
  });
}

/** Milliseconds that the person has been kept waiting for calls so far. */
export function spentOnCalls(journal: readonly JournalEntry[]): number {
  const calls = journal.filter(({ op }) => scriptFunctions.get(op)?.effect === 'asks');
  return calls.reduce((sum, { answer }) => sum + (JSON.parse(answer) as TimedAnswer).tookMs, 0);
}

function getAskingFunction(op: string): AskingFunction {
  const fn = scriptFunctions.get(op);
  if (fn?.effect !== 'asks') throw new AppError('INTERNAL', { detail: `«${op}» is no call.` });
  return fn;
}

function failed(outcome: 'fail' | 'timeout', code: ErrorCode, detail: string | null): CallAnswer {
  return { outcome, data: {}, failure: { code, params: {}, detail } };
}
