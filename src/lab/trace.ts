import type { Place, SaidLine } from '../../sandbox/protocol.ts';
import { placeOf } from '../../sandbox/protocol.ts';
import { provisioningOp, type StepAnswer } from '../login/answers.ts';
import type { JournalEntry } from '../login/journal.ts';
import { identifierOp } from '../login/read-prompt.ts';
import { scriptFunctions } from '../script-api/index.ts';
import type { AnswerSource, Trace, TraceItem } from './dry-run-types.ts';
import { excerpt } from './excerpt.ts';

export interface TraceEnd extends Place {
  result: 'success' | 'failure' | 'error' | 'waiting' | 'running';
  code: string | null;
  message: string | null;
  at: number;
}

/** A journal as people read it: every question with its answer, the script's log lines where they were said, and the end. */
export function makeTrace(
  journal: readonly JournalEntry[],
  said: readonly SaidLine[],
  end: TraceEnd,
  /** Of the answers that a dry run took from elsewhere, by the number of the entry. */
  sources: ReadonlyMap<number, AnswerSource> = new Map(),
): Trace {
  const began = journal[0]?.at ?? end.at;
  const since = (at: number) => Math.round((at - began) * 100) / 100;
  const trace: Trace = [];
  journal.forEach((entry, seq) => {
    const source = sources.get(seq);
    for (const item of describeEntry(entry, seq, since(entry.at))) trace.push(source ? { ...item, source } : item);
    for (const line of said) {
      if (line.after === seq + 1) trace.push(describeLine(line, since(entry.at)));
    }
  });
  const { result, code, message, at } = end;
  if (result !== 'running') {
    const about = { code, message };
    trace.push({
      seq: journal.length,
      kind: 'end',
      name: result,
      ...placeOf(end),
      args: [],
      result: about,
      atMs: since(at),
    });
  }
  return trace.map((item) => ({ ...item, args: item.args.map((one) => excerpt(one)), result: excerpt(item.result) }));
}

function describeEntry(entry: JournalEntry, seq: number, atMs: number): TraceItem[] {
  const { op, args, answer } = entry;
  const given = JSON.parse(args) as unknown[];
  const result = JSON.parse(answer);
  const base = { seq, ...placeOf(entry), atMs };
  switch (op) {
    case 'start': {
      const { request, requestedAcr } = result;
      return [{ ...base, kind: 'start', name: 'onLoginRequest', args: [], result: { ip: request?.ip, requestedAcr } }];
    }
    case 'step':
      return [
        { ...base, kind: 'call', name: 'executeStep', args: given, result: null },
        { ...base, kind: 'step', name: result.authenticator ?? '', args: [result.step], result: shownStep(result) },
      ];
    case 'prompt':
    case identifierOp:
      return [{ ...base, kind: 'prompt', name: op, args: given, result }];
    case provisioningOp:
      return [{ ...base, kind: 'provisioning', name: 'provisioning', args: given, result: result.provisioning }];
    default: {
      const effect = scriptFunctions.get(op)?.effect;
      const kind = effect === 'changes' || effect === 'sends' || effect === 'tells' ? 'effect' : 'call';
      return [{ ...base, kind, name: op, args: given, result }];
    }
  }
}

/** What is told of a step: not the provider's claims in full, which the objects show to those who may read people. */
function shownStep(answer: StepAnswer): Record<string, unknown> {
  const { step, outcome, idp, authenticator, user } = answer;
  return answer.outcome === 'success'
    ? {
        step,
        outcome,
        idp,
        authenticator,
        user,
        amr: answer.amr,
        ...(answer.reused ? { reused: true } : {}),
        ...(answer.provisioning ? { provisioning: answer.provisioning.result } : {}),
      }
    : { step, outcome, idp, authenticator, user, ...answer.failure };
}

function describeLine(line: SaidLine, atMs: number): TraceItem {
  const { after, level, text } = line;
  return { seq: after - 1, kind: 'log', name: `Log.${level}`, ...placeOf(line), args: [text], result: null, atMs };
}
